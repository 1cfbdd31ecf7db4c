//! The only place that asks what time it is.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time, to the millisecond: the precision of a UUIDv7 and of FHIR's `instant`.
pub trait Clock: Send + Sync {
    /// The present moment, in UTC, with nothing below a millisecond.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that many threads share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "every other module asks this one"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}
