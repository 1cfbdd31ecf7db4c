//! The rules of the codes.

use super::{RESTRICTED, plan_kind, plan_labels};
use crate::domain::plan::PlanKind;

#[test]
fn every_plan_is_restricted_and_being_looked_after_is_not_called_abuse() {
    for kind in PlanKind::ALL {
        assert!(plan_labels(kind).contains(&RESTRICTED));
    }
    assert_eq!(plan_labels(PlanKind::LookedAfter).len(), 1);
}

#[test]
fn plans_are_coded_by_the_value_set_england_child_protection_plan() {
    assert_eq!(
        PlanKind::ALL.map(|kind| plan_kind(kind).code),
        ["342191000000101", "764841000000100", "818901000000100"]
    );
}
