//! How long each step of a disclosure takes, for the operator: the wait for a connection, the
//! statement that records, reads and queues in one round trip, and then the answer's own row.

use std::time::Instant;

use crate::instruments::{Level, Sizes, Times};

/// What is measured at the door.
#[derive(Debug, Default)]
pub struct DoorMeasures {
    /// From the question to the moment at which a connection works on it.
    pub wait: Times,
    /// From there until what was seen is known to be committed.
    pub statement: Times,
}

impl DoorMeasures {
    /// A look was asked for and begun at these moments, and is done.
    pub(super) fn looked(&self, asked_at: Instant, begun_at: Instant) {
        self.wait.add(begun_at.saturating_duration_since(asked_at));
        self.statement.add(begun_at.elapsed());
    }
}

/// What is measured where answers are put on record.
#[derive(Debug, Default)]
pub struct AnswerMeasures {
    /// Answers that wait, or are being put on record.
    pub waiting: Level,
    /// From the finished answer to the moment at which its row is begun.
    pub queue: Times,
    /// From there until it is durable.
    pub commit: Times,
    /// How many were put on record in one transaction.
    pub together: Sizes,
}
