//! The capability statement, and what it promises.

use std::collections::BTreeSet;

use cpis_fhir::routes::BASE_PATH;
use serde_json::{Value, json};

use super::service::TestService;

/// The capability statement, as anybody is told it.
pub fn statement(service: &TestService) -> Value {
    service.ask("GET", "metadata", &[], b"").json()
}

/// The items of a list; none where there is no list.
pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What is promised of each kind of resource.
pub fn resources(statement: &Value) -> Vec<Value> {
    list(&statement["rest"][0]["resource"])
}

/// The routes that the statement promises, as `METHOD path`.
pub fn promised(statement: &Value) -> BTreeSet<String> {
    let rest = &statement["rest"][0];
    let mut promised = BTreeSet::from([format!("GET {BASE_PATH}/metadata")]);
    for interaction in list(&rest["interaction"]) {
        assert!(["batch", "transaction"].contains(&interaction["code"].as_str().unwrap()));
        promised.insert(format!("POST {BASE_PATH}"));
    }
    promised.extend(list(&rest["operation"]).iter().map(of_the_whole_system));
    let compartment = json!(["http://hl7.org/fhir/CompartmentDefinition/patient"]);
    for resource in resources(statement) {
        let kind = resource["type"].as_str().unwrap();
        promised.extend(written(&resource, kind));
        for interaction in list(&resource["interaction"]) {
            let code = interaction["code"].as_str().unwrap();
            promised.extend(of_interaction(kind, code));
        }
        // What is no kind of resource can only be promised in words.
        let words = resource["documentation"].as_str().unwrap();
        if words.contains("[base]/PatientFlag,") {
            promised.insert(format!("GET {BASE_PATH}/PatientFlag"));
            promised.insert(format!("POST {BASE_PATH}/PatientFlag/_search"));
        }
        for operation in list(&resource["operation"]) {
            let name = operation["name"].as_str().unwrap();
            if name == "everything" {
                promised.insert(format!("GET {BASE_PATH}/{kind}/{{id}}/${name}"));
                promised.insert(format!("POST {BASE_PATH}/{kind}/{{id}}/${name}"));
            } else if (kind, name) == ("Subscription", "status") {
                promised.insert(format!("GET {BASE_PATH}/{kind}/{{id}}/${name}"));
            } else {
                promised.insert(format!("POST {BASE_PATH}/{kind}/${name}"));
            }
        }
        let parameters = list(&resource["searchParam"]);
        let in_compartment = parameters
            .iter()
            .any(|parameter| parameter["name"] == "patient");
        if in_compartment && rest["compartment"] == compartment {
            promised.insert(format!("GET {BASE_PATH}/Patient/{{id}}/{kind}"));
            promised.insert(format!("POST {BASE_PATH}/Patient/{{id}}/{kind}/_search"));
        }
    }
    promised
}

/// An operation of the whole system says first of all how it is asked.
fn of_the_whole_system(operation: &Value) -> String {
    let name = operation["name"].as_str().unwrap();
    let said = operation["documentation"].as_str().unwrap();
    let method = said.split(' ').next().unwrap();
    assert!(method == "GET" || method == "POST", "{said}");
    format!("{method} {BASE_PATH}/${name}")
}

/// The routes of an interaction with a kind of resource.
fn of_interaction(kind: &str, code: &str) -> Vec<String> {
    let path = format!("{BASE_PATH}/{kind}");
    match code {
        "read" => vec![format!("GET {path}/{{id}}")],
        "vread" => vec![format!("GET {path}/{{id}}/_history/{{version}}")],
        "history-instance" => vec![format!("GET {path}/{{id}}/_history")],
        "history-type" => vec![format!("GET {path}/_history")],
        "create" => vec![format!("POST {path}")],
        "update" => vec![format!("PUT {path}/{{id}}")],
        "delete" => vec![format!("DELETE {path}/{{id}}")],
        "search-type" => vec![format!("GET {path}"), format!("POST {path}/_search")],
        other => panic!("{kind} promises {other}"),
    }
}

/// The routes of what may be written of a kind by criteria.
fn written(resource: &Value, kind: &str) -> Vec<String> {
    let by_criteria = [
        (resource["conditionalUpdate"] == true, "PUT"),
        (resource["conditionalDelete"] == "single", "DELETE"),
    ];
    let promised = by_criteria.iter().filter(|(is_promised, _)| *is_promised);
    promised
        .map(|(_, method)| format!("{method} {BASE_PATH}/{kind}"))
        .collect()
}
