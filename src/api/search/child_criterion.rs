//! From a search: the child it is about, or a refusal that names the parameter.
//!
//! Clients name a child in ten ways; all come down to an NHS number or the opaque id of a Patient.
//! What could only ever find nothing (another identifier system, another server's patient) is
//! refused, because an empty answer would read as "no plan".

use uuid::Uuid;

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{Parameter, relative, split_unescaped, unescaped};
use crate::api::search::search_parameter::ParameterKind;
use crate::domain::access::Subject;
use crate::domain::nhs_number::NhsNumber;
use crate::fhir::terminology::NHS_NUMBER;

/// Whom a parameter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A child, as a look can be made at it.
    Child(Subject),
    /// An id that nobody can have: the search finds nothing, and says so.
    Nobody,
}

/// The ways to name the child by its identifier through a reference.
const BY_IDENTIFIER: [&str; 4] = [
    ":identifier",
    ".identifier",
    ":Patient.identifier",
    ":Patient:identifier",
];

/// Whether a parameter for the child, as it is written, says who the child is; otherwise it asks
/// something of the child.
#[must_use]
pub fn names(parameter: &Parameter, kind: ParameterKind) -> bool {
    match (kind, parameter.rest()) {
        (_, "") | (ParameterKind::Reference(_), ":Patient") => true,
        (ParameterKind::Reference(_), rest) => BY_IDENTIFIER.contains(&rest),
        _ => false,
    }
}

/// Reads a parameter that names the child: by reference, or by identifier where it is written so or
/// the parameter is the identifier itself.
///
/// # Errors
/// [`SearchRefusal`] when the value cannot name one child.
pub fn read(
    parameter: &Parameter,
    kind: ParameterKind,
    base: &str,
) -> Result<Named, SearchRefusal> {
    let alternatives = parameter.alternatives();
    let [value] = alternatives.as_slice() else {
        return Err(SearchRefusal::SeveralChildren {
            parameter: parameter.written.clone(),
        });
    };
    match kind {
        ParameterKind::Reference(_) if !BY_IDENTIFIER.contains(&parameter.rest()) => {
            read_reference(parameter, value, base)
        }
        _ => read_identifier(parameter, value),
    }
}

/// The id of one of this service's resources, exactly as the service writes it: ids are told apart
/// by case (<https://hl7.org/fhir/R4/datatypes.html#id>).
#[must_use]
pub fn id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text)
        .ok()
        .filter(|id| id.to_string() == text)
}

fn read_identifier(parameter: &Parameter, value: &str) -> Result<Named, SearchRefusal> {
    let parts = split_unescaped(value, '|');
    let (system, number) = match parts.as_slice() {
        [number] => (None, number),
        [system, number] => (Some(unescaped(system)), number),
        _ => {
            let expected = "an identifier is written system|value";
            return Err(SearchRefusal::Value {
                parameter: parameter.written.clone(),
                expected,
            });
        }
    };
    if system.is_some_and(|system| system != NHS_NUMBER) {
        return Err(SearchRefusal::IdentifierSystem {
            parameter: parameter.written.clone(),
        });
    }
    read_nhs_number(parameter, &unescaped(number))
}

fn read_reference(parameter: &Parameter, value: &str, base: &str) -> Result<Named, SearchRefusal> {
    let reference = unescaped(value);
    let relative = relative(&reference, base);
    let id = relative.strip_prefix("Patient/").unwrap_or(relative);
    if id.contains([':', '/']) {
        let expected = "name a Patient of this server, or use patient:identifier with system|value";
        return Err(SearchRefusal::Value {
            parameter: parameter.written.clone(),
            expected,
        });
    }
    // Patient ids here are opaque, so ten digits can only be meant as an NHS number.
    if id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return read_nhs_number(parameter, id);
    }
    Ok(self::id(id).map_or(Named::Nobody, |id| Named::Child(Subject::Patient(id))))
}

