//! A child, or the mother of an unborn child, as a `Patient`
//! (<https://hl7.org/fhir/R4/patient.html>): who it is, and nothing else.

use fhirbolt::model::r4::resources::Patient;

use crate::domain::plan::Child;
use crate::fhir::elements::{identifier, meta};
use crate::fhir::profiles;
use crate::fhir::terminology::{NHS_NUMBER, RESTRICTED};

/// The child as a patient: NHS number and date of birth. Its version is the moment of its last
/// change, because nobody counts a child's changes.
#[must_use]
pub fn patient(child: &Child) -> Patient {
    let version = child.updated_at.timestamp_millis().to_string();
    Patient {
        id: Some(child.id.to_string().into()),
        meta: Some(meta(
            profiles::CHILD,
            &version,
            child.updated_at,
            &[RESTRICTED],
        )),
        identifier: vec![identifier(NHS_NUMBER, &child.nhs_number.reveal())],
        birth_date: Some(child.birth_date.to_string().into()),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::patient;
    use crate::fhir::samples;

    #[test]
    fn a_patient_has_a_number_and_a_birthday_and_no_name() {
        let json = fhirbolt::json::to_json_value(patient(&samples::child()), None).unwrap();
        let members: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(members.len(), 5, "{members:?}");
        for expected in ["resourceType", "id", "meta", "identifier", "birthDate"] {
            assert!(json.get(expected).is_some(), "{expected}");
        }
    }
}
