//! The rule of the access history, as tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use super::{Access, HistoryRule, Interaction};
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;

const RULE: HistoryRule = HistoryRule {
    period: TimeDelta::hours(24),
    length: 25,
    includes_scheduled: true,
};

fn access(minutes: i64, author: u8, care_setting: CareSetting) -> Access {
    Access {
        id: Uuid::nil(),
        nhs_number: NhsNumber::parse("9990000018").unwrap(),
        at: DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes),
        request_id: Uuid::nil(),
        interaction: Interaction::Search,
        asked: "Flag".into(),
        viewer: Viewer {
            client_id: "epr".into(),
            organisation: OdsCode::parse("RQX99").unwrap(),
            organisation_name: "Riverside".into(),
            practitioner: Practitioner {
                user_id: author.to_string(),
                name: "A".into(),
                role_profile_id: "1".into(),
                job_role_code: "R8000".into(),
                job_role_name: "Clinical".into(),
            },
            care_setting,
        },
    }
}

fn minutes(accesses: &[Access]) -> Vec<i64> {
    accesses
        .iter()
        .map(|access| (access.at - DateTime::<Utc>::UNIX_EPOCH).num_minutes())
        .collect()
}

#[test]
fn an_interaction_is_read_back_by_fhirs_code_for_it_and_by_no_other() {
    let codes = [
        "search-type",
        "read",
        "vread",
        "history-instance",
        "history-type",
        "operation",
    ];
    assert_eq!(Interaction::ALL.map(Interaction::code), codes);
    for interaction in Interaction::ALL {
        assert_eq!(Interaction::parse(interaction.code()), Some(interaction));
    }
    for other in ["", "create", "Read", "search"] {
        assert_eq!(Interaction::parse(other), None, "{other}");
    }
}

#[test]
fn what_names_a_resource_is_no_query_and_all_else_is_one() {
    let queries: Vec<&str> = Interaction::ALL
        .into_iter()
        .filter(|interaction| interaction.is_query())
        .map(Interaction::code)
        .collect();
    assert_eq!(queries, ["search-type", "history-type", "operation"]);
}

#[test]
fn the_same_author_within_24_hours_shows_once_and_it_is_the_first_look() {
    let looks = [0, 23 * 60, 24 * 60, 47 * 60].map(|at| access(at, 1, CareSetting::Unscheduled));
    assert_eq!(minutes(&RULE.shown(looks.to_vec())), [24 * 60, 0]);
}

#[test]
fn a_silent_read_does_not_hide_an_unscheduled_look_of_the_same_author() {
    let looks = vec![
        access(0, 1, CareSetting::Scheduled),
        access(5, 1, CareSetting::Unscheduled),
    ];
    assert_eq!(minutes(&RULE.shown(looks.clone())), [5, 0]);
    let rule = HistoryRule {
        includes_scheduled: false,
        ..RULE
    };
    assert_eq!(minutes(&rule.shown(looks)), [5]);
}

#[test]
fn the_history_ends_with_the_twenty_fifth_newest() {
    let looks = (0..40_u8)
        .map(|n| access(i64::from(n), n, CareSetting::Unscheduled))
        .collect();
    assert_eq!(
        minutes(&RULE.shown(looks)),
        (15..40).rev().collect::<Vec<i64>>()
    );
}

proptest! {
    #[test]
    fn each_author_s_looks_are_a_period_apart_and_newest_first(
        looks in proptest::collection::vec((0_i64..10_000, 0_u8..4), 0..60)
    ) {
        let taken: Vec<Access> =
            looks.iter().map(|(at, who)| access(*at, *who, CareSetting::Unscheduled)).collect();
        let shown = RULE.shown(taken);
        prop_assert!(shown.len() <= RULE.length);
        prop_assert!(shown.is_sorted_by(|newer, older| newer.at >= older.at));
        for author in 0..4_u8 {
            let of_author: Vec<&Access> = shown
                .iter()
                .filter(|access| access.viewer.practitioner.user_id == author.to_string())
                .collect();
            for pair in of_author.windows(2) {
                prop_assert_eq!(pair.len(), 2);
                prop_assert!(pair[0].at - pair[1].at >= RULE.period);
            }
        }
    }
}
