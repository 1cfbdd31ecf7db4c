//! What only the database knows, asked when the page is asked for: within a second, by one question
//! of a side at a time, so that monitoring takes at most one connection of a side even while the
//! database is frozen. What was not answered is not told.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::api::service::Service;
use crate::metrics::definitions::{
    CHECKPOINT_SIZE, DATABASE_ANSWERS, GIVEN_UP, OVERDUE, OWED, OWED_AGE, REPORTS, REPORTS_AGE,
    SEALING_LAG, UNSEALED,
};
use crate::metrics::page::Page;
use crate::notifier::alarm;
use crate::sealing::lag;
use crate::store::sealed_checkpoints::Unsealed;
use crate::store::{
    Postgres, Store, StoreError, backlog, health, sealed_checkpoints, waiting_reports,
};

/// The longest that all of it is waited for.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// One turn for each side of the database.
#[derive(Debug)]
pub(super) struct Turns {
    query: Arc<Semaphore>,
    intake: Arc<Semaphore>,
    notifier: Arc<Semaphore>,
    upkeep: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        let turn = || Arc::new(Semaphore::new(1));
        Self {
            query: turn(),
            intake: turn(),
            notifier: turn(),
            upkeep: turn(),
        }
    }
}

/// Asks for all of it, and tells what was answered.
pub(super) async fn tell(service: &Service, page: &mut Page) {
    let now = service.clock.now();
    let turns = &service.metrics.turns;
    let (sealed, takes_in, owed, reports) = tokio::join!(
        sealed(service),
        asked(&turns.intake, &service.intake, health::answers),
        owed(service, now),
        asked(&turns.upkeep, &service.upkeep, move |postgres| {
            waiting_reports::waiting(postgres, now)
        }),
    );
    for (side, answers) in [
        ("query", sealed.is_some()),
        ("intake", takes_in.is_some()),
        ("notifier", owed.is_some()),
        ("upkeep", reports.is_some()),
    ] {
        page.whole(&DATABASE_ANSWERS, &[side], i64::from(answers));
    }
    if let Some(Some((unsealed, size))) = sealed {
        page.whole(&UNSEALED, &[], unsealed.rows);
        page.whole(&SEALING_LAG, &[], lag::age(&unsealed, now).num_seconds());
        page.whole(&CHECKPOINT_SIZE, &[], size);
    }
    if let Some((owed, overdue)) = owed {
        page.whole(&OWED, &[], owed.owed);
        page.whole(&OWED_AGE, &[], alarm::age(&owed, now).num_seconds());
        page.whole(&GIVEN_UP, &[], owed.given_up);
        page.size(&OVERDUE, &[], overdue);
    }
    if let Some(waiting) = reports {
        let age = waiting.oldest.map(|at| now.signed_duration_since(at));
        page.whole(&REPORTS, &[], waiting.reports);
        page.whole(&REPORTS_AGE, &[], age.unwrap_or_default().num_seconds());
    }
}

/// What waits to be sealed, and how large the tree was that was signed last; nothing of it where
/// this process does not seal.
async fn sealed(service: &Service) -> Option<Option<(Unsealed, i64)>> {
    let sealer = service.sealer.as_ref();
    let origin = sealer.map(|sealer| sealer.key.verifier().name().to_owned());
    asked(
        &service.metrics.turns.query,
        &service.query,
        move |postgres| {
            let Some(origin) = &origin else {
                return health::answers(postgres).map(|()| None);
            };
            let signed = sealed_checkpoints::latest(postgres, origin)?;
            let unsealed = sealed_checkpoints::unsealed(postgres)?;
            Ok(Some((
                unsealed,
                signed.map_or(0, |signed| signed.tree_size),
            )))
        },
    )
    .await
}

/// What is owed, and to how many authorities for too long: not to which, for the age of what is
/// owed to a small one says when a child that it knows was looked at.
async fn owed(service: &Service, now: DateTime<Utc>) -> Option<(backlog::Backlog, usize)> {
    let age_max = service.notifier.rule.alarm_age;
    let (turns, store) = (&service.metrics.turns.notifier, &service.notifier.store);
    asked(turns, store, move |postgres| {
        let owed = backlog::backlog(postgres)?;
        let since = backlog::owed_since(postgres)?;
        let overdue = since
            .iter()
            .filter(|one| now.signed_duration_since(one.queued_at) > age_max);
        Ok((owed, overdue.count()))
    })
    .await
}

/// The answer to a question, where one comes in time.
async fn asked<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    store: &Store,
    question: impl Fn(&mut Postgres) -> Result<T, StoreError> + Send + 'static,
) -> Option<T> {
    let answered = async {
        let turn = Arc::clone(turns).acquire_owned().await.ok()?;
        let work = move |postgres: &mut Postgres| {
            // It ends with the work, not with whoever stopped waiting for it.
            let _held = &turn;
            question(postgres)
        };
        store.run(work).await.ok()
    };
    timeout(ANSWERED_WITHIN, answered).await.ok().flatten()
}
