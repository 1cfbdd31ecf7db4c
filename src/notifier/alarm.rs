//! Says once that what is owed has become too old, and once that it is no longer.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{error, info};

use crate::store::backlog::Backlog;

/// The alarm of one process.
#[derive(Debug, Default)]
pub struct Alarm {
    rings: AtomicBool,
}

impl Alarm {
    /// Looks at what is owed, and says it when the oldest of it crosses an age.
    pub fn look(&self, backlog: &Backlog, now: DateTime<Utc>, age_max: TimeDelta) {
        let age = age(backlog, now);
        let rings = age > age_max;
        let rang = self.rings.swap(rings, Ordering::Relaxed);
        let (seconds, owed) = (age.num_seconds(), backlog.owed);
        match (rang, rings) {
            (false, true) => error!(
                seconds,
                owed, "Notifications to local authorities are overdue: the oldest is too old"
            ),
            (true, false) => info!(
                seconds,
                owed, "Notifications to local authorities are no longer overdue"
            ),
            (true, true) | (false, false) => {}
        }
    }

    /// Whether the alarm rings.
    #[must_use]
    pub fn rings(&self) -> bool {
        self.rings.load(Ordering::Relaxed)
    }
}

/// The age of the oldest notification owed; none where none is.
#[must_use]
pub fn age(backlog: &Backlog, now: DateTime<Utc>) -> TimeDelta {
    let age = backlog
        .oldest
        .map(|oldest| now.signed_duration_since(oldest));
    age.unwrap_or(TimeDelta::zero()).max(TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::Alarm;
    use crate::store::backlog::Backlog;

    #[test]
    fn an_alarm_rings_above_the_age_and_not_at_it() {
        let alarm = Alarm::default();
        let queued = DateTime::<Utc>::UNIX_EPOCH;
        let look = |oldest, hours| {
            let backlog = Backlog {
                owed: 1,
                oldest,
                given_up: 0,
            };
            let now = queued + TimeDelta::hours(hours);
            alarm.look(&backlog, now, TimeDelta::hours(1));
            alarm.rings()
        };
        assert!(!look(Some(queued), 1));
        assert!(look(Some(queued), 2));
        assert!(look(Some(queued), 3));
        assert!(!look(None, 4));
    }
}
