//! Whether a resource holds to a profile: how often each element is there, what it may be, and what
//! each slice of it is (<https://hl7.org/fhir/R4/profiling.html>).

use serde_json::{Map, Value};

use super::codes::ValueSets;
use super::fault::Faults;
use super::item::{Item, items, type_name};
use super::profile::{Node, Profile, list};
use crate::fhir::model::resource;
use crate::fhir::operation_outcome::IssueType;

/// What a check against profiles needs.
pub struct Conformance<'a, 'b> {
    /// The profiles there are: one may be of an element of another.
    pub profiles: &'b [Profile<'a>],
    /// The value sets there are.
    pub value_sets: &'b ValueSets<'a>,
    /// What is wrong.
    pub faults: &'b mut Faults,
}

impl Conformance<'_, '_> {
    /// Checks the elements inside an element.
    pub fn check(&mut self, node: &Node<'_>, members: &Map<String, Value>, at: &str) {
        for (name, child) in &node.children {
            let found = items(members, name, at);
            let at = format!("{at}.{}", name.trim_end_matches("[x]"));
            self.count(child, found.len(), &at);
            for item in &found {
                self.item(child, item);
            }
            self.slices(child, &found, &at);
        }
    }

    fn count(&mut self, node: &Node<'_>, many: usize, at: &str) {
        match (many, node.least(), node.most()) {
            (0, 1.., _) => self.faults.add_missing(at),
            (many, least, _) if many < least => {
                let words = format!("the element is there {least} times at the least");
                self.faults.add(IssueType::Required, at, words);
            }
            (1.., _, 0) => {
                let words = "the profile has no such element";
                self.faults.add(IssueType::Structure, at, words);
            }
            (many, _, most) if many > most => {
                let words = format!("the element is there {most} times at the most");
                self.faults.add(IssueType::Structure, at, words);
            }
            _ => {}
        }
    }

    fn item(&mut self, node: &Node<'_>, item: &Item<'_>) {
        let value = item.value.unwrap_or(&Value::Null);
        let at = item.at.as_str();
        let is_fixed = node.fixed().is_none_or(|fixed| fixed == value);
        let is_like = node.pattern().is_none_or(|pattern| is_like(value, pattern));
        if !is_fixed || !is_like {
            let words = "the value is not the one the profile gives the element";
            self.faults.add(IssueType::Value, at, words);
        }
        self.binding(node, value, at);
        self.types(node, item);
        if let Value::Object(members) = value {
            self.check(node, members, at);
            for url in node.type_profiles() {
                let profiles = self.profiles;
                if let Some(profile) = profiles.iter().find(|known| known.url == url) {
                    self.check(&profile.root, members, at);
                }
            }
        }
    }

    fn binding(&mut self, node: &Node<'_>, value: &Value, at: &str) {
        let Some(binding) = node.says("binding") else {
            return;
        };
        let text = |name: &str| {
            binding
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let is_bound = text("strength") == "required" && !value.is_null();
        if is_bound && !self.value_sets.admit(text("valueSet"), value) {
            let words = "no code of the profile's value set is there";
            self.faults.add(IssueType::CodeInvalid, at, words);
        }
    }

    fn types(&mut self, node: &Node<'_>, item: &Item<'_>) {
        let of = |name: &str| {
            node.types()
                .any(|one| one.get("code") == Some(&name.into()))
        };
        if let Some(said) = item.said
            && node.says("type").is_some()
            && !of(&type_name(said))
        {
            let words = "the profile does not let the element have this type";
            self.faults.add(IssueType::Structure, &item.at, words);
        }
        let targets: Vec<&str> = node
            .types()
            .flat_map(|one| list(one.get("targetProfile")))
            .filter_map(|target| target.as_str()?.rsplit('/').next())
            .collect();
        let mut pointed = item.value.into_iter().flat_map(pointed);
        if !targets.is_empty() && pointed.any(|kind| !targets.contains(&kind)) {
            let words = "the reference is not to a resource of the kind the profile wants";
            self.faults.add(IssueType::Value, &item.at, words);
        }
    }

    fn slices(&mut self, node: &Node<'_>, found: &[Item<'_>], at: &str) {
        let is_in = |slice: &Node<'_>, item: &Item<'_>| {
            let mut paths = node.discriminators();
            paths.all(|path| is_of(slice, path, item))
        };
        let strays = found.iter().filter(|item| {
            let mut slices = node.slices.values();
            node.is_closed() && !slices.any(|slice| is_in(slice, item))
        });
        for item in strays {
            let words = "the element is none of those the profile lets stand here";
            self.faults.add(IssueType::Structure, &item.at, words);
        }
        for (name, slice) in &node.slices {
            let of_slice: Vec<&Item<'_>> = found.iter().filter(|item| is_in(slice, item)).collect();
            let many = of_slice.len();
            if many < slice.least() || many > slice.most() {
                let words = match (slice.least(), slice.most()) {
                    (least, usize::MAX) => format!(
                        "what the profile calls {name} is there {least} times at the least, and \
                         not {many}"
                    ),
                    (least, most) => format!(
                        "what the profile calls {name} is there {least} to {most} times, and not \
                         {many}"
                    ),
                };
                let code = match many < slice.least() {
                    true => IssueType::Required,
                    false => IssueType::Structure,
                };
                self.faults.add(code, at, words);
            }
            for item in of_slice {
                self.item(slice, item);
            }
        }
    }
}

/// Whether an occurrence is of a slice, by what is at a path inside it.
fn is_of(slice: &Node<'_>, path: &str, item: &Item<'_>) -> bool {
    let Some(value) = item.value else {
        return false;
    };
    if path == "$this" {
        return agrees(slice, value);
    }
    let mut profiles = slice.type_profiles();
    if path == "url" && slice.at(path).is_none() {
        let url = value.get("url").and_then(Value::as_str);
        return profiles.any(|profile| url == Some(profile));
    }
    let Some(node) = slice.at(path) else {
        return false;
    };
    let mut inside = vec![value];
    for name in path.split('.') {
        let members = inside.into_iter().filter_map(|value| value.get(name));
        inside = members
            .flat_map(|value| match value {
                Value::Array(values) => values.iter().collect(),
                value => vec![value],
            })
            .collect();
    }
    inside.into_iter().any(|value| agrees(node, value))
}

/// Whether a value is what a profile says it is; false where it says nothing.
fn agrees(node: &Node<'_>, value: &Value) -> bool {
    match (node.fixed(), node.pattern()) {
        (Some(fixed), _) => fixed == value,
        (None, Some(pattern)) => is_like(value, pattern),
        (None, None) => false,
    }
}

/// Whether a value has all that a pattern has
/// (<https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_>).
fn is_like(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(members), Value::Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            let held = members.get(name);
            held.is_some_and(|held| is_like(held, wanted))
        }),
        (Value::Array(values), Value::Array(wanted)) => wanted
            .iter()
            .all(|wanted| values.iter().any(|value| is_like(value, wanted))),
        (value, pattern) => value == pattern,
    }
}

/// The kinds of resource that a reference says it is to.
fn pointed(reference: &Value) -> impl Iterator<Item = &str> {
    let text = |name: &str| reference.get(name).and_then(Value::as_str);
    let by_url = text("reference").and_then(|url| {
        let path = url.split("/_history/").next()?;
        let (before, _id) = path.rsplit_once('/')?;
        resource(before.rsplit('/').next()?)
    });
    [text("type"), by_url].into_iter().flatten()
}
