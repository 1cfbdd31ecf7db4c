//! The rounds of sealing, and what came of them since the process began.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::instruments::Counts;
use crate::sealing::sealer::{Round, Sealer, SealingError};

/// What came of rounds.
#[derive(Debug, Default)]
pub struct Rounds {
    outcomes: Counts,
    signed_at: Mutex<Option<DateTime<Utc>>>,
}

impl Rounds {
    /// How many there were, by what came of them: `done`, or `failed`.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, u64)> {
        self.outcomes.values()
    }

    /// When this process signed a tree last.
    #[must_use]
    pub fn signed_at(&self) -> Option<DateTime<Utc>> {
        *self
            .signed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, round: Result<Round, &SealingError>, now: DateTime<Utc>) {
        self.outcomes
            .one(if round.is_ok() { "done" } else { "failed" });
        if round.is_ok_and(|round| round.signed.is_some()) {
            let mut signed_at = self
                .signed_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *signed_at = Some(now);
        }
    }
}

impl Sealer {
    /// Seals all that is there to be sealed, and signs the tree. Does nothing while another process
    /// seals.
    ///
    /// # Errors
    /// [`SealingError`] when something is in doubt; then nothing is signed.
    pub async fn seal(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Round, SealingError> {
        let round = self.round(now).await;
        self.rounds.note(round.as_ref().copied(), now);
        round
    }
}
