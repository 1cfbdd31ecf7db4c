//! How long calls of the service take, by what comes of them.

use std::time::Duration;

use crate::demographics::Unavailable;
use crate::instruments::{Spread, Times};

/// What comes of a call that is answered.
const ANSWERED: &str = "answered";

/// Everything that can come of a call.
const OUTCOMES: [&str; 6] = [
    ANSWERED,
    "unreachable",
    "late",
    "status",
    "unreadable",
    "no-token",
];

/// The calls of a process.
#[derive(Debug, Default)]
pub struct CallTimes([Times; OUTCOMES.len()]);

impl CallTimes {
    /// A call took so long, and failed for this reason or did not.
    pub fn add(&self, took: Duration, failed: Option<Unavailable>) {
        let outcome = failed.map_or(ANSWERED, Unavailable::code);
        let mut all = OUTCOMES.iter().zip(&self.0);
        if let Some((_, times)) = all.find(|(name, _)| **name == outcome) {
            times.add(took);
        }
    }

    /// All of them, by what came of them.
    #[must_use]
    pub fn spreads(&self) -> Vec<(&'static str, Spread)> {
        let all = OUTCOMES.iter().zip(&self.0);
        all.map(|(name, times)| (*name, times.spread())).collect()
    }
}
