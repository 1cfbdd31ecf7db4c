//! Every interaction that the capability statement promises has a route and works, every route is
//! promised, and every route that discloses leaves an access: `metadata`, `read_audit_event`,
//! `read_episode_of_care`, `read_patient`, `search_patients`, `batch`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use cpis_fhir::routes::{BASE_PATH, Interaction, routes};
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{TestService, a_plan, file};

const NUMBER: &str = "9990000026";

#[test]
fn what_is_promised_has_a_route_and_every_route_is_promised() {
    let service = TestService::new();
    let served: BTreeSet<String> = routes()
        .iter()
        .filter(|route| {
            !matches!(
                route.interaction,
                // Of everybody's everything there is only a refusal.
                Interaction::Health | Interaction::OpenApi | Interaction::EverythingOfAll
            )
        })
        // The base URL with a slash behind is the base URL.
        .map(|route| format!("{} {}", route.method, route.path.trim_end_matches('/')))
        .collect();
    assert_eq!(promised(&statement(&service)), served);
}

#[test]
fn the_capability_statement_is_told_to_anybody_with_this_services_own_url() {
    let service = TestService::new();
    let answer = service.ask("GET", "metadata", &[], b"");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/fhir+json; charset=utf-8")
    );
    let statement = answer.json();
    assert_eq!(statement["fhirVersion"], "4.0.1");
    assert_eq!(statement["kind"], "instance");
    assert_eq!(statement["implementation"]["url"], service.base);
    assert_eq!(statement["software"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(service.accesses(), 0);
}

#[test]
fn metadata_is_the_same_in_every_mode_and_refused_as_another_version_of_fhir() {
    let service = TestService::new();
    let told = statement(&service);
    for mode in ["full", "normative", "terminology"] {
        let answer = service.ask("GET", &format!("metadata?mode={mode}"), &[], b"");
        assert_eq!(answer.json(), told, "{mode}");
    }
    for (version, status) in [("4.0", 200), ("4.0.1", 200), ("3.0", 406), ("5.0", 406)] {
        let accept = format!("application/fhir+json; fhirVersion={version}");
        let answer = service.ask("GET", "metadata", &[("accept", &accept)], b"");
        assert_eq!(answer.status, status, "{version}");
    }
}

#[test]
fn no_name_is_promised_twice_and_an_instance_says_where_it_is() {
    let service = TestService::new();
    let statement = statement(&service);
    assert_eq!(list(&statement["rest"]).len(), 1);
    for element in ["description", "software", "implementation"] {
        assert!(statement.get(element).is_some(), "{element}");
    }
    let mut kinds = BTreeSet::new();
    for resource in resources(&statement) {
        let kind = resource["type"].as_str().unwrap().to_owned();
        for named in ["searchParam", "operation"] {
            let listed = list(&resource[named]);
            let names: BTreeSet<&str> = listed
                .iter()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            assert_eq!(names.len(), listed.len(), "{kind}.{named}");
        }
        assert!(kinds.insert(kind), "a kind stands twice");
    }
}

#[test]
fn every_promised_interaction_works_and_leaves_one_access_and_none_without_a_token() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let ids = Ids::of(&service);
    for route in routes() {
        let path = route.path.trim_start_matches(BASE_PATH);
        let (path, body) = match route.interaction {
            Interaction::Search("Patient") => (path.to_owned(), format!("identifier={NUMBER}")),
            Interaction::Search("Organization") => (path.to_owned(), "active=true".to_owned()),
            Interaction::Search(_) if path.contains("{id}") => {
                (path.replace("{id}", NUMBER), String::new())
            }
            Interaction::Search(_) => (path.to_owned(), format!("patient={NUMBER}")),
            Interaction::Read(kind)
            | Interaction::InstanceHistory(kind)
            | Interaction::VersionRead(kind) => (ids.path(&service, path, kind), String::new()),
            Interaction::TypeHistory(_) => (path.to_owned(), format!("patient={NUMBER}")),
            Interaction::Everything => (path.replace("{id}", NUMBER), String::new()),
            Interaction::Batch => (String::new(), a_batch()),
            _ => continue,
        };
        let ask = |headers: &[(&str, &str)]| match route.method.as_str() {
            "GET" if !body.is_empty() => {
                service.ask("GET", &format!("{path}?{body}"), headers, b"")
            }
            method => service.ask(method, &path, headers, body.as_bytes()),
        };
        let before = service.accesses();
        ask(&[]).refusal(401, "ACCESS_DENIED");
        assert_eq!(service.accesses(), before, "{} without a token", route.path);
        let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
        let content = match route.interaction {
            Interaction::Batch => "application/fhir+json",
            _ => "application/x-www-form-urlencoded",
        };
        let answer = ask(&[("authorization", &bearer), ("content-type", content)]);
        assert_eq!(answer.status, 200, "{}: {}", route.path, answer.text);
        // An authority is no child's, so telling of it is no access.
        let of_a_child = !matches!(
            route.interaction,
            Interaction::Read("Organization")
                | Interaction::VersionRead("Organization")
                | Interaction::InstanceHistory("Organization")
                | Interaction::Search("Organization")
        );
        let left = service.accesses() - before;
        assert_eq!(left, i64::from(of_a_child), "{}", route.path);
        if of_a_child {
            let tells = match route.interaction {
                Interaction::Read("PractitionerRole")
                | Interaction::VersionRead("PractitionerRole")
                | Interaction::InstanceHistory("PractitionerRole") => "Dr",
                _ => NUMBER,
            };
            assert!(answer.text.contains(tells), "{} told nothing", route.path);
        }
    }
}

