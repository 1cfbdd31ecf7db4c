//! A local authority as an `Organization` (<https://hl7.org/fhir/R4/organization.html>).

use fhirbolt::model::r4::resources::{Organization, OrganizationContact};
use fhirbolt::model::r4::types::{CodeableConcept, ContactPoint};

use crate::domain::local_authority::LocalAuthority;
use crate::domain::phone_number::PhoneNumber;
use crate::fhir::elements::{coding, identifier, meta, text};
use crate::fhir::profiles;
use crate::fhir::terminology::{GOVERNMENT, LOCAL_AUTHORITY, ODS_CODE};

/// The authority: who it is, and how to reach it day and night.
#[must_use]
pub fn organization(authority: &LocalAuthority) -> Organization {
    Organization {
        id: Some(authority.id.to_string().into()),
        meta: Some(meta(
            profiles::LOCAL_AUTHORITY,
            &authority.version.to_string(),
            authority.updated_at,
            &[],
        )),
        identifier: vec![identifier(ODS_CODE, authority.code.as_str())],
        active: Some(true.into()),
        r#type: vec![CodeableConcept {
            coding: vec![coding(LOCAL_AUTHORITY), coding(GOVERNMENT)],
            ..Default::default()
        }],
        name: text(&authority.name),
        telecom: authority.office_phone.iter().map(office).collect(),
        contact: vec![emergency_duty_team(&authority.emergency_phone)],
        ..Default::default()
    }
}

/// FHIR has no `use` for a number answered at night, so it stands with a purpose in words.
fn emergency_duty_team(number: &PhoneNumber) -> OrganizationContact {
    let purpose = CodeableConcept {
        text: text("Emergency duty team"),
        ..Default::default()
    };
    let telecom = ContactPoint {
        rank: Some(1_u32.into()),
        ..phone(number)
    };
    OrganizationContact {
        purpose: Some(Box::new(purpose)),
        telecom: vec![telecom],
        ..Default::default()
    }
}

/// The number that is answered in office hours.
pub fn office(number: &PhoneNumber) -> ContactPoint {
    ContactPoint {
        r#use: Some("work".into()),
        ..phone(number)
    }
}

/// A telephone number.
pub fn phone(number: &PhoneNumber) -> ContactPoint {
    ContactPoint {
        system: Some("phone".into()),
        value: text(number.as_str()),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::organization;
    use crate::fhir::samples;

    #[test]
    fn an_authority_without_an_office_number_still_has_its_duty_team_s() {
        let mut authority = samples::authority();
        authority.office_phone = None;
        let organization = organization(&authority);
        assert!(organization.telecom.is_empty());
        assert_eq!(organization.contact.len(), 1);
    }
}
