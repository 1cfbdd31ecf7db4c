//! The rules of a plan's timeline, as tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Change, PlanPast, PlanState, Telling, Turn};
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::PhoneNumber;
use crate::domain::plan::{Child, EffectiveEnd, Plan, PlanKind};

/// A moment as it is written.
pub fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A day as it is written.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An authority as it was described at a moment.
pub fn authority(version: i32, at: DateTime<Utc>) -> LocalAuthority {
    LocalAuthority {
        id: Uuid::nil(),
        code: OdsCode::parse("E90001").unwrap(),
        name: format!("As described {version} times"),
        emergency_phone: PhoneNumber::parse("01632960001").unwrap(),
        office_phone: None,
        version,
        updated_at: at,
    }
}

/// A telling of a plan's end, or of its withdrawal.
pub fn telling(version: i32, end: &str, withdrawn: bool, at: DateTime<Utc>) -> Telling {
    Telling {
        version,
        end: EffectiveEnd {
            day: day(end),
            computed: false,
        },
        withdrawn,
        told_at: at,
    }
}

/// A plan from 1 June, whose last telling and description are the last of these.
pub fn past(mut tellings: Vec<Telling>, mut descriptions: Vec<LocalAuthority>) -> PlanPast {
    let last = tellings.pop().unwrap();
    let plan = Plan {
        id: Uuid::nil(),
        version: last.version,
        kind: PlanKind::ChildProtection,
        child: Child {
            id: Uuid::nil(),
            nhs_number: NhsNumber::parse("9990000018").unwrap(),
            birth_date: day("2015-04-01"),
            updated_at: last.told_at,
        },
        local_id: "H-1".into(),
        start: day("2026-06-01"),
        end: last.end,
        authority: descriptions.pop().unwrap(),
        updated_at: last.told_at,
    };
    PlanPast {
        plan,
        tellings,
        descriptions,
    }
}

/// Which telling, which description, and when it began.
fn told(states: &[PlanState]) -> Vec<(i32, i32, String, Change)> {
    states
        .iter()
        .map(|state| {
            let began = state.began.format("%m-%d").to_string();
            let plan = &state.plan;
            (plan.version, plan.authority.version, began, state.change)
        })
        .collect()
}

#[test]
fn each_telling_and_each_description_begins_a_version_newest_first() {
    let past = past(
        vec![
            telling(1, "2027-01-01", false, moment("2026-01-10T10:00:00Z")),
            telling(2, "2026-12-01", false, moment("2026-03-10T10:00:00Z")),
        ],
        vec![
            authority(4, moment("2025-01-10T10:00:00Z")),
            authority(5, moment("2026-02-10T10:00:00Z")),
            authority(6, moment("2026-04-10T10:00:00Z")),
        ],
    );
    let states = past.states(Turn::Told, moment("2026-05-01T00:00:00Z"));
    let expected = [
        (2, 6, "04-10".to_owned(), Change::Updated),
        (2, 5, "03-10".to_owned(), Change::Updated),
        (1, 5, "02-10".to_owned(), Change::Updated),
        (1, 4, "01-10".to_owned(), Change::Created),
    ];
    assert_eq!(told(&states), expected);
    assert_eq!(states[3].plan.end.day, day("2027-01-01"));
    assert_eq!(states[0].ended, None);
    assert_eq!(states[3].ended, Some(states[2].began));
}

#[test]
fn a_plan_withdrawn_and_told_again_was_gone_in_between_whatever_its_authority_said() {
    let past = past(
        vec![
            telling(1, "2027-01-01", false, moment("2026-01-10T10:00:00Z")),
            telling(2, "2027-01-01", true, moment("2026-02-10T10:00:00Z")),
            telling(3, "2027-02-01", true, moment("2026-02-11T10:00:00Z")),
            telling(4, "2027-01-01", false, moment("2026-04-10T10:00:00Z")),
        ],
        vec![
            authority(1, moment("2026-01-10T10:00:00Z")),
            authority(2, moment("2026-03-10T10:00:00Z")),
        ],
    );
    for turn in [Turn::Told, Turn::ToldOrEntered] {
        let states = past.states(turn, moment("2026-05-01T00:00:00Z"));
        let expected = [
            (4, 2, "04-10".to_owned(), Change::Restored),
            (2, 1, "02-10".to_owned(), Change::Withdrawn),
            (1, 1, "01-10".to_owned(), Change::Created),
        ];
        assert_eq!(told(&states), expected);
    }
}

#[test]
fn a_plan_enters_its_phases_at_london_midnight_and_none_before_its_time() {
    let past = past(
        vec![telling(
            1,
            "2026-08-31",
            false,
            moment("2026-05-01T10:00:00Z"),
        )],
        vec![authority(1, moment("2026-05-01T10:00:00Z"))],
    );
    for (now, began) in [
        ("2026-05-31T22:59:59.999Z", vec!["2026-05-01T10:00:00Z"]),
        (
            "2026-05-31T23:00:00Z",
            vec!["2026-05-31T23:00:00Z", "2026-05-01T10:00:00Z"],
        ),
        (
            "2026-12-01T00:00:00Z",
            vec![
                "2026-08-31T23:00:00Z",
                "2026-05-31T23:00:00Z",
                "2026-05-01T10:00:00Z",
            ],
        ),
    ] {
        let states = past.states(Turn::ToldOrEntered, moment(now));
        let expected: Vec<_> = began.into_iter().map(moment).collect();
        let told: Vec<_> = states.iter().map(|state| state.began).collect();
        assert_eq!(told, expected, "{now}");
        assert_eq!(past.states(Turn::Told, moment(now)).len(), 1);
    }
}

#[test]
fn the_oldest_description_known_stands_for_the_time_before_it_and_dates_its_own_version() {
    let past = past(
        vec![
            telling(1, "2027-01-01", false, moment("2026-01-10T10:00:00Z")),
            telling(2, "2026-12-01", false, moment("2026-03-10T10:00:00Z")),
        ],
        vec![authority(3, moment("2026-04-10T10:00:00Z"))],
    );
    let states = past.states(Turn::Told, moment("2026-05-01T00:00:00Z"));
    let expected = [
        (2, 3, "04-10".to_owned(), Change::Updated),
        (1, 3, "01-10".to_owned(), Change::Created),
    ];
    assert_eq!(told(&states), expected);
    assert_eq!(states[1].plan.authority.updated_at, states[1].began);
}

#[test]
fn tellings_whose_clocks_disagree_keep_the_order_in_which_they_were_taken_in() {
    let past = past(
        vec![
            telling(1, "2027-01-01", false, moment("2026-01-10T10:00:00.002Z")),
            telling(2, "2026-12-01", false, moment("2026-01-10T10:00:00.001Z")),
        ],
        vec![authority(1, moment("2026-01-10T10:00:00Z"))],
    );
    let states = past.states(Turn::Told, moment("2026-05-01T00:00:00Z"));
    let versions: Vec<i32> = states.iter().map(|state| state.plan.version).collect();
    assert_eq!(versions, [2, 1]);
}
