//! How the connections of one side are used, for the operator.

use std::time::Instant;

use super::{Store, StoreError};
use crate::instruments::{Counts, Level, Times};

/// What is measured of one side, since the process began.
#[derive(Debug, Default)]
pub struct StoreMeasures {
    /// Who waits for a turn at a connection.
    pub waiting: Level,
    /// How long was waited for a connection, the turn and the thread included.
    pub wait: Times,
    /// How long connections were worked with at a time.
    pub work: Times,
    /// Work that had no good answer, by reason.
    pub failures: Counts,
}

impl StoreMeasures {
    /// A connection was waited for since that moment, and is there now.
    pub(super) fn had(&self, since: Instant) -> Instant {
        let now = Instant::now();
        self.wait.add(now.saturating_duration_since(since));
        now
    }

    /// Counts an answer where it is none.
    pub(super) fn judged<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Some(reason) = answer.as_ref().err().and_then(StoreError::code) {
            self.failures.one(reason);
        }
        answer
    }
}

/// How a side's connections are used at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// The most there may be.
    pub most: u32,
    /// Those there are.
    pub connections: u32,
    /// Those that nobody uses.
    pub idle: u32,
}

impl Store {
    /// What is measured of this side.
    #[must_use]
    pub fn measures(&self) -> &StoreMeasures {
        &self.measures
    }

    /// How its connections are used at present.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let state = self.pool.state();
        PoolUse {
            most: self.pool.max_size(),
            connections: state.connections,
            idle: state.idle_connections,
        }
    }
}
