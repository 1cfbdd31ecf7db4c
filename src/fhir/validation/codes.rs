//! The codes of the value sets that the service publishes
//! (<https://hl7.org/fhir/R4/terminologies.html>).

use serde_json::Value;

use super::profile::list;
use crate::fhir::definitions::Definitions;

/// The codes of each value set.
pub struct ValueSets<'a>(Vec<(&'a str, Vec<Code<'a>>)>);

/// A code: its system, and the code itself.
type Code<'a> = (&'a str, &'a str);

impl<'a> ValueSets<'a> {
    /// Those that are published.
    #[must_use]
    pub fn of(definitions: &'a Definitions) -> Self {
        let sets = definitions.of_kind("ValueSet").map(|set| {
            let includes = list(set.resource.pointer("/compose/include"));
            let codes = includes.flat_map(|include| codes(include, definitions));
            (set.text("url"), codes.collect())
        });
        Self(sets.collect())
    }

    /// Whether a value - a code, a coding or a concept of codings - has a code of a value set. Of a
    /// set that is not published here nothing is known, and it has.
    #[must_use]
    pub fn admit(&self, canonical: &str, value: &Value) -> bool {
        let url = canonical.split('|').next().unwrap_or_default();
        let Some((_, codes)) = self.0.iter().find(|(known, _)| *known == url) else {
            return true;
        };
        let is_code = |code: &str| codes.iter().any(|(_, known)| *known == code);
        let text = |coding: &Value, name: &str| {
            coding.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let is_coding = |coding: &Value| {
            let (system, code) = (text(coding, "system"), text(coding, "code"));
            codes.iter().any(|(known_system, known)| {
                system.as_deref() == Some(known_system) && code.as_deref() == Some(known)
            })
        };
        match value {
            Value::String(code) => is_code(code),
            Value::Object(members) if members.contains_key("code") => is_coding(value),
            Value::Object(members) => list(members.get("coding")).any(is_coding),
            _ => false,
        }
    }
}

fn codes<'a>(include: &'a Value, definitions: &'a Definitions) -> Vec<Code<'a>> {
    let Some(system) = include.get("system").and_then(Value::as_str) else {
        return Vec::new();
    };
    let concepts = match include.get("concept") {
        Some(concepts) => Some(concepts),
        // The whole of a code system, which then is one of ours.
        None => definitions
            .of_kind("CodeSystem")
            .find(|known| known.text("url") == system)
            .and_then(|known| known.resource.get("concept")),
    };
    let code = |concept: &'a Value| Some((system, concept.get("code")?.as_str()?));
    list(concepts).filter_map(code).collect()
}
