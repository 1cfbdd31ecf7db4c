//! The only modules that speak diesel: one file per table, each with its private row.
//!
//! [`Store::run`] is the one place where a request leaves the async threads.

pub mod access_answers;
pub mod accesses;
pub mod alert_reports;
pub mod authorities;
pub mod authority_readings;
pub mod authority_versions;
pub mod backlog;
pub mod channels;
pub mod child_accesses;
pub mod children;
pub mod clients;
mod connections;
mod disclosure_statement;
pub mod durability;
pub mod ended_by_writes;
mod error;
pub mod health;
pub mod held_plans;
pub mod held_uploads;
pub mod history_months;
pub mod identifiers;
pub mod job_roles;
pub mod look_findings;
pub mod look_patterns;
pub mod look_tallies;
mod match_rates;
pub mod matchings;
mod measures;
pub mod mesh_messages;
pub mod mesh_watches;
pub mod migrations;
mod moved_plans;
mod notification_rows;
pub mod notifications;
pub mod number_changes;
pub mod of_authority;
pub mod operator;
pub mod organisations;
pub mod outbox;
pub mod partitions;
mod patience;
pub mod plan_ends;
pub mod plan_versions;
pub mod plans;
pub mod provision;
pub mod register_changes;
pub mod registration;
pub mod report_tallies;
pub mod request_looks;
pub mod retirements;
pub mod schema;
pub mod sealable_rows;
pub mod sealed_checkpoints;
pub mod sealed_kinds;
pub mod sealed_rows;
pub mod security_log;
pub mod showing_months;
mod single;
pub mod standing_plans;
pub mod subscriptions;
pub mod told_before;
pub mod told_plans;
pub mod uploads;
pub mod used_assertions;
mod viewer_rows;
pub mod waiting_reports;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::Connection as _;
use tokio::sync::Semaphore;

use crate::secrets::SecretText;

pub use connections::Side;
use connections::{Connection, Connections, Losses};
pub use disclosure_statement::disclosure_by_nhs_number;
pub use error::StoreError;
pub use measures::{PoolUse, StoreMeasures};
pub use of_authority::AuthorityStore;

/// A connection that work runs on: what the doors pass from one table to the next.
pub type Postgres = PgConnection;

/// Where a side's database is, and how long a request may wait for it.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// A libpq URL: a secret, where a password is in it.
    pub url: SecretText,
    /// The most connections at once.
    pub connections: u32,
    /// The longest a request waits for its turn at a connection.
    pub wait: Duration,
    /// The longest a request waits for its answer, the turn included.
    pub deadline: Duration,
}

/// One side's way to the database.
#[derive(Clone)]
pub struct Store {
    pool: r2d2::Pool<Connections>,
    turns: Arc<Semaphore>,
    losses: Losses,
    wait: Duration,
    deadline: Duration,
    measures: Arc<StoreMeasures>,
}

impl Store {
    /// Opens a side's pool. The database need not be there yet: until it is, every request is told
    /// that the service cannot answer.
    #[must_use]
    pub fn open(settings: StoreSettings, side: Side) -> Self {
        let losses = Losses::default();
        let connections = Connections {
            url: patience::patient(&settings.url),
            side,
            losses: losses.clone(),
        };
        let pool = r2d2::Pool::builder()
            .max_size(settings.connections)
            .min_idle(Some(1))
            .connection_timeout(settings.wait)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(connections);
        let turns = usize::try_from(settings.connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            pool,
            turns: Arc::new(Semaphore::new(turns)),
            losses,
            wait: settings.wait,
            deadline: settings.deadline,
            measures: Arc::default(),
        }
    }

    /// Runs work on a connection, off the async threads and inside the present span.
    ///
    /// The work may run twice: once more, on a fresh connection, when the first found the database
    /// gone. It must therefore be one statement or one transaction, and carry its ids with it, so
    /// that a second run of what had succeeded is refused by a key and never doubles a row.
    ///
    /// # Errors
    /// [`StoreError`], within the deadline, whatever the database does.
    pub async fn run<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let answer = tokio::time::timeout(self.deadline, self.run_in_turn(work)).await;
        self.measures
            .judged(answer.unwrap_or(Err(StoreError::Late)))
    }

    /// The longest a request waits for its answer.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// An answer that was read elsewhere, counted where it is none.
    ///
    /// # Errors
    /// The answer's.
    pub fn judged<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.measures.judged(answer)
    }

    /// What comes within this side's deadline of asking it in several ways.
    ///
    /// # Errors
    /// What came, or [`StoreError::Late`].
    pub async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(answer) => answer,
            Err(_elapsed) => self.measures.judged(Err(StoreError::Late)),
        }
    }

    /// Runs work in one transaction: all of it is committed, or none.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn transaction<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        self.run(move |postgres| postgres.transaction(|postgres| work(postgres)))
            .await
    }

    /// Runs work in one transaction that sees the database as it is at its beginning, however many
    /// statements it takes: what is read in pieces is all of one moment.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn snapshot<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        self.run(move |postgres| {
            let mut transaction = postgres.build_transaction().repeatable_read();
            transaction.run(|postgres| work(postgres))
        })
        .await
    }

    async fn run_in_turn<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: Fn(&mut PgConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let since = Instant::now();
        let waiting = self.measures.waiting.enter();
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.turns).acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(StoreError::Busy)?;
        drop(waiting);
        let store = self.clone();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            // The turn ends with the work, not with the request that stopped waiting for it.
            let _turn = turn;
            span.in_scope(|| store.run_here(since, &work))
        })
        .await
        .unwrap_or(Err(StoreError::CutShort))
    }

    /// Runs work on the present thread; for commands and background tasks.
    ///
    /// # Errors
    /// As [`Store::run`], but for the deadline.
    pub fn run_blocking<T>(
        &self,
        work: &dyn Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.measures.judged(self.run_here(Instant::now(), work))
    }

    fn run_here<T>(
        &self,
        since: Instant,
        work: &dyn Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.attempt(since, work) {
            Err(error) if error.lost() => {
                self.losses.note();
                self.attempt(Instant::now(), work)
            }
            answer => answer,
        }
    }

    /// Runs work in one transaction on the present thread; for background tasks.
    ///
    /// # Errors
    /// As [`Store::run_blocking`].
    pub fn transaction_blocking<T>(
        &self,
        work: &dyn Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run_blocking(&|postgres| postgres.transaction(|postgres| work(postgres)))
    }

    fn attempt<T>(
        &self,
        since: Instant,
        work: &dyn Fn(&mut PgConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut pooled = self.pool.get().ok().ok_or(StoreError::Unreachable)?;
        let connection: &mut Connection = &mut pooled;
        // Until the work has succeeded, a connection that a panic or an error leaves behind in
        // an unknown state must not serve another child's request.
        connection.spent = true;
        let begun_at = self.measures.had(since);
        let answer = work(&mut connection.postgres);
        self.measures.work.add(begun_at.elapsed());
        connection.spent = match &answer {
            Ok(_) => false,
            Err(failed) => !connection.outlived(failed),
        };
        answer
    }
}
