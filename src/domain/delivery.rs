//! How often, how long and how far apart a notification is sent until it arrives, and when the
//! operator is alarmed: every number is a setting.

use chrono::{DateTime, TimeDelta, Utc};

/// The rules of sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryRule {
    /// After so many attempts a notification is given up.
    pub attempts_max: i32,
    /// After so long a notification is given up, at its next failed attempt.
    pub age_max: TimeDelta,
    /// The wait after the first failed attempt; each later one is twice as long.
    pub wait_first: TimeDelta,
    /// The longest wait.
    pub wait_max: TimeDelta,
    /// How long an attempt has before another worker may make the next.
    pub lease: TimeDelta,
    /// Above this age of the oldest notification owed, the operator is alarmed.
    pub alarm_age: TimeDelta,
    /// How long the window of a channel is that is told in windows, and told too when nothing was.
    pub window: TimeDelta,
}

impl DeliveryRule {
    /// When to try again after this many failed attempts. `chance` is between 0 and 255: it spreads
    /// the attempts of many notifications over the second half of the wait, so that a receiver that
    /// comes back is not met by all of them at once.
    #[must_use]
    pub fn next_attempt_at(&self, attempts: i32, now: DateTime<Utc>, chance: u8) -> DateTime<Utc> {
        let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
        let factor = 1_i64.checked_shl(doublings.min(30)).unwrap_or(i64::MAX);
        let first = self.wait_first.num_milliseconds();
        let longest = self.wait_max.num_milliseconds();
        let wait = first.saturating_mul(factor).min(longest);
        let half = wait / 2;
        let spread = half.saturating_mul(i64::from(chance)) / i64::from(u8::MAX);
        let wait = TimeDelta::milliseconds(half.saturating_add(spread));
        now.checked_add_signed(wait).unwrap_or(now)
    }

    /// Whether a notification queued at this moment is given up after this many failed attempts.
    #[must_use]
    pub fn gives_up(&self, attempts: i32, queued_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        attempts >= self.attempts_max || now.signed_duration_since(queued_at) >= self.age_max
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{any, prop_assert, proptest};

    use super::DeliveryRule;

    const RULE: DeliveryRule = DeliveryRule {
        attempts_max: 50,
        age_max: TimeDelta::days(14),
        wait_first: TimeDelta::seconds(10),
        wait_max: TimeDelta::hours(1),
        lease: TimeDelta::seconds(60),
        alarm_age: TimeDelta::hours(1),
        window: TimeDelta::minutes(15),
    };

    #[test]
    fn each_wait_is_twice_the_last_up_to_the_longest() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let waits: Vec<i64> = [1, 2, 3, 4, 9, 10, 40, i32::MAX]
            .map(|attempts| (RULE.next_attempt_at(attempts, now, u8::MAX) - now).num_seconds())
            .into();
        assert_eq!(waits, [10, 20, 40, 80, 2560, 3600, 3600, 3600]);
    }

    #[test]
    fn a_notification_is_given_up_for_its_attempts_or_its_age() {
        let queued = DateTime::<Utc>::UNIX_EPOCH;
        assert!(!RULE.gives_up(49, queued, queued + TimeDelta::days(13)));
        assert!(RULE.gives_up(50, queued, queued));
        assert!(RULE.gives_up(1, queued, queued + TimeDelta::days(14)));
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_half_of_it_nor_longer_than_the_longest(
            attempts in any::<i32>(), chance in any::<u8>()
        ) {
            let now = DateTime::<Utc>::UNIX_EPOCH;
            let wait = RULE.next_attempt_at(attempts, now, chance) - now;
            prop_assert!(wait >= RULE.wait_first / 2 && wait <= RULE.wait_max);
        }
    }
}
