//! The elements of a resource's JSON, one by one, each with its place
//! (<https://hl7.org/fhir/R4/fhirpath.html>).

use serde_json::{Map, Value};

use super::r4::rules;

/// One element.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// Its value, or the elements it holds.
    pub value: Option<&'a Value>,
    /// What is said of its value.
    pub beside: Option<&'a Value>,
    /// Where it is.
    pub at: String,
    /// What its name says of its type, where that is a choice.
    pub said: Option<&'a str>,
}

/// The elements of a name; of a name that ends in `[x]`, of whichever of its names there is.
#[must_use]
pub fn items<'a>(members: &'a Map<String, Value>, name: &str, at: &str) -> Vec<Item<'a>> {
    let Some(base) = name.strip_suffix("[x]") else {
        return of_name(members, name, &format!("{at}.{name}"), None);
    };
    let chosen = members.keys().filter_map(|key| {
        let bare = key.strip_prefix('_').unwrap_or(key);
        let said = bare.strip_prefix(base)?;
        let is_choice = said.starts_with(|first: char| first.is_ascii_uppercase());
        let is_beside = bare != key && members.contains_key(bare);
        (is_choice && !is_beside).then_some((bare, said))
    });
    chosen
        .flat_map(|(bare, said)| of_name(members, bare, &typed(at, base, said), Some(said)))
        .collect()
}

fn of_name<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    at: &str,
    said: Option<&'a str>,
) -> Vec<Item<'a>> {
    let (value, beside) = (members.get(name), members.get(&format!("_{name}")));
    let list = |value: Option<&'a Value>| value.and_then(Value::as_array);
    if list(value).is_none() && list(beside).is_none() {
        let item = Item {
            value,
            beside,
            at: at.to_owned(),
            said,
        };
        return [item]
            .into_iter()
            .filter(|item| item.value.is_some() || item.beside.is_some())
            .collect();
    }
    let (values, besides) = (list(value), list(beside));
    let length = |list: Option<&Vec<Value>>| list.map_or(0, Vec::len);
    let item = |place: usize| Item {
        value: values.and_then(|values| values.get(place)),
        beside: besides.and_then(|besides| besides.get(place)),
        at: format!("{at}[{place}]"),
        said,
    };
    (0..length(values).max(length(besides))).map(item).collect()
}

/// The place of an element of a type: of a choice without the type in its name.
#[must_use]
pub fn place(of: &str, name: &str, at: &str) -> String {
    let choice = rules(of).find(|rule| rule.is_choice && rule.is_about(name));
    match choice {
        Some(rule) => typed(
            at,
            rule.name,
            name.strip_prefix(rule.name).unwrap_or_default(),
        ),
        None => format!("{at}.{name}"),
    }
}

fn typed(at: &str, base: &str, said: &str) -> String {
    format!("{at}.{base}.ofType({})", type_name(said))
}

/// The name of a type, as R4 spells it, of how a choice's name ends.
#[must_use]
pub fn type_name(said: &str) -> String {
    let is_structure = crate::fhir::model::elements(said).count() > 0;
    let (first, rest) = said.split_at_checked(1).unwrap_or((said, ""));
    if is_structure {
        said.to_owned()
    } else {
        format!("{}{rest}", first.to_ascii_lowercase())
    }
}
