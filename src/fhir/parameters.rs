//! What an operation is asked with, as a `Parameters` resource holds it
//! (<https://hl7.org/fhir/R4/parameters.html>).

use serde_json::{Map, Value};

use crate::fhir::reading::{Unreadable, kind};

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub held: Held,
}

/// What a parameter holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// A value, as text: of a code, a date, a number.
    Value(String),
    /// A resource.
    Resource(Value),
}

/// The parameters, in their order.
///
/// # Errors
/// [`Unreadable`] when the resource is no `Parameters`, or one of its parameters holds no one value
/// or resource.
pub fn parameters(resource: Value) -> Result<Vec<Parameter>, Unreadable> {
    if kind(&resource) != "Parameters" {
        return Err(Unreadable::NotParameters);
    }
    let Value::Object(mut members) = resource else {
        return Err(Unreadable::NotParameters);
    };
    let parameters = match members.remove("parameter") {
        None => Vec::new(),
        // An empty list is no JSON of FHIR's.
        Some(Value::Array(parameters)) if !parameters.is_empty() => parameters,
        Some(_) => return Err(Unreadable::NotParameters),
    };
    let parameters = parameters.into_iter().enumerate();
    parameters
        .map(|(place, one)| parameter(one).ok_or(Unreadable::Parameter(place)))
        .collect()
}

fn parameter(parameter: Value) -> Option<Parameter> {
    let Value::Object(mut members) = parameter else {
        return None;
    };
    let Some(Value::String(name)) = members.remove("name") else {
        return None;
    };
    members.remove("id");
    let (member, value) = only(members)?;
    let held = match (member.as_str(), value) {
        ("resource", value @ Value::Object(_)) => Held::Resource(value),
        (member, value) if member.starts_with("value") => Held::Value(match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        }),
        _ => return None,
    };
    Some(Parameter { name, held })
}

/// The one member that there is.
fn only(members: Map<String, Value>) -> Option<(String, Value)> {
    let mut members = members.into_iter();
    let only = members.next()?;
    members.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test that cannot go on should stop"
    )]

    use serde_json::{Value, json};

    use super::{Held, parameters};
    use crate::fhir::reading::Unreadable;

    fn of(parameter: &Value) -> Value {
        json!({"resourceType": "Parameters", "parameter": [parameter]})
    }

    #[test]
    fn a_parameter_holds_a_value_of_any_simple_type_or_a_resource() {
        for (held, expected) in [
            (json!({"valueCode": "Flag"}), "Flag"),
            (json!({"valueInteger": 2}), "2"),
            (json!({"valueBoolean": true, "id": "a"}), "true"),
        ] {
            let mut parameter = held;
            parameter["name"] = json!("a");
            let read = parameters(of(&parameter)).unwrap();
            assert_eq!(read[0].held, Held::Value(expected.into()));
            assert_eq!(read[0].name, "a");
        }
        let flag = json!({"resourceType": "Flag"});
        let read = parameters(of(&json!({"name": "resource", "resource": flag}))).unwrap();
        assert_eq!(read[0].held, Held::Resource(flag));
        assert_eq!(
            parameters(json!({"resourceType": "Parameters"})),
            Ok(Vec::new())
        );
    }

    #[test]
    fn an_empty_list_of_parameters_is_refused_because_fhir_has_none() {
        let empty = json!({"resourceType": "Parameters", "parameter": []});
        assert_eq!(parameters(empty), Err(Unreadable::NotParameters));
    }

    #[test]
    fn what_holds_no_one_value_is_refused() {
        for wrong in [
            json!({"name": "a"}),
            json!({"valueCode": "b"}),
            json!({"name": 1, "valueCode": "b"}),
            json!({"name": "a", "valueCode": "b", "valueInteger": 1}),
            json!({"name": "a", "valuePeriod": {}}),
            json!({"name": "a", "part": []}),
            json!({"name": "a", "resource": "Flag"}),
            json!("a"),
        ] {
            assert_eq!(
                parameters(of(&wrong)),
                Err(Unreadable::Parameter(0)),
                "{wrong}"
            );
        }
        for wrong in [
            json!({"resourceType": "Flag"}),
            json!({"resourceType": "Parameters", "parameter": {}}),
        ] {
            assert_eq!(parameters(wrong), Err(Unreadable::NotParameters));
        }
    }
}
