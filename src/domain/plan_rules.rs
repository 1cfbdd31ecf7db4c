//! The rules of a plan, as tests: effective ends and visibility windows.

use chrono::{DateTime, Duration, NaiveDate, TimeDelta, Utc};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

use super::{EffectiveEnd, PlanKind, Windows};
use crate::domain::calendar::{eighteenth_birthday, start_of};

const WINDOWS: Windows = Windows {
    after_end_days: 364,
    after_due_date_days: 28,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_i64..40_000).prop_map(|days| NaiveDate::default() + Duration::days(days))
}

fn last_moment_of(day: NaiveDate) -> DateTime<Utc> {
    start_of(day + Duration::days(1)) - TimeDelta::milliseconds(1)
}

#[test]
fn there_are_three_kinds_of_plan_and_no_other() {
    assert_eq!(PlanKind::ALL.map(PlanKind::code), ["CPP", "CLA", "UCPP"]);
    for other in ["", "cpp", "LAC", "CIN", "CPP ", "342191000000101"] {
        assert_eq!(PlanKind::parse(other), None, "{other}");
    }
}

#[test]
fn a_plan_sent_without_an_end_ends_on_the_eighteenth_birthday() {
    let end = EffectiveEnd::of(PlanKind::LookedAfter, day("2010-05-06"), None);
    assert_eq!(
        end,
        EffectiveEnd {
            day: day("2028-05-06"),
            computed: true
        }
    );
}

#[test]
fn a_leap_day_child_s_plan_ends_on_1_march_at_the_latest() {
    let end = EffectiveEnd::of(
        PlanKind::ChildProtection,
        day("2012-02-29"),
        Some(day("2031-01-01")),
    );
    assert_eq!(
        end,
        EffectiveEnd {
            day: day("2030-03-01"),
            computed: true
        }
    );
}

#[test]
fn a_mother_s_age_does_not_shorten_her_unborn_child_s_plan() {
    let end = EffectiveEnd::of(
        PlanKind::UnbornChildProtection,
        day("1985-01-01"),
        Some(day("2027-02-01")),
    );
    assert_eq!(
        end,
        EffectiveEnd {
            day: day("2027-02-01"),
            computed: false
        }
    );
}

#[test]
fn a_child_s_plan_shows_for_364_days_after_its_end_and_not_on_the_365th() {
    for (end, last) in [("2025-03-30", "2026-03-29"), ("2025-10-25", "2026-10-24")] {
        for kind in [PlanKind::ChildProtection, PlanKind::LookedAfter] {
            assert!(WINDOWS.shows(kind, day(end), last_moment_of(day(last))));
            assert!(!WINDOWS.shows(kind, day(end), start_of(day(last) + Duration::days(1))));
        }
    }
}

#[test]
fn an_unborn_child_s_plan_shows_for_28_days_after_the_due_date_and_not_on_the_29th() {
    for (due, last) in [("2026-03-01", "2026-03-29"), ("2026-09-27", "2026-10-25")] {
        let kind = PlanKind::UnbornChildProtection;
        assert!(WINDOWS.shows(kind, day(due), last_moment_of(day(last))));
        assert!(!WINDOWS.shows(kind, day(due), start_of(day(last) + Duration::days(1))));
    }
}

proptest! {
    #[test]
    fn an_effective_end_is_never_later_than_the_eighteenth_birthday(
        born in days(), sent in proptest::option::of(days())
    ) {
        for kind in [PlanKind::ChildProtection, PlanKind::LookedAfter] {
            let end = EffectiveEnd::of(kind, born, sent);
            prop_assert!(end.day <= eighteenth_birthday(born));
            prop_assert_eq!(end.computed, sent != Some(end.day));
        }
    }

    #[test]
    fn a_window_is_exactly_its_length_whatever_the_clocks_do(end in days(), length in 0_u16..1000) {
        let windows = Windows { after_end_days: length, after_due_date_days: length };
        let last = end + Duration::days(i64::from(length));
        for kind in PlanKind::ALL {
            prop_assert_eq!(windows.last_day_shown(kind, end), last);
            prop_assert!(windows.shows(kind, end, start_of(end)));
            prop_assert!(windows.shows(kind, end, last_moment_of(last)));
            prop_assert!(!windows.shows(kind, end, start_of(last + Duration::days(1))));
        }
    }
}
