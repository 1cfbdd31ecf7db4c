//! Whether a resource has the structure that R4 gives it: no element that is not there, each as
//! often as it may be, and each of its type (<https://hl7.org/fhir/R4/validation.html>).

use serde_json::{Map, Value};

use super::fault::{Faults, place_of_unknown};
use super::item::{Item, items, place};
use super::r4::{codes, rules, simple};
use super::value::Simple;
use crate::fhir::model::{Element, Form, element, resource};
use crate::fhir::operation_outcome::IssueType;
use crate::fhir::reading::kind;

/// A resource inside another, or the outermost one, and where it is.
pub struct Placed<'a> {
    /// Its members.
    pub members: &'a Map<String, Value>,
    /// What kind it is.
    pub kind: &'static str,
    /// Where it is.
    pub at: String,
}

/// Checks a resource and those inside it, and tells which they are.
pub fn check<'a>(resource: &'a Value, at: &str, faults: &mut Faults) -> Vec<Placed<'a>> {
    let mut structure = Structure {
        faults,
        resources: Vec::new(),
    };
    structure.resource(resource, at);
    structure.resources
}

struct Structure<'a, 'b> {
    faults: &'b mut Faults,
    resources: Vec<Placed<'a>>,
}

impl<'a> Structure<'a, '_> {
    fn resource(&mut self, value: &'a Value, at: &str) {
        let Some(kind) = resource(kind(value)) else {
            let words = "a resource says in resourceType which of R4's it is";
            return self.faults.add(IssueType::Structure, at, words);
        };
        let Some(members) = value.as_object() else {
            return;
        };
        self.resources.push(Placed {
            members,
            kind,
            at: at.to_owned(),
        });
        self.members(members, kind, at);
    }

    fn members(&mut self, members: &'a Map<String, Value>, of: &str, at: &str) {
        let is_resource = resource(of).is_some();
        let own = |name: &&String| !(is_resource && *name == "resourceType");
        if members.keys().filter(own).count() == 0 && !is_resource {
            let words = "an element holds a value or other elements";
            self.faults.add(IssueType::Structure, at, words);
        }
        for name in members.keys().filter(own) {
            let bare = name.strip_prefix('_');
            if bare.is_some_and(|bare| members.contains_key(bare)) {
                continue;
            }
            let bare = bare.unwrap_or(name);
            match element(of, bare) {
                Some(known) => self.element(members, (of, bare), known, at),
                None => {
                    let words = "R4 has no such element here";
                    let at = place_of_unknown(at, bare);
                    self.faults.add(IssueType::Structure, &at, words);
                }
            }
        }
        self.rules(members, of, at);
    }

    /// What must be there, and what may be there under one name only.
    fn rules(&mut self, members: &Map<String, Value>, of: &str, at: &str) {
        for rule in rules(of) {
            let bare = |name: &String| name.strip_prefix('_').unwrap_or(name).to_owned();
            let mut names: Vec<String> = members.keys().map(bare).collect();
            names.retain(|name| rule.is_about(name));
            names.sort_unstable();
            names.dedup();
            let at = format!("{at}.{}", rule.name);
            match names.len() {
                0 if rule.is_required => self.faults.add_missing(&at),
                0 | 1 => {}
                _ => {
                    let words = "the element has one type at a time";
                    self.faults.add(IssueType::Structure, &at, words);
                }
            }
        }
    }

    fn element(
        &mut self,
        members: &'a Map<String, Value>,
        (of, name): (&str, &str),
        known: Element,
        at: &str,
    ) {
        let at = place(of, name, at);
        let beside_name = format!("_{name}");
        for value in [members.get(name), members.get(&beside_name)]
            .into_iter()
            .flatten()
        {
            let words = match (known.repeats, value) {
                (true, Value::Array(values)) if values.is_empty() => "a list is never empty",
                (true, Value::Array(_)) => continue,
                (true, _) => "the element is a list",
                (false, Value::Array(_)) => "the element is there once, and no list",
                (false, _) => continue,
            };
            return self.faults.add(IssueType::Structure, &at, words);
        }
        for mut item in items(members, name, "") {
            let index = item.at.find('[').and_then(|from| item.at.get(from..));
            item.at = format!("{at}{}", index.unwrap_or_default());
            self.item(&item, (of, name), known.form);
        }
    }

    fn item(&mut self, item: &Item<'a>, (of, name): (&str, &str), form: Form) {
        let at = item.at.as_str();
        match (form, item.value) {
            (Form::Structure(inner), Some(Value::Object(members))) if item.beside.is_none() => {
                self.members(members, inner, at);
            }
            (Form::Resource, Some(value @ Value::Object(_))) if item.beside.is_none() => {
                self.resource(value, at);
            }
            (Form::Structure(_) | Form::Resource, _) => {
                let words = "the element holds other elements, and no value of its own";
                self.faults.add(IssueType::Structure, at, words);
            }
            (form, value) => {
                self.value(value, (of, name), form, at);
                self.beside(item, at);
            }
        }
    }

    fn value(&mut self, value: Option<&Value>, (of, name): (&str, &str), form: Form, at: &str) {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return;
        };
        let simple = match (form, simple(of, name)) {
            (Form::Boolean, _) => Simple::Boolean,
            (Form::Xhtml, _) => Simple::Xhtml,
            // What is not in the table is a number of any kind.
            (Form::Number, Simple::String) => Simple::Decimal,
            (_, simple) => simple,
        };
        if !simple.admits(value) {
            let words = format!("the value is not {}", simple.words());
            return self.faults.add(IssueType::Value, at, words);
        }
        let text = value.as_str().unwrap_or_default();
        if let Some(mut codes) = codes(of, name)
            && !codes.any(|code| code == text)
        {
            let words = "the code is not one of those R4 has for the element";
            self.faults.add(IssueType::CodeInvalid, at, words);
        }
    }

    fn beside(&mut self, item: &Item<'a>, at: &str) {
        let has_value = item.value.is_some_and(|value| !value.is_null());
        match item.beside {
            Some(Value::Object(members)) => self.members(members, "Element", at),
            None | Some(Value::Null) if has_value => {}
            None | Some(Value::Null) => {
                let words = "an element holds a value or other elements";
                self.faults.add(IssueType::Structure, at, words);
            }
            Some(_) => {
                let words = "what is said of a value is an element, with id or extension";
                self.faults.add(IssueType::Structure, at, words);
            }
        }
    }
}
