//! Who looked, in the role they looked in, as a `PractitionerRole`
//! (<https://hl7.org/fhir/R4/practitionerrole.html>): a person, a job role and an organisation, as
//! they stood at one access and never change.

use fhirbolt::model::r4::resources::PractitionerRole;
use fhirbolt::model::r4::types::{CodeableConcept, Coding};

use crate::domain::access::Access;
use crate::fhir::elements::{identifier, logical_reference, meta, text};
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{ODS_CODE, RESTRICTED, SDS_JOB_ROLE, SDS_ROLE_PROFILE, SDS_USER};

/// The viewer of an access. Its id is the access's: who looks again in another role is told anew.
#[must_use]
pub fn practitioner_role(access: &Access) -> PractitionerRole {
    let viewer = &access.viewer;
    let practitioner = &viewer.practitioner;
    let person = logical_reference(
        "Practitioner",
        identifier(SDS_USER, &practitioner.user_id),
        &practitioner.name,
    );
    let organisation = logical_reference(
        ResourceKind::Organization.name(),
        identifier(ODS_CODE, viewer.organisation.as_str()),
        &viewer.organisation_name,
    );
    PractitionerRole {
        id: Some(access.id.to_string().into()),
        meta: Some(meta(profiles::VIEWER_ROLE, "1", access.at, &[RESTRICTED])),
        identifier: vec![identifier(SDS_ROLE_PROFILE, &practitioner.role_profile_id)],
        practitioner: Some(Box::new(person)),
        organization: Some(Box::new(organisation)),
        code: vec![job_role(access)],
        ..Default::default()
    }
}

/// The job role as the caller's token named it.
pub fn job_role(access: &Access) -> CodeableConcept {
    let practitioner = &access.viewer.practitioner;
    let coding = Coding {
        system: Some(SDS_JOB_ROLE.into()),
        code: Some(practitioner.job_role_code.as_str().into()),
        display: text(&practitioner.job_role_name),
        ..Default::default()
    };
    CodeableConcept {
        coding: vec![coding],
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::practitioner_role;
    use crate::domain::access::Interaction;
    use crate::domain::care_setting::CareSetting;
    use crate::fhir::samples;

    #[test]
    fn who_looked_is_told_by_name_job_role_and_organisation() {
        let access = samples::access(Interaction::Search, CareSetting::Unscheduled);
        let role = practitioner_role(&access);
        let viewer = &access.viewer;
        let said = fhirbolt::json::to_json_value(role, None).unwrap();
        let at = |path: &str| said.pointer(path).and_then(|value| value.as_str());
        assert_eq!(
            at("/practitioner/display"),
            Some(viewer.practitioner.name.as_str())
        );
        assert_eq!(
            at("/organization/display"),
            Some(viewer.organisation_name.as_str())
        );
        assert_eq!(
            at("/code/0/coding/0/display"),
            Some(viewer.practitioner.job_role_name.as_str())
        );
    }
}
