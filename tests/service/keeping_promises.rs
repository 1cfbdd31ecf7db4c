//! Every interaction that the capability statement promises has a route and works, every route is
//! promised, and every route that discloses leaves an access: `metadata`, `read_audit_event`,
//! `read_episode_of_care`, `read_patient`, `search_patients`, `batch`.

use std::collections::BTreeSet;

use cpis_fhir::routes::{BASE_PATH, Interaction, routes};
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::json;

use crate::support::{Ids, TestService, a_plan, file, list, promised, resources, statement};

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
                Interaction::Health
                    | Interaction::OpenApi
                    | Interaction::OfTokens(_)
                    | Interaction::OfAudit(_)
                    | Interaction::EverythingOfAll
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

fn a_batch() -> String {
    let url = format!("Flag?patient={NUMBER}");
    let entry = json!({ "request": { "method": "GET", "url": url } });
    json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry] }).to_string()
}
