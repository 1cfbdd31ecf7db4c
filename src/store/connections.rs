//! The pool's connections: each wears the role of its side, and a lost database is noticed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager as _};
use diesel::{Connection as _, PgConnection};
use r2d2::ManageConnection;
use thiserror::Error;

use crate::secrets::SecretText;
use crate::store::StoreError;

/// Which side of the service a pool belongs to; each has its own role in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Answers callers.
    Query,
    /// Records looks for the query side. Nothing is told of one before its answer is on record, and
    /// the commit of that makes durable what was written to the log before it; so that a look need
    /// not wait for the disk itself.
    Look,
    /// Records several looks at once, on the same terms. It waits for nobody's lock: whoever is
    /// locked out is tried alone, and keeps no other look waiting.
    LooksTogether,
    /// Takes uploads in.
    Intake,
    /// Does what concerns the plans of every authority, for no caller.
    Upkeep,
    /// Tells local authorities what they are owed.
    Notifier,
    /// Seals the access history.
    Sealer,
}

impl Side {
    /// What every connection of the side is set to before its first use. What is told, or taken in,
    /// counts only when it is durable, so its commit waits for the log. The statements
    /// of the query side are few and look up by key: one plan serves every value. Those of the
    /// intake side come with one record or with 50,000, and no plan serves both; to compile one
    /// takes longer than it saves.
    const fn preparation(self) -> &'static str {
        match self {
            Self::Query | Self::Look | Self::LooksTogether => {
                "set role cpis_query; set timezone = 'UTC'; set synchronous_commit = on; \
                 set plan_cache_mode = force_generic_plan; set statement_timeout = '5s'; \
                 set idle_in_transaction_session_timeout = '10s'"
            }
            Self::Intake => {
                "set role cpis_intake; set timezone = 'UTC'; set synchronous_commit = on; \
                 set plan_cache_mode = force_custom_plan; set jit = off; \
                 set statement_timeout = '120s'; set idle_in_transaction_session_timeout = '120s'"
            }
            Self::Upkeep => {
                "set role cpis_upkeep; set timezone = 'UTC'; set synchronous_commit = on; \
                 set jit = off; set statement_timeout = '120s'; \
                 set idle_in_transaction_session_timeout = '120s'"
            }
            // It tells every authority, but where a transaction says whose it is.
            Self::Notifier => {
                "set role cpis_notifier; set timezone = 'UTC'; set synchronous_commit = on; \
                 set cpis.tells = 'every-authority'; \
                 set statement_timeout = '10s'; set idle_in_transaction_session_timeout = '10s'"
            }
            // What stands in a leaf is written in one way, whatever the database's own settings.
            Self::Sealer => {
                "set role cpis_sealer; set timezone = 'UTC'; set datestyle = 'ISO, MDY'; \
                 set bytea_output = 'hex'; set synchronous_commit = on; \
                 set plan_cache_mode = force_custom_plan; set jit = off; \
                 set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'"
            }
        }
    }
}

impl Side {
    /// What looks are set to beside.
    const fn further_preparation(self) -> Option<&'static str> {
        match self {
            Self::Look => Some("set synchronous_commit = off"),
            // It is over before those who wait lose their patience, and looks children up by their
            // keys, whatever is known of the tables.
            Self::LooksTogether => Some(
                "set synchronous_commit = off; set lock_timeout = '200ms'; \
                 set statement_timeout = '700ms'; set enable_hashjoin = off; \
                 set enable_mergejoin = off; set jit = off",
            ),
            _ => None,
        }
    }
}

/// A connection of the pool.
pub struct Connection {
    /// The connection itself.
    pub postgres: PgConnection,
    /// Set when the connection must not be used again.
    pub spent: bool,
    made_after: u64,
}

impl Connection {
    /// Whether it serves on after what was to be done failed: PostgreSQL refused a statement, no
    /// transaction is left open by it, and the next statement is answered. A look that waited for a
    /// lock too long would else cost those behind it a connection made anew.
    pub fn outlived(&mut self, failed: &StoreError) -> bool {
        let open = AnsiTransactionManager::transaction_manager_status_mut(&mut self.postgres);
        failed.refused()
            && matches!(open.transaction_depth(), Ok(None))
            && self.postgres.batch_execute("select").is_ok()
    }
}

/// Counts how often the database was lost: a connection made before the last loss is not used.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<AtomicU64>);

impl Losses {
    /// Notes that a connection found the database gone.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Makes the connections of one side.
#[derive(Debug)]
pub struct Connections {
    /// Where the database is, as a libpq URL.
    pub url: SecretText,
    /// The side they are for.
    pub side: Side,
    /// Shared with the store, which notes losses.
    pub losses: Losses,
}

/// Why a connection cannot be had.
#[derive(Debug, Error)]
pub enum ConnectionError {
    /// The database does not answer, or refuses the login.
    #[error("cannot connect to the database")]
    Connect(#[from] diesel::ConnectionError),
    /// The login is not a member of the side's role.
    #[error("cannot prepare the connection")]
    Prepare(#[from] diesel::result::Error),
    /// The connection is from before the database was lost.
    #[error("the connection is from before the database was lost")]
    Outlived,
}

impl ManageConnection for Connections {
    type Connection = Connection;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Connection, ConnectionError> {
        let made_after = self.losses.so_far();
        let mut postgres = PgConnection::establish(self.url.expose())?;
        postgres.batch_execute(self.side.preparation())?;
        if let Some(further) = self.side.further_preparation() {
            postgres.batch_execute(further)?;
        }
        Ok(Connection {
            postgres,
            spent: false,
            made_after,
        })
    }

    /// Costs nothing on the request's path: no question goes to the database.
    fn is_valid(&self, connection: &mut Connection) -> Result<(), ConnectionError> {
        if connection.made_after == self.losses.so_far() {
            Ok(())
        } else {
            Err(ConnectionError::Outlived)
        }
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.spent || std::thread::panicking()
    }
}
