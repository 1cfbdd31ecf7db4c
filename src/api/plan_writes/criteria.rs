//! What an authority's system finds its own plan by, in a conditional request: the parameters of a
//! search (<https://hl7.org/fhir/R4/http.html#cond-update>).

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{
    Parameter, SEARCH_BYTES_MAX, read, split_unescaped, unescaped,
};
use crate::api::upload_plans::CONFIRM_ENDING;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::PlanKind;
use crate::domain::plan_write::PlanCriteria;
use crate::domain::record_check::day;
use crate::fhir::terminology::{local_child, plan_kind};

/// The parameters; what else is in the query is about the form of the answer, or refused.
pub const NAMES: [&str; 3] = ["identifier", "type", "start"];
const OF_THE_ANSWER: [&str; 3] = ["_format", "_pretty", CONFIRM_ENDING];

/// Reads the criteria of a query string.
///
/// # Errors
/// [`SearchRefusal`] when they name no child of the authority's, or cannot be read: a change must
/// not reach a plan by half of what was asked.
pub fn read_criteria(query: &str, authority: &OdsCode) -> Result<PlanCriteria, SearchRefusal> {
    if query.len() > SEARCH_BYTES_MAX {
        return Err(SearchRefusal::TooLong);
    }
    let (mut local_id, mut kind, mut start) = (None, None, None);
    for parameter in read(query) {
        let earlier = match parameter.written.as_str() {
            "identifier" => local_id
                .replace(identifier(&parameter, authority)?)
                .is_some(),
            "type" => kind.replace(kind_of(&parameter)?).is_some(),
            "start" => start.replace(start_of(&parameter)?).is_some(),
            name if OF_THE_ANSWER.contains(&name) => false,
            name => {
                let parameter = name.to_owned();
                return Err(SearchRefusal::Unsupported { parameter });
            }
        };
        if earlier {
            return Err(wrong(
                &parameter,
                "identifier, type and start stand once at the most",
            ));
        }
    }
    Ok(PlanCriteria {
        local_id: local_id.ok_or_else(|| SearchRefusal::Value {
            parameter: "identifier".to_owned(),
            expected: "name the child by identifier, as system|value",
        })?,
        kind,
        start,
    })
}

fn identifier(parameter: &Parameter, authority: &OdsCode) -> Result<String, SearchRefusal> {
    let parts = split_unescaped(&parameter.value, '|');
    let parts: Vec<String> = parts.iter().map(|part| unescaped(part)).collect();
    match parts.as_slice() {
        [system, value] if *system == local_child(authority) && !value.is_empty() => {
            Ok(value.clone())
        }
        _ => Err(wrong(
            parameter,
            "send system|value, in the system of your own identifiers for children",
        )),
    }
}

fn kind_of(parameter: &Parameter) -> Result<PlanKind, SearchRefusal> {
    let parts = split_unescaped(&parameter.value, '|');
    let found = PlanKind::ALL.into_iter().find(|kind| {
        let term = plan_kind(*kind);
        match parts.as_slice() {
            [code] => code == term.code,
            [system, code] => system == term.system && code == term.code,
            _ => false,
        }
    });
    found.ok_or_else(|| wrong(parameter, "type is the SNOMED CT code of one kind of plan"))
}

fn start_of(parameter: &Parameter) -> Result<chrono::NaiveDate, SearchRefusal> {
    let value = parameter
        .value
        .strip_prefix("eq")
        .unwrap_or(&parameter.value);
    day(value).ok_or_else(|| wrong(parameter, "start is the plan's first day, as YYYY-MM-DD"))
}

fn wrong(parameter: &Parameter, expected: &'static str) -> SearchRefusal {
    SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, proptest};

    use super::read_criteria;
    use crate::domain::ods_code::OdsCode;
    use crate::domain::plan::PlanKind;

    const OWN: &str = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90001";

    fn authority() -> OdsCode {
        OdsCode::parse("E90001").unwrap()
    }

    #[test]
    fn a_plan_is_named_by_its_child_and_closer_by_kind_and_first_day() {
        let read = |query: &str| read_criteria(query, &authority()).unwrap();
        assert_eq!(read(&format!("identifier={OWN}|H-1")).local_id, "H-1");
        let escaped = read(&format!("identifier={OWN}%7Ca%5C%7Cb%5C%2Cc&_format=json"));
        assert_eq!(escaped.local_id, "a|b,c");
        let closer = format!("identifier={OWN}|H-1&type=342191000000101&start=2026-01-10");
        let closer = read(&closer);
        assert_eq!(closer.kind, Some(PlanKind::ChildProtection));
        assert_eq!(closer.start.unwrap().to_string(), "2026-01-10");
    }

    #[test]
    fn criteria_that_name_no_child_or_could_name_anothers_are_refused() {
        for query in [
            "",
            "identifier=H-1",
            "identifier=|H-1",
            "identifier=https://cpis-fhir.invalid/Id/local-authority-child-id/E90002|H-1",
            "identifier=https://fhir.nhs.uk/Id/nhs-number|9990000026",
            "type=342191000000101",
        ] {
            assert!(read_criteria(query, &authority()).is_err(), "{query}");
        }
        for more in [
            "type=CPP",
            "start=2026",
            "start=ge2026-01-10",
            "patient=9990000026",
            "identifier:not=a",
            &format!("identifier={OWN}|H-2"),
        ] {
            let query = format!("identifier={OWN}|H-1&{more}");
            assert!(read_criteria(&query, &authority()).is_err(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_the_reader_panic(query in any::<String>()) {
            let _ = read_criteria(&query, &authority());
        }
    }
}