fn read_nhs_number(parameter: &Parameter, number: &str) -> Result<Named, SearchRefusal> {
    match NhsNumber::parse(number) {
        Ok(number) => Ok(Named::Child(Subject::NhsNumber(number))),
        Err(reason) => Err(SearchRefusal::NhsNumber {
            parameter: parameter.written.clone(),
            reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, prop_assert, proptest};
    use uuid::Uuid;

    use super::{Named, id, names, read};
    use crate::api::search::SearchRefusal;
    use crate::api::search::parameters::Parameter;
    use crate::api::search::search_parameter::ParameterKind;
    use crate::domain::access::Subject;
    use crate::domain::nhs_number::NhsNumber;

    const BASE: &str = "https://cpis.example/FHIR/R4";
    const NUMBER: &str = "9990000026";
    const ID: &str = "019371b8-1c00-7000-8000-000000000001";

    fn named(written: &str, value: &str) -> Result<Named, SearchRefusal> {
        read(
            &parameter(written, value),
            ParameterKind::Reference(&[]),
            BASE,
        )
    }

    fn parameter(written: &str, value: &str) -> Parameter {
        Parameter {
            written: written.into(),
            value: value.into(),
        }
    }

    #[test]
    fn every_way_clients_write_an_nhs_number_names_the_same_child() {
        let child = Named::Child(Subject::NhsNumber(NhsNumber::parse(NUMBER).unwrap()));
        let token = format!("https://fhir.nhs.uk/Id/nhs-number|{NUMBER}");
        for written in [
            "patient:identifier",
            "patient.identifier",
            "patient:Patient.identifier",
        ] {
            assert_eq!(named(written, &token), Ok(child), "{written}");
            assert_eq!(named(written, NUMBER), Ok(child), "{written}");
        }
        assert_eq!(named("patient", NUMBER), Ok(child));
        assert_eq!(named("patient", &format!("Patient/{NUMBER}")), Ok(child));
    }

    #[test]
    fn a_patient_is_named_by_id_reference_or_absolute_url() {
        let child = Named::Child(Subject::Patient(Uuid::try_parse(ID).unwrap()));
        for value in [
            ID.to_owned(),
            format!("Patient/{ID}"),
            format!("{BASE}/Patient/{ID}"),
        ] {
            assert_eq!(named("patient", &value), Ok(child), "{value}");
        }
        assert_eq!(named("patient", "no-such-id"), Ok(Named::Nobody));
    }

    #[test]
    fn what_could_only_find_nothing_is_refused_and_never_answered_empty() {
        let other = named(
            "patient:identifier",
            &format!("https://other.example|{NUMBER}"),
        );
        assert!(matches!(other, Err(SearchRefusal::IdentifierSystem { .. })));
        let none = named("patient:identifier", &format!("|{NUMBER}"));
        assert!(matches!(none, Err(SearchRefusal::IdentifierSystem { .. })));
        let elsewhere = named("patient", &format!("https://other.example/Patient/{ID}"));
        assert!(matches!(elsewhere, Err(SearchRefusal::Value { .. })));
        let group = named("patient", &format!("Group/{ID}"));
        assert!(matches!(group, Err(SearchRefusal::Value { .. })));
    }

    #[test]
    fn a_wrong_number_several_children_and_unknown_modifiers_are_refused() {
        let wrong = named("patient", "9990000019");
        assert!(matches!(wrong, Err(SearchRefusal::NhsNumber { .. })));
        let several = named("patient", &format!("{NUMBER},9990000034"));
        assert!(matches!(
            several,
            Err(SearchRefusal::SeveralChildren { .. })
        ));
    }

    #[test]
    fn what_asks_something_of_the_child_does_not_say_who_the_child_is() {
        for written in [
            "patient:not",
            "patient:missing",
            "patient.birthdate",
            "patient:Group",
        ] {
            let asked = parameter(written, NUMBER);
            assert!(!names(&asked, ParameterKind::Reference(&[])), "{written}");
        }
        assert!(names(
            &parameter("patient", NUMBER),
            ParameterKind::Reference(&[])
        ));
    }

    #[test]
    fn an_id_is_told_from_another_by_case_and_form() {
        assert!(id(ID).is_some());
        for other in [ID.to_uppercase(), ID.replace('-', ""), format!("{{{ID}}}")] {
            assert_eq!(id(&other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_the_reader_panic(value in any::<String>()) {
            for written in ["patient", "patient:identifier"] {
                if let Ok(Named::Child(Subject::NhsNumber(number))) = named(written, &value) {
                    prop_assert!(value.contains(&number.reveal()));
                }
            }
        }
    }
}
