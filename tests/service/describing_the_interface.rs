//! What can be asked, as an OpenAPI document: `openapi`. It is made of what the program does, and
//! these tests hold it to the route table, the searches and the capability statement.

use std::collections::BTreeSet;

use cpis_fhir::api::search::result_shape;
use cpis_fhir::api::search::search_parameter::OF_EVERY_RESOURCE;
use cpis_fhir::api::searchables::SEARCHABLES;
use cpis_fhir::routes::{BASE_PATH, routes};
use serde_json::Value;

use crate::support::{Answer, TestService, list, resources, statement};

fn ask(service: &TestService, headers: &[(&str, &str)]) -> Answer {
    let path = format!("{}/openapi.json", service.root);
    service.ask("GET", &path, headers, b"")
}

fn document(service: &TestService) -> Value {
    ask(service, &[]).json()
}

/// The names that an operation takes: in its query string, or in the form that is posted to it.
fn names(document: &Value, method: &str, path: &str) -> BTreeSet<String> {
    let operation = &document["paths"][path][method];
    assert!(operation.is_object(), "{method} {path}");
    let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
    let fields = form["schema"]["properties"].as_object();
    let fields = fields.into_iter().flat_map(|fields| fields.keys().cloned());
    let parameters = list(&operation["parameters"]);
    let parameters = parameters.iter().map(|parameter| {
        let target = parameter["$ref"].as_str();
        let target = target.and_then(|target| target.strip_prefix('#'));
        target.map_or(parameter, |target| document.pointer(target).unwrap())
    });
    let queried = parameters
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned());
    queried.chain(fields).collect()
}

#[test]
fn the_document_is_told_to_anybody_may_be_kept_and_is_not_sent_to_who_holds_it() {
    let service = TestService::new();
    let answer = ask(&service, &[("accept", "text/html")]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("max-age=300"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], service.root);
    let etag = answer.header("etag").unwrap();
    let again = ask(&service, &[("if-none-match", etag)]);
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(etag));
    assert_eq!(service.accesses(), 0);
}

#[test]
fn every_route_is_in_the_document_and_nothing_else_is() {
    let service = TestService::new();
    let document = document(&service);
    let mut told = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            assert!(told.insert(format!("{} {path}", method.to_uppercase())));
        }
    }
    let served: BTreeSet<String> = routes()
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(told, served);
}

#[test]
fn every_search_parameter_is_in_the_document_however_the_search_is_sent() {
    let service = TestService::new();
    let document = document(&service);
    for searchable in SEARCHABLES.0 {
        let kind = searchable.path();
        let by_get = names(&document, "get", &format!("{BASE_PATH}/{kind}"));
        let by_post = names(&document, "post", &format!("{BASE_PATH}/{kind}/_search"));
        assert_eq!(by_get, by_post, "{kind}");
        let declared = searchable.parameters.iter().chain(&OF_EVERY_RESOURCE);
        let expected = declared.map(|parameter| parameter.name);
        for name in expected.chain(result_shape::NAMES) {
            assert!(by_get.contains(name), "{kind} {name}");
        }
    }
    assert!(names(&document, "get", "/FHIR/R4/Flag").contains("patient:identifier"));
}

#[test]
fn every_promised_search_parameter_is_in_the_document() {
    let service = TestService::new();
    let document = document(&service);
    for resource in resources(&statement(&service)) {
        let kind = resource["type"].as_str().unwrap();
        let promised = list(&resource["searchParam"]);
        if promised.is_empty() {
            continue;
        }
        let told = names(&document, "get", &format!("{BASE_PATH}/{kind}"));
        for parameter in promised {
            let name = parameter["name"].as_str().unwrap();
            assert!(told.contains(name), "{kind} {name}");
        }
    }
}

#[test]
fn every_reference_and_link_of_the_document_leads_somewhere() {
    let service = TestService::new();
    let document = document(&service);
    let mut ids = BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
        }
    }
    let mut followed = 0;
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        if let Some(target) = value["$ref"].as_str() {
            let target = document.pointer(target.strip_prefix('#').unwrap());
            assert!(target.is_some(), "{value}");
            followed += 1;
        }
        for (name, link) in value["links"].as_object().into_iter().flatten() {
            assert!(
                ids.contains(link["operationId"].as_str().unwrap()),
                "{name}"
            );
            followed += 1;
        }
        open.extend(
            value
                .as_object()
                .into_iter()
                .flat_map(|members| members.values()),
        );
        open.extend(value.as_array().into_iter().flatten());
    }
    assert!(followed > 500, "{followed}");
}

#[test]
fn only_what_is_for_anybody_goes_without_a_token_and_nothing_else_does() {
    let service = TestService::new();
    let document = document(&service);
    for route in routes() {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][method.as_str()];
        let url = format!("{}{}", service.root, route.path.replace("{id}", "x"));
        let answer = service.ask(route.method.as_str(), &url, &[], b"");
        let is_for_anybody = operation["security"] == serde_json::json!([]);
        assert_eq!(answer.status != 401, is_for_anybody, "{}", route.path);
        let documented = &operation["responses"][answer.status.to_string()];
        assert!(documented.is_object(), "{} {}", route.path, answer.status);
    }
}
