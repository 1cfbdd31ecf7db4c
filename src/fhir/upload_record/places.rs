//! Where each field of a record stands in the resource
//! (<https://hl7.org/fhir/R4/fhirpath.html#simple>).

use crate::domain::record_field::RecordField;

/// Where a field stands.
#[must_use]
pub fn place(field: RecordField) -> &'static str {
    match field {
        RecordField::PlanKind => "EpisodeOfCare.type",
        RecordField::NhsNumber => "EpisodeOfCare.contained.identifier",
        RecordField::LocalId => "EpisodeOfCare.identifier",
        RecordField::Authority => "EpisodeOfCare.managingOrganization",
        RecordField::BirthDate => "EpisodeOfCare.contained.birthDate",
        RecordField::StartDate => "EpisodeOfCare.period.start",
        RecordField::EndDate => "EpisodeOfCare.period.end",
        RecordField::DeleteDate => "EpisodeOfCare.statusHistory.period.start",
        RecordField::FamilyName => "EpisodeOfCare.contained.name.family",
        RecordField::GivenNames => "EpisodeOfCare.contained.name.given",
    }
}

/// The field that stands at a place, or within it; none where the place is no field's.
#[must_use]
pub fn field_at(at: &str) -> Option<RecordField> {
    let mut plain = String::with_capacity(at.len());
    let mut is_index = false;
    for character in at.chars() {
        match character {
            '[' => is_index = true,
            ']' => is_index = false,
            _ if is_index => {}
            other => plain.push(other),
        }
    }
    RecordField::ALL.into_iter().find(|field| {
        let rest = plain.strip_prefix(place(*field));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::{field_at, place};
    use crate::domain::record_field::RecordField;

    #[test]
    fn every_field_is_found_at_its_place_and_within_it() {
        for field in RecordField::ALL {
            assert_eq!(field_at(place(field)), Some(field));
            assert_eq!(field_at(&format!("{}[2].a", place(field))), Some(field));
        }
        assert_eq!(
            field_at("EpisodeOfCare.contained[0].name[1].given[0]"),
            Some(RecordField::GivenNames)
        );
        for other in [
            "EpisodeOfCare",
            "EpisodeOfCare.typed",
            "Patient.name",
            "[",
            "",
        ] {
            assert_eq!(field_at(other), None, "{other}");
        }
    }
}
