//! Who may look, and in whose name.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{Caller, CallerRefusal, Organisation, Practitioner};
use crate::domain::care_setting::{CareSetting, Declared, RegisteredCareSettings, ViewActivities};
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;

fn caller(practitioner: bool, codes: &[&str]) -> Caller {
    Caller {
        client_id: "epr".into(),
        organisation: OdsCode::parse("RQX99").unwrap(),
        practitioner: practitioner.then(|| Practitioner {
            user_id: "555000000101".into(),
            name: "Dr Amina Clarke".into(),
            role_profile_id: "555000000201".into(),
            job_role_code: "R8000".into(),
            job_role_name: "Clinical Practitioner Access Role".into(),
        }),
        responsible: None,
        activities: ViewActivities::among(codes.iter().copied()),
        scopes: Scopes::default(),
    }
}

fn emergency_department() -> Organisation {
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
fn a_person_with_a_viewing_activity_at_a_registered_organisation_may_look() {
    let viewer = caller(true, &["B0264", "B0107"])
        .viewer(Some(&emergency_department()), Declared::Nothing)
        .unwrap();
    assert_eq!(viewer.care_setting, CareSetting::Unscheduled);
}

#[test]
fn a_system_that_may_look_alone_looks_in_the_name_of_who_answers_for_it() {
    let mut system = caller(false, &["B0107"]);
    system.responsible = caller(true, &[]).practitioner;
    let viewer = system
        .viewer(Some(&emergency_department()), Declared::Nothing)
        .unwrap();
    assert_eq!(viewer.practitioner.name, "Dr Amina Clarke");
    assert_eq!(
        viewer.practitioner.job_role_name,
        "Clinical Practitioner Access Role, answering for an unattended system"
    );
}

#[test]
fn who_lacks_a_person_an_activity_or_an_organisation_may_not_look() {
    let department = emergency_department();
    let refused =
        |caller: Caller, organisation| caller.viewer(organisation, Declared::Nothing).unwrap_err();
    let none = refused(caller(false, &["B0107"]), Some(&department));
    assert_eq!(none, CallerRefusal::Unattended);
    let none = refused(caller(true, &["B0264"]), Some(&department));
    assert_eq!(none, CallerRefusal::NoViewActivity);
    assert_eq!(
        refused(caller(true, &["B0107"]), None),
        CallerRefusal::UnknownOrganisation
    );
}
