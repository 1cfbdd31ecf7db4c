//! What must hold of the document, whatever the routes are.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document;
use crate::api::searchables::SEARCHABLES;
use crate::routes::routes;

fn at(base: &str) -> Value {
    document(base, &routes(), SEARCHABLES)
}

fn operations(document: &Value) -> Vec<&Value> {
    let paths = document.get("paths").and_then(Value::as_object);
    let methods = paths.into_iter().flat_map(|paths| paths.values());
    methods
        .filter_map(Value::as_object)
        .flat_map(|methods| methods.values())
        .collect()
}

#[test]
fn the_paths_are_those_that_callers_know() {
    for (base, server, path) in [
        (
            "https://cpis.example/FHIR/R4",
            "https://cpis.example",
            "/FHIR/R4/Flag",
        ),
        (
            "https://a.example:8443/cp-is",
            "https://a.example:8443",
            "/cp-is/Flag",
        ),
        ("https://a.example", "https://a.example", "/Flag"),
    ] {
        let document = at(base);
        let said = document.pointer("/servers/0/url").and_then(Value::as_str);
        assert_eq!(said, Some(server));
        let paths = document.get("paths").and_then(Value::as_object);
        let is_there = |path: &str| paths.is_some_and(|paths| paths.contains_key(path));
        assert!(is_there(path), "{base}");
        assert!(is_there("/_status"), "{base}");
    }
}

#[test]
fn every_route_is_an_operation_of_its_own() {
    let document = at("https://cpis.example/FHIR/R4");
    let operations = operations(&document);
    let ids: BTreeSet<&str> = operations
        .iter()
        .filter_map(|operation| operation.get("operationId")?.as_str())
        .collect();
    assert_eq!(operations.len(), routes().len());
    assert_eq!(ids.len(), routes().len());
}

#[test]
fn every_refusal_that_an_operation_has_is_described() {
    let document = at("https://cpis.example/FHIR/R4");
    for operation in operations(&document) {
        let responses = operation.get("responses").and_then(Value::as_object);
        let statuses = responses.into_iter().flatten().count();
        assert!(statuses >= 3, "{operation}");
        for route in routes() {
            let told = super::operation::Operation::of(&route, SEARCHABLES);
            if operation.get("operationId").and_then(Value::as_str) == Some(told.id.as_str()) {
                assert_eq!(statuses, super::statuses::statuses(&route).len());
            }
        }
    }
}
