//! Every fault of every rule: each line of `mutations.txt` makes an example wrong in one way, and
//! is found where it is.

use serde_json::Value;

use super::{a_role, checked, example};

const TABLE: &str = include_str!("mutations.txt");

/// A line of the table.
struct Mutation {
    of: &'static str,
    pointer: String,
    value: Option<Value>,
    code: &'static str,
    at: &'static str,
}

fn resource(of: &str) -> Value {
    match of {
        "PractitionerRole" => a_role(),
        of => example(of),
    }
}

fn mutations() -> impl Iterator<Item = Mutation> {
    let lines = TABLE.lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (change, fault) = line.rsplit_once(" => ").unwrap();
            let (place, value) = change.split_once(" -> ").unwrap();
            let (of, pointer) = place.split_once('/').unwrap();
            let (code, at) = fault.split_once(' ').unwrap();
            let value = match (value, value.strip_prefix('=')) {
                ("-", _) => None,
                (_, Some(copied)) => resource(of).pointer(copied).cloned(),
                (json, None) => Some(serde_json::from_str(json).unwrap()),
            };
            Mutation {
                of,
                pointer: format!("/{pointer}"),
                value,
                code,
                at,
            }
        })
}

#[test]
fn each_change_of_an_example_is_found_where_it_is() {
    let mut many = 0;
    for mutation in mutations() {
        let mut resource = resource(mutation.of);
        change(&mut resource, &mutation.pointer, mutation.value);
        let faults = checked(&resource).faults;
        let is_found = faults
            .iter()
            .any(|fault| fault.at == mutation.at && fault.code.code() == mutation.code);
        let (of, pointer) = (mutation.of, mutation.pointer);
        assert!(
            is_found,
            "{of}{pointer}: no {} at {} among {faults:?}",
            mutation.code, mutation.at
        );
        many += 1;
    }
    assert!(many > 100, "the table is gone");
}

fn change(resource: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match (resource.pointer_mut(parent).unwrap(), value) {
        (Value::Object(members), Some(value)) => {
            members.insert(last.to_owned(), value);
        }
        (Value::Object(members), None) => {
            members.remove(last).unwrap();
        }
        (Value::Array(values), Some(value)) if last == "-" => values.push(value),
        (Value::Array(values), Some(value)) => values[last.parse::<usize>().unwrap()] = value,
        (Value::Array(values), None) => {
            values.remove(last.parse().unwrap());
        }
        (other, _) => assert!(other.is_object(), "{pointer} leads nowhere"),
    }
}
