//! A part of a resource: what `_summary` and `_elements` leave of its JSON
//! (<https://hl7.org/fhir/R4/search.html#summary>, <https://hl7.org/fhir/R4/search.html#elements>).
//!
//! Whatever is left out, a reader is told by the `SUBSETTED` tag, and is left what a resource
//! cannot be read safely without: what R4 demands of it, and what changes the meaning of the rest.

mod table;

use serde_json::{Map, Value, json};
use thiserror::Error;

use self::table::{ElementTable, element_table};
use crate::fhir::terminology::SUBSETTED;

/// The parameter that asks for a kind of part.
pub const SUMMARY: &str = "_summary";
/// The parameter that asks for elements by name.
pub const ELEMENTS: &str = "_elements";
/// The most elements that can be named: more than any resource here has.
const ELEMENTS_MAX: usize = 50;

/// The part of a resource that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subset {
    /// The elements that R4 marks as a summary.
    Summary,
    /// The narrative, and what R4 demands.
    Text,
    /// All but the narrative.
    Data,
    /// The named elements, and what R4 demands.
    Elements(Vec<String>),
}

/// What the parameters ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Everything.
    Whole,
    /// How many resources there are, and none of them.
    Count,
    /// A part of each resource.
    Part(Subset),
}

/// A parameter that asks for no part there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("ask for one part: _summary=true, text, data, count or false, or _elements=a,b")]
pub struct SubsetError {
    /// The parameter at fault.
    pub parameter: &'static str,
}

impl Subset {
    /// Reads what is asked for of the values of `_summary` and of `_elements`, each as often as it
    /// was sent.
    ///
    /// # Errors
    /// [`SubsetError`] where a value is none, `_summary` is sent twice, or both ask for a part.
    pub fn read(summaries: &[&str], elements: &[&str]) -> Result<Asked, SubsetError> {
        let summary = match summaries {
            [] | ["false"] => Asked::Whole,
            ["true"] => Asked::Part(Self::Summary),
            ["text"] => Asked::Part(Self::Text),
            ["data"] => Asked::Part(Self::Data),
            ["count"] => Asked::Count,
            _ => return Err(SubsetError { parameter: SUMMARY }),
        };
        if elements.is_empty() {
            return Ok(summary);
        }
        let names: Vec<String> = elements
            .iter()
            .flat_map(|list| list.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        let are_names = names.len() <= ELEMENTS_MAX && names.iter().all(|name| is_name(name));
        match (summary, are_names) {
            (Asked::Whole, true) => Ok(Asked::Part(Self::Elements(names))),
            // A count holds no resource for elements to be of.
            (Asked::Count, true) => Ok(Asked::Count),
            _ => Err(SubsetError {
                parameter: ELEMENTS,
            }),
        }
    }

    /// Leaves of a resource's JSON what is asked for; of a Bundle, of the resources in it.
    pub fn apply(&self, resource: &mut Value) {
        match kind_of(resource) {
            Some("Bundle") => self.apply_to_entries(resource),
            Some(_) => self.apply_to_resource(resource),
            None => {}
        }
    }

    fn apply_to_entries(&self, bundle: &mut Value) {
        let entries = bundle.get_mut("entry").and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten() {
            let is_match = entry
                .pointer("/search/mode")
                .is_none_or(|mode| mode == "match");
            // Elements are named of what is searched for, and not of what comes with it.
            let is_meant = is_match || !matches!(self, Self::Elements(_));
            if let Some(resource) = entry.get_mut("resource").filter(|_| is_meant) {
                self.apply_to_resource(resource);
            }
        }
    }

    fn apply_to_resource(&self, resource: &mut Value) {
        let Some(table) = kind_of(resource).and_then(element_table) else {
            return;
        };
        let Some(members) = resource.as_object_mut() else {
            return;
        };
        members.retain(|name, value| {
            let name = name.trim_start_matches('_');
            let is_kept = is_always_kept(name) || self.keeps(table, name);
            if is_kept && *self == Self::Summary {
                summarise(table, name, value);
            }
            is_kept
        });
        tag(members);
    }

    fn keeps(&self, table: &ElementTable, name: &str) -> bool {
        let is_needed = table.mandatory.holds(name) || table.modifiers.holds(name);
        match self {
            Self::Summary => is_needed || table.summary.holds(name),
            Self::Text => is_needed || name == "text",
            Self::Data => name != "text",
            Self::Elements(names) => is_needed || names.iter().any(|named| is_of(named, name)),
        }
    }
}

/// The elements of its own that a resource of a kind always has, in whichever part it is answered.
pub fn demanded(kind: &str) -> impl Iterator<Item = &'static str> {
    let names: Names = match element_table(kind) {
        Some(table) => table.mandatory,
        None => &[],
    };
    names
        .iter()
        .copied()
        .filter(|name| !name.contains(['.', '[']))
}

/// Names of elements of one resource: `status`, `agent.who`, `deceased[x]`.
type Names = &'static [&'static str];

/// Whether names hold a member.
trait Holding {
    fn holds(&self, member: &str) -> bool;
}

impl Holding for Names {
    fn holds(&self, member: &str) -> bool {
        self.iter().any(|name| is_of(name, member))
    }
}

/// Whether a member is the element, or one of the types of an element that has several.
fn is_of(element: &str, member: &str) -> bool {
    let rest = member.strip_prefix(element.trim_end_matches("[x]"));
    rest.is_some_and(|rest| {
        let is_typed = rest.starts_with(|first: char| first.is_ascii_uppercase());
        rest.is_empty() || (element.ends_with("[x]") && is_typed)
    })
}

/// What stays whatever is asked for: what a resource is, and what may change what it means.
fn is_always_kept(name: &str) -> bool {
    matches!(
        name,
        "resourceType" | "id" | "meta" | "implicitRules" | "modifierExtension"
    )
}

/// Leaves of an element that has a structure of its own what is summary or demanded in it.
fn summarise(table: &ElementTable, name: &str, value: &mut Value) {
    let parts = |names: Names| {
        names
            .iter()
            .filter_map(|path| path.strip_prefix(name)?.strip_prefix('.'))
    };
    let kept: Vec<&str> = parts(table.summary).chain(parts(table.mandatory)).collect();
    if kept.is_empty() {
        return;
    }
    let elements = match value {
        Value::Array(elements) => elements.as_mut_slice(),
        other => std::slice::from_mut(other),
    };
    for members in elements.iter_mut().filter_map(Value::as_object_mut) {
        members.retain(|member, _| {
            let member = member.trim_start_matches('_');
            is_always_kept(member) || kept.iter().any(|part| is_of(part, member))
        });
    }
}

/// Says that the resource is not whole. A part claims no profile: it may lack what the profile
/// demands, and would be found to break its own word.
fn tag(members: &mut Map<String, Value>) {
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    let tags = meta.as_object_mut().map(|meta| {
        meta.remove("profile");
        meta.entry("tag").or_insert_with(|| json!([]))
    });
    if let Some(tags) = tags.and_then(Value::as_array_mut) {
        tags.push(json!({
            "system": SUBSETTED.system,
            "code": SUBSETTED.code,
            "display": SUBSETTED.display,
        }));
    }
}

fn kind_of(resource: &Value) -> Option<&str> {
    resource.get("resourceType")?.as_str()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;
