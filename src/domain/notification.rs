//! Whom an access obliges us to tell: each authority with a visible plan, on unscheduled access,
//! once for the same author and child within a period (REPC_MT000004GB01).

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::care_setting::CareSetting;

/// When a notification is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationRule {
    /// Within this period of a notification, another look by the same author owes none.
    pub period: TimeDelta,
}

impl NotificationRule {
    /// Whether looks in this care setting are told at all.
    #[must_use]
    pub fn owed_for(self, care_setting: CareSetting) -> bool {
        care_setting == CareSetting::Unscheduled
    }

    /// An author whose last notification is from this moment or earlier is told of again.
    #[must_use]
    pub fn told_again_from(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_signed(self.period)
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::NotificationRule;
    use crate::domain::care_setting::CareSetting;

    #[test]
    fn unscheduled_looks_are_told_and_silent_reads_are_not() {
        let rule = NotificationRule {
            period: TimeDelta::hours(24),
        };
        assert!(rule.owed_for(CareSetting::Unscheduled));
        assert!(!rule.owed_for(CareSetting::Scheduled));
    }

    #[test]
    fn an_author_is_told_of_again_exactly_one_period_later() {
        let rule = NotificationRule {
            period: TimeDelta::hours(24),
        };
        let told = DateTime::<Utc>::UNIX_EPOCH;
        assert!(told <= rule.told_again_from(told + TimeDelta::hours(24)));
        assert!(told > rule.told_again_from(told + TimeDelta::hours(24) - TimeDelta::seconds(1)));
    }
}
