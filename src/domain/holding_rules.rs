//! Which records of a file can be taken in next to what is held.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::NaiveDate;

use super::{HeldChild, Holding};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::number_state::NumberState;
use crate::domain::plan::PlanKind;
use crate::domain::upload::{PlanRecord, RecordCode};

fn record(nhs_number: &str, born: &str) -> PlanRecord {
    PlanRecord {
        kind: PlanKind::ChildProtection,
        nhs_number: NhsNumber::parse(nhs_number).unwrap(),
        local_id: "H-1".into(),
        birth_date: born.parse().unwrap(),
        start: NaiveDate::from_ymd_opt(2026, 1, 10).unwrap(),
        sent_end: None,
        deleted_on: None,
    }
}

#[test]
fn a_plan_named_twice_in_a_file_is_taken_once() {
    let told = record("9990000018", "2015-04-01");
    let mut holding = Holding::default();
    assert!(holding.take(&told).is_ok());
    let again = holding.take(&told).unwrap_err();
    assert_eq!(again.code, RecordCode::Unsuccessful);
}

#[test]
fn a_birth_date_is_corrected_only_where_no_other_authority_holds_a_plan() {
    for (settled, allowed) in [(false, true), (true, false)] {
        let told = record("9990000018", "2015-04-02");
        let mut holding = Holding::default();
        let held = HeldChild {
            birth_date: "2015-04-01".parse().unwrap(),
            settled,
            number: NumberState::Current,
        };
        holding.children.insert(told.nhs_number, held);
        let answer = holding.take(&told);
        assert_eq!(answer.is_ok(), allowed, "{answer:?}");
    }
}

#[test]
fn one_file_cannot_give_a_child_two_birth_dates() {
    let told = record("9990000018", "2015-04-01");
    let mut other = record("9990000018", "2015-04-02");
    other.local_id = "H-2".into();
    let mut holding = Holding::default();
    assert!(holding.take(&told).is_ok());
    assert_eq!(
        holding.take(&other).unwrap_err().code,
        RecordCode::NotVerified
    );
}

#[test]
fn a_plan_moves_to_another_number_only_after_it_was_withdrawn_under_the_first() {
    let first = record("9990000018", "2015-04-01");
    let moved = record("9990000026", "2015-04-01");
    let mut holding = Holding::default();
    holding.hold(&first);
    assert_eq!(
        holding.take(&moved).unwrap_err().code,
        RecordCode::NotVerified
    );
}

#[test]
fn only_a_plan_that_is_held_can_be_withdrawn() {
    let standing = record("9990000018", "2015-04-01");
    let mut withdrawn = standing.clone();
    withdrawn.deleted_on = Some(withdrawn.start);
    let mut holding = Holding::default();
    assert!(holding.take(&withdrawn).is_err());
    holding.hold(&standing);
    assert!(holding.take(&withdrawn).is_ok());
}

#[test]
fn withdrawing_a_withdrawn_plan_again_changes_nothing_and_is_no_fault() {
    let mut withdrawn = record("9990000018", "2015-04-01");
    withdrawn.deleted_on = Some(withdrawn.start);
    let mut holding = Holding::default();
    holding.hold(&withdrawn);
    assert!(holding.take(&withdrawn).is_ok());
}

#[test]
fn a_birth_date_that_would_make_another_held_plan_impossible_is_refused() {
    let mut told = record("9990000018", "2026-02-01");
    told.start = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let earlier = record("9990000018", "2015-04-01");
    let mut holding = Holding::default();
    let held = HeldChild {
        birth_date: "2015-04-01".parse().unwrap(),
        settled: false,
        number: NumberState::Current,
    };
    holding.children.insert(told.nhs_number, held);
    holding.hold(&earlier);
    assert_eq!(
        holding.take(&told).unwrap_err().code,
        RecordCode::NotVerified
    );
}

#[test]
fn nothing_is_taken_under_a_number_that_became_nobodys_or_was_replaced() {
    let replacement = NhsNumber::parse("9990000034").unwrap();
    for (number, code) in [
        (NumberState::Inactive, RecordCode::NoMatch),
        (NumberState::Replaced(replacement), RecordCode::Superseded),
    ] {
        let told = record("9990000018", "2015-04-01");
        let mut withdrawn = told.clone();
        withdrawn.deleted_on = Some(told.start);
        let mut holding = Holding::default();
        holding.hold(&told);
        let held = HeldChild {
            birth_date: told.birth_date,
            settled: false,
            number,
        };
        holding.children.insert(told.nhs_number, held);
        assert_eq!(holding.take(&told).unwrap_err().code, code);
        let refusal = holding.take(&withdrawn).unwrap_err();
        assert_eq!(refusal.code, code);
        assert!(!refusal.reason.contains("9990000034"));
    }
}
