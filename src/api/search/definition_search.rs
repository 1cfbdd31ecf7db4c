//! A search of what the service publishes of itself: by url, version, name, status and id
//! (<https://hl7.org/fhir/R4/searchparameter-registry.html>).

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter, unescaped};
use crate::api::search::searchable::Handling;
use crate::fhir::definitions::Definition;
use crate::fhir::subset::{Asked, SUMMARY, Subset};

/// Where a page begins, in the service's own links.
pub const OFFSET: &str = "_offset";
/// The system of every `status` of a definition.
const PUBLICATION_STATUS: &str = "http://hl7.org/fhir/publication-status";

/// What a definition can be found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Url,
    Version,
    Name,
    Status,
    Id,
}

/// The parameters that a definition is found by.
const ELEMENTS: [(&str, Element); 5] = [
    ("url", Element::Url),
    ("version", Element::Version),
    ("name", Element::Name),
    ("status", Element::Status),
    ("_id", Element::Id),
];
/// The parameters that shape the answer.
const SHAPING: [&str; 5] = ["_count", OFFSET, SUMMARY, "_format", "_pretty"];

/// The name of every parameter of a search of definitions.
pub fn names() -> impl Iterator<Item = &'static str> {
    let elements = ELEMENTS.into_iter().map(|(name, _)| name);
    elements.chain(SHAPING)
}

/// One parameter: one of its values must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Criterion {
    element: Element,
    values: Vec<String>,
}

/// A search that can be run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DefinitionSearch {
    criteria: Vec<Criterion>,
    /// The most definitions of a page, where the caller said.
    pub count: Option<usize>,
    /// How many matches come before the page.
    pub offset: usize,
    /// The parameters that were used, but for the page's.
    pub used: Vec<Parameter>,
}

impl DefinitionSearch {
    /// Reads a search.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(parameters: &[Parameter], handling: Handling) -> Result<Self, SearchRefusal> {
        if parameters.len() > PARAMETERS_MAX {
            return Err(SearchRefusal::TooLong);
        }
        let mut search = Self::default();
        for parameter in parameters {
            search.take(parameter, handling)?;
        }
        Ok(search)
    }

    fn take(&mut self, parameter: &Parameter, handling: Handling) -> Result<(), SearchRefusal> {
        if let Some(element) = element(parameter.name()) {
            if !parameter.rest().is_empty() {
                return Err(SearchRefusal::Modifier {
                    parameter: parameter.written.clone(),
                });
            }
            let alternatives = parameter.alternatives();
            let values = alternatives.iter().map(|value| unescaped(value)).collect();
            self.criteria.push(Criterion { element, values });
            self.used.push(parameter.clone());
            return Ok(());
        }
        match parameter.written.as_str() {
            "_count" => self.count = Some(number(parameter)?),
            OFFSET => self.offset = number(parameter)?,
            SUMMARY => match Subset::read(&[&parameter.value], &[])? {
                Asked::Count => self.count = Some(0),
                Asked::Part(_) if handling == Handling::Strict => {
                    return Err(unsupported(parameter));
                }
                // A definition in part would be no definition.
                Asked::Whole | Asked::Part(_) => {}
            },
            "_format" | "_pretty" => {}
            _ if handling == Handling::Strict => return Err(unsupported(parameter)),
            _ => {}
        }
        Ok(())
    }

    /// Whether a definition is found.
    #[must_use]
    pub fn finds(&self, definition: &Definition) -> bool {
        self.criteria
            .iter()
            .all(|criterion| criterion.holds(definition))
    }
}

impl Criterion {
    fn holds(&self, definition: &Definition) -> bool {
        let is = |element: &str, wanted: &str| definition.text(element) == wanted;
        self.values.iter().any(|value| match self.element {
            Element::Url => is("url", value),
            // Neither has a system, which a token says with nothing before the bar.
            Element::Version => is("version", value.strip_prefix('|').unwrap_or(value)),
            Element::Id => is("id", value.strip_prefix('|').unwrap_or(value)),
            Element::Name => {
                let name = definition.text("name").to_lowercase();
                name.starts_with(&value.to_lowercase())
            }
            Element::Status => match value.split_once('|') {
                Some((PUBLICATION_STATUS, "")) => true,
                Some((PUBLICATION_STATUS, code)) => is("status", code),
                Some(_) => false,
                None => is("status", value),
            },
        })
    }
}

fn element(name: &str) -> Option<Element> {
    let mut elements = ELEMENTS.into_iter();
    elements.find_map(|(known, element)| (known == name).then_some(element))
}

fn unsupported(parameter: &Parameter) -> SearchRefusal {
    SearchRefusal::Unsupported {
        parameter: parameter.written.clone(),
    }
}

fn number(parameter: &Parameter) -> Result<usize, SearchRefusal> {
    let digits = parameter.value.bytes().all(|byte| byte.is_ascii_digit());
    parameter
        .value
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| SearchRefusal::Value {
            parameter: parameter.written.clone(),
            expected: "a whole number from 0",
        })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{prop_assert, proptest};
    use serde_json::json;

    use super::DefinitionSearch;
    use crate::api::search::SearchRefusal;
    use crate::api::search::parameters::read;
    use crate::api::search::searchable::Handling;
    use crate::fhir::definitions::Definitions;

    fn found(query: &str) -> Vec<String> {
        let search = DefinitionSearch::read(&read(query), Handling::Strict).unwrap();
        let definitions =
            Definitions::of(&json!({ "resourceType": "CapabilityStatement" })).unwrap();
        definitions
            .of_kind("ValueSet")
            .filter(|definition| search.finds(definition))
            .map(|definition| definition.text("id").to_owned())
            .collect()
    }

    #[test]
    fn a_definition_is_found_by_each_of_its_elements() {
        for query in [
            "url=https://cpis-fhir.invalid/ValueSet/plan-kind",
            "_id=plan-kind",
            "name=planK",
            "_id=none,plan-kind",
            "version=0.1.0&status=active&_id=|plan-kind",
            "status=http://hl7.org/fhir/publication-status|active&name=PlanKind",
        ] {
            assert_eq!(found(query), ["plan-kind"], "{query}");
        }
        assert_eq!(
            found("name=plan"),
            ["plan-kind", "plan-phase", "plan-upload-status"]
        );
        for query in [
            "status=draft",
            "status=x|active",
            "name=Kind",
            "url=plan-kind",
        ] {
            assert!(found(query).is_empty(), "{query}");
        }
    }

    #[test]
    fn what_a_search_of_definitions_does_not_know_is_refused_or_left_out() {
        let ask = |query, handling| DefinitionSearch::read(&read(query), handling);
        let refused = |query| ask(query, Handling::Strict).unwrap_err();
        assert!(matches!(
            refused("url:below=x"),
            SearchRefusal::Modifier { .. }
        ));
        assert!(matches!(refused("_count=-1"), SearchRefusal::Value { .. }));
        assert!(matches!(
            refused("date=2026"),
            SearchRefusal::Unsupported { .. }
        ));
        let lenient = ask("date=2026&_id=a", Handling::Lenient).unwrap();
        assert_eq!(lenient.used.len(), 1);
    }

    proptest! {
        #[test]
        fn no_query_makes_the_reader_panic(query in "[ -~]{0,80}") {
            let parameters = read(&query);
            if let Ok(search) = DefinitionSearch::read(&parameters, Handling::Lenient) {
                prop_assert!(search.used.len() <= parameters.len());
            }
        }
    }
}
