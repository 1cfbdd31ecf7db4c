//! What a search finds in a resource: the tokens, dates, references and texts at a path of its
//! JSON (<https://hl7.org/fhir/R4/search.html#ptypes>), so that a search asks of exactly what the
//! caller is shown.

use std::fmt;

use serde_json::Value;

use crate::fhir::Resource;
use crate::fhir::date_time::{Period, stretch};
use crate::fhir::json::{JsonError, to_value};

/// A resource, as a search looks into it. It has no `Debug`: it is about a child.
pub struct Facets {
    json: Value,
}

/// A code or an identifier. Its `Debug` keeps the value to itself: it may be an NHS number.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The system, where there is one.
    pub system: Option<String>,
    /// The code or the identifier's value.
    pub code: String,
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The kind of resource; empty where the reference does not say.
    pub kind: String,
    /// The id, where it is one of ours.
    pub id: Option<String>,
    /// The identifier, where the reference has one.
    pub identifier: Option<Token>,
}

impl Facets {
    /// A resource to look into.
    ///
    /// # Errors
    /// [`JsonError`] when the resource holds a value FHIR has no JSON for.
    pub fn of(resource: &Resource) -> Result<Self, JsonError> {
        to_value(resource).map(|json| Self { json })
    }

    /// Whether there is anything at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        !self.at(path).is_empty()
    }

    /// The codes and identifiers at a path. A bare code is in the system that its element is bound
    /// to, if that is said.
    #[must_use]
    pub fn tokens(&self, path: &str, bound_to: Option<&str>) -> Vec<Token> {
        let found = self.at(path).into_iter();
        found.flat_map(|value| tokens(value, bound_to)).collect()
    }

    /// The words that go with the codes at a path: displays, texts, and what a type says.
    #[must_use]
    pub fn words(&self, path: &str) -> Vec<&str> {
        let mut words = Vec::new();
        for value in self.at(path) {
            let places = [
                value,
                value.get("type").unwrap_or(&Value::Null),
                value.get("identifier").unwrap_or(&Value::Null),
            ];
            for place in places {
                words.extend(text(place, "display"));
                words.extend(text(place, "text"));
                let codings = items(place.get("coding"));
                words.extend(codings.filter_map(|coding| text(coding, "display")));
            }
        }
        words
    }

    /// The stretches of time at a path.
    #[must_use]
    pub fn periods(&self, path: &str) -> Vec<Period> {
        let moment = |text: &str| stretch(text);
        self.at(path)
            .into_iter()
            .filter_map(|value| match value {
                Value::String(text) => moment(text).map(|(from, until)| Period {
                    from: Some(from),
                    until: Some(until),
                }),
                Value::Object(_) => Some(Period {
                    from: text(value, "start").and_then(moment).map(|(from, _)| from),
                    until: text(value, "end").and_then(moment).map(|(_, until)| until),
                }),
                _ => None,
            })
            .collect()
    }

    /// What the references at a path lead to.
    #[must_use]
    pub fn targets(&self, path: &str) -> Vec<Target> {
        self.at(path).into_iter().map(target).collect()
    }

    /// The texts at a path, and within what is at it.
    #[must_use]
    pub fn texts(&self, path: &str) -> Vec<&str> {
        let mut texts = Vec::new();
        for value in self.at(path) {
            gather(value, &mut texts);
        }
        texts
    }

    /// Everything at a path of names joined by points, or at several joined by ` | `, through
    /// lists.
    fn at(&self, path: &str) -> Vec<&Value> {
        path.split(" | ")
            .flat_map(|path| {
                path.split('.').fold(vec![&self.json], |found, name| {
                    let members = found.into_iter().flat_map(|value| items(value.get(name)));
                    members.collect()
                })
            })
            .collect()
    }
}

/// The items of a list, or the one value that is no list.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(one)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn tokens(value: &Value, bound_to: Option<&str>) -> Vec<Token> {
    let bare = |code: &str| Token {
        system: bound_to.map(str::to_owned),
        code: code.to_owned(),
    };
    match value {
        Value::String(code) => vec![bare(code)],
        Value::Bool(truth) => vec![bare(if *truth { "true" } else { "false" })],
        Value::Object(members) if members.contains_key("coding") => {
            items(value.get("coding")).filter_map(system_and).collect()
        }
        _ => system_and(value).into_iter().collect(),
    }
}

/// A Coding has a code in its system, an Identifier a value.
fn system_and(value: &Value) -> Option<Token> {
    let code = text(value, "code").or_else(|| text(value, "value"))?;
    Some(Token {
        system: text(value, "system").map(str::to_owned),
        code: code.to_owned(),
    })
}

fn target(reference: &Value) -> Target {
    let (kind, id) = text(reference, "reference")
        .and_then(|reference| reference.split_once('/'))
        .unzip();
    let kind = kind.or_else(|| text(reference, "type"));
    Target {
        kind: kind.unwrap_or_default().to_owned(),
        id: id.map(str::to_owned),
        identifier: reference.get("identifier").and_then(system_and),
    }
}

fn gather<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(members) => members.values().for_each(|member| gather(member, texts)),
        _ => {}
    }
}

#[cfg(test)]
#[path = "facets_rules.rs"]
mod rules;
