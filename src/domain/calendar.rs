//! Which day it is, where England counts its days: every date rule uses Europe/London.

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc,
};
use chrono_tz::Europe::London;

/// The day in London at a moment.
#[must_use]
pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    moment.with_timezone(&London).date_naive()
}

/// What London's clocks show at a moment.
#[must_use]
pub fn in_london(moment: DateTime<Utc>) -> NaiveDateTime {
    moment.with_timezone(&London).naive_local()
}

/// The moment a day begins in London.
#[must_use]
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    moment_of(day, NaiveTime::MIN)
}

/// The moment a London clock shows this time. An hour the clocks skip counts from its far side,
/// an hour they repeat from its first showing.
#[must_use]
pub fn moment_of(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    match London.from_local_datetime(&day.and_time(time)) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.to_utc(),
        LocalResult::None => Utc.from_utc_datetime(&day.and_time(time)),
    }
}

/// The day a person turns eighteen. Who is born on 29 February turns eighteen on 1 March: the
/// eighteenth year after a leap year never is one.
#[must_use]
pub fn eighteenth_birthday(birth_date: NaiveDate) -> NaiveDate {
    let year = birth_date.year().saturating_add(18);
    birth_date
        .with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
        .unwrap_or(NaiveDate::MAX)
}

/// A day some days before another; the calendar's first day where there is none.
#[must_use]
pub fn days_before(day: NaiveDate, days: u16) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, NaiveDate, Utc};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{day_of, eighteenth_birthday, start_of};

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn the_day_turns_at_midnight_in_london_in_summer_and_winter() {
        assert_eq!(day_of(moment("2026-07-01T22:59:59Z")), day("2026-07-01"));
        assert_eq!(day_of(moment("2026-07-01T23:00:00Z")), day("2026-07-02"));
        assert_eq!(day_of(moment("2026-12-01T23:59:59Z")), day("2026-12-01"));
        assert_eq!(day_of(moment("2026-12-02T00:00:00Z")), day("2026-12-02"));
    }

    #[test]
    fn the_days_of_both_clock_changes_begin_at_london_midnight() {
        assert_eq!(start_of(day("2026-03-29")), moment("2026-03-29T00:00:00Z"));
        assert_eq!(start_of(day("2026-03-30")), moment("2026-03-29T23:00:00Z"));
        assert_eq!(start_of(day("2026-10-25")), moment("2026-10-24T23:00:00Z"));
        assert_eq!(start_of(day("2026-10-26")), moment("2026-10-26T00:00:00Z"));
    }

    #[test]
    fn a_child_born_on_29_february_turns_eighteen_on_1_march() {
        assert_eq!(eighteenth_birthday(day("2008-02-29")), day("2026-03-01"));
        assert_eq!(eighteenth_birthday(day("2008-02-28")), day("2026-02-28"));
        assert_eq!(eighteenth_birthday(day("2008-03-01")), day("2026-03-01"));
    }

    proptest! {
        #[test]
        fn a_day_begins_with_itself_and_the_moment_before_is_the_day_before(
            days in 0_i64..60_000
        ) {
            let day = NaiveDate::default() + Duration::days(days);
            prop_assert_eq!(day_of(start_of(day)), day);
            let before = start_of(day) - Duration::milliseconds(1);
            prop_assert_eq!(day_of(before), day - Duration::days(1));
        }

        #[test]
        fn the_eighteenth_birthday_is_eighteen_years_on(days in 0_i64..60_000) {
            let born = NaiveDate::default() + Duration::days(days);
            let birthday = eighteenth_birthday(born);
            prop_assert!((6_573..=6_576).contains(&(birthday - born).num_days()));
        }
    }
}