#[test]
fn the_promised_upload_works() {
    let service = TestService::new();
    let csv = file(1, &[a_plan().child(NUMBER)]);
    let answer = service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/csv")
    );
}

/// The ids of what a service holds of the one child.
#[derive(Default)]
pub struct Ids {
    flag: String,
    patient: String,
    /// The authority's.
    pub organization: String,
    access: String,
    /// The service's own URL.
    pub base: String,
}

impl Ids {
    pub fn of(service: &TestService) -> Self {
        let flag = service.get(&format!("Flag?patient={NUMBER}")).matches()[0].clone();
        // Of one author's looks within a day the history shows the first: let there be one.
        service.clock.advance(TimeDelta::seconds(1));
        let history = service
            .get(&format!("AuditEvent?patient={NUMBER}"))
            .matches();
        let patient = service
            .get(&format!("Patient?identifier={NUMBER}"))
            .matches();
        let id = |resource: &Value| resource["id"].as_str().unwrap().to_owned();
        let author = flag["author"]["reference"].as_str().unwrap();
        Self {
            organization: author.rsplit('/').next().unwrap().to_owned(),
            patient: id(&patient[0]),
            access: id(history.last().unwrap()),
            flag: id(&flag),
            base: service.base.clone(),
        }
    }

    pub fn id(&self, kind: &str) -> &str {
        match kind {
            "Patient" => &self.patient,
            "Organization" => &self.organization,
            "AuditEvent" | "PractitionerRole" => &self.access,
            _ => &self.flag,
        }
    }

    /// A route's path with the id of its kind of resource, and its present version.
    pub fn path(&self, service: &TestService, path: &str, kind: &str) -> String {
        let id = self.id(kind);
        let path = path.replace("{id}", id);
        if !path.contains("{version}") {
            return path;
        }
        let read = service.get(&format!("{kind}/{id}")).json();
        path.replace("{version}", read["meta"]["versionId"].as_str().unwrap())
    }

    pub fn criterion(&self, kind: &str) -> String {
        match kind {
            "Patient" => format!("identifier={NUMBER}"),
            "Organization" => "active=true".to_owned(),
            _ => format!("patient={NUMBER}"),
        }
    }
}

fn a_batch() -> String {
    let url = format!("Flag?patient={NUMBER}");
    let entry = json!({ "request": { "method": "GET", "url": url } });
    json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry] }).to_string()
}

pub fn statement(service: &TestService) -> Value {
    service.ask("GET", "metadata", &[], b"").json()
}

pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

pub fn resources(statement: &Value) -> Vec<Value> {
    list(&statement["rest"][0]["resource"])
}

/// The routes that the statement promises, as `METHOD path`.
fn promised(statement: &Value) -> BTreeSet<String> {
    let rest = &statement["rest"][0];
    let mut promised = BTreeSet::from([format!("GET {BASE_PATH}/metadata")]);
    for interaction in list(&rest["interaction"]) {
        assert_eq!(interaction["code"], "batch");
        promised.insert(format!("POST {BASE_PATH}"));
    }
    for operation in list(&rest["operation"]) {
        let name = operation["name"].as_str().unwrap();
        promised.insert(format!("POST {BASE_PATH}/${name}"));
    }
    let compartment = json!(["http://hl7.org/fhir/CompartmentDefinition/patient"]);
    for resource in resources(statement) {
        let kind = resource["type"].as_str().unwrap();
        for interaction in list(&resource["interaction"]) {
            match interaction["code"].as_str().unwrap() {
                "read" => {
                    promised.insert(format!("GET {BASE_PATH}/{kind}/{{id}}"));
                }
                "vread" => {
                    promised.insert(format!(
                        "GET {BASE_PATH}/{kind}/{{id}}/_history/{{version}}"
                    ));
                }
                "history-instance" => {
                    promised.insert(format!("GET {BASE_PATH}/{kind}/{{id}}/_history"));
                }
                "history-type" => {
                    promised.insert(format!("GET {BASE_PATH}/{kind}/_history"));
                }
                "search-type" => {
                    promised.insert(format!("GET {BASE_PATH}/{kind}"));
                    promised.insert(format!("POST {BASE_PATH}/{kind}/_search"));
                }
                other => panic!("{kind} promises {other}"),
            }
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
