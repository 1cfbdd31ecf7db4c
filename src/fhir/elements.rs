//! The data types resources are built of (<https://hl7.org/fhir/R4/datatypes.html>).

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::types::{
    CodeableConcept, Coding, Identifier, Meta, Reference, String as FhirString,
};
use uuid::Uuid;

use crate::domain::plan::Child;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{NHS_NUMBER, Term};

/// A FHIR string, which is never blank and holds no control characters: those become U+FFFD.
pub fn text(value: &str) -> Option<FhirString> {
    let value = without_control_characters(value);
    (!value.trim().is_empty()).then(|| value.into())
}

/// The text with everything that neither FHIR strings nor XML 1.0 may hold made visible.
pub fn without_control_characters(value: &str) -> String {
    let visible = |character: char| match character {
        '\t' | '\n' | '\r' => character,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    value.chars().map(visible).collect()
}

/// An instant as FHIR writes it, to the millisecond.
pub fn instant(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A code with its system and display.
pub fn coding(term: Term) -> Coding {
    Coding {
        system: Some(term.system.into()),
        code: Some(term.code.into()),
        display: Some(term.display.into()),
        ..Default::default()
    }
}

/// A concept of one code.
pub fn concept(term: Term) -> CodeableConcept {
    CodeableConcept {
        coding: vec![coding(term)],
        ..Default::default()
    }
}

/// An identifier in its system.
pub fn identifier(system: &str, value: &str) -> Identifier {
    Identifier {
        system: Some(system.into()),
        value: text(value),
        ..Default::default()
    }
}

/// What a resource says of itself.
pub fn meta(
    profiles: &[&str],
    version: &str,
    last_updated: DateTime<Utc>,
    labels: &[Term],
) -> Box<Meta> {
    Box::new(Meta {
        version_id: Some(version.into()),
        last_updated: Some(instant(last_updated).into()),
        security: labels.iter().copied().map(coding).collect(),
        ..*claim(profiles)
    })
}

/// What a resource says of itself that has no version: only the profiles it holds to.
pub fn claim(profiles: &[&str]) -> Box<Meta> {
    Box::new(Meta {
        profile: profiles.iter().map(|profile| (*profile).into()).collect(),
        ..Default::default()
    })
}

/// A reference to one of our own resources, relative to the base URL.
pub fn reference(kind: ResourceKind, id: Uuid) -> Reference {
    Reference {
        reference: Some(format!("{}/{id}", kind.name()).into()),
        r#type: Some(kind.name().into()),
        ..Default::default()
    }
}

/// A reference to something that is no resource here: only its kind, identifier and name.
pub fn logical_reference(kind: &str, identifier: Identifier, name: &str) -> Reference {
    Reference {
        r#type: Some(kind.into()),
        identifier: Some(Box::new(identifier)),
        display: text(name),
        ..Default::default()
    }
}

/// A reference to the child, by id and by NHS number, so that both `patient:identifier` and
/// `patient.identifier` find it (<https://hl7.org/fhir/R4/search.html#reference>).
pub fn child_reference(child: &Child) -> Reference {
    Reference {
        identifier: Some(Box::new(identifier(NHS_NUMBER, &child.nhs_number.reveal()))),
        ..reference(ResourceKind::Patient, child.id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{instant, text};

    #[test]
    fn an_instant_always_has_milliseconds_and_ends_in_z() {
        assert_eq!(
            instant(DateTime::<Utc>::UNIX_EPOCH),
            "1970-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn a_blank_text_is_left_out_because_fhir_has_no_empty_strings() {
        for blank in ["", " ", "\t\r\n"] {
            assert!(text(blank).is_none(), "{blank:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_carries_a_control_character(value in any::<String>()) {
            let written = text(&value).and_then(|text| text.value).unwrap_or_default();
            let allowed = |found: char| matches!(found, '\t' | '\n' | '\r') || !found.is_control();
            prop_assert!(written.chars().all(allowed));
        }
    }
}
