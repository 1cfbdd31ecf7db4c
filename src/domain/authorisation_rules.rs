//! Which grant is a caller's, and what is said to who has none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{Grant, Relation, Role, decide};
use crate::domain::caller::{Caller, CallerRefusal, Organisation, Practitioner};
use crate::domain::care_setting::{RegisteredCareSettings, ViewActivities};
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;

const PLANS: Grant = Grant {
    role: Role::Uploader,
    relation: Relation::OwnPlans,
};
const CHILD: Grant = Grant {
    role: Role::Viewer,
    relation: Relation::ChildAsked,
};
const TOLD: Grant = Grant {
    role: Role::Notified,
    relation: Relation::OwnNotifications,
};

fn caller(is_person: bool, activities: &[&str], scopes: &[&str]) -> Caller {
    let person = Practitioner {
        user_id: "555000000101".into(),
        name: "Dr Amina Clarke".into(),
        role_profile_id: "555000000201".into(),
        job_role_code: "R8000".into(),
        job_role_name: "Clinical Practitioner Access Role".into(),
    };
    Caller {
        client_id: "epr".into(),
        organisation: OdsCode::parse("RQX99").unwrap(),
        practitioner: is_person.then_some(person),
        responsible: None,
        activities: ViewActivities::among(activities.iter().copied()),
        scopes: Scopes::claimed(scopes.iter().copied()),
    }
}

fn department() -> Organisation {
    Organisation {
        code: OdsCode::parse("RQX99").unwrap(),
        name: "Riverside Emergency Department".into(),
        care_settings: RegisteredCareSettings {
            unscheduled: true,
            scheduled: false,
        },
    }
}

#[test]
fn a_caller_is_granted_the_first_line_whose_role_is_theirs() {
    let department = department();
    let decided = |caller: &Caller| decide(caller, Some(&department), &[PLANS, CHILD, TOLD]);
    let person = caller(true, &["B0170"], &["plans.upload", "notifications.read"]);
    assert_eq!(decided(&person), Ok(CHILD));
    let system = caller(false, &[], &["plans.upload", "notifications.read"]);
    assert_eq!(decided(&system), Ok(PLANS));
    let system = caller(false, &[], &["notifications.read"]);
    assert_eq!(decided(&system), Ok(TOLD));
}

#[test]
fn who_has_no_role_is_told_what_a_viewer_needs_where_a_viewer_may_ask() {
    let department = department();
    let nobody = caller(false, &[], &[]);
    let refused = |caller: &Caller, organisation, grants: &[Grant]| {
        decide(caller, organisation, grants).unwrap_err()
    };
    let unattended = refused(&nobody, Some(&department), &[PLANS, CHILD]);
    assert_eq!(unattended, CallerRefusal::Unattended);
    let clerk = caller(true, &["B0264"], &[]);
    let without = refused(&clerk, Some(&department), &[CHILD, PLANS]);
    assert_eq!(without, CallerRefusal::NoViewActivity);
    let elsewhere = caller(true, &["B0107"], &[]);
    let unknown = refused(&elsewhere, None, &[PLANS, CHILD]);
    assert_eq!(unknown, CallerRefusal::UnknownOrganisation);
    let person = caller(true, &["B0107"], &["plans.upload"]);
    let told = refused(&person, Some(&department), &[PLANS]);
    assert_eq!(told, CallerRefusal::NotALocalAuthority);
    let told = refused(&person, Some(&department), &[TOLD]);
    assert_eq!(told, CallerRefusal::NotNotified);
    assert_eq!(
        refused(&person, Some(&department), &[]),
        CallerRefusal::ScopeTooNarrow
    );
}

#[test]
fn what_no_relation_and_no_role_shares_is_its_name() {
    for relation in Relation::ALL {
        let named = Relation::ALL
            .iter()
            .filter(|one| one.name() == relation.name());
        assert_eq!(named.count(), 1, "{relation:?}");
    }
    for role in Role::ALL {
        let named = Role::ALL.iter().filter(|one| one.name() == role.name());
        assert_eq!(named.count(), 1, "{role:?}");
    }
}
