//! Whether a resource is valid, by `validate`: `[type]/$validate`.

use std::fs;
use std::path::Path;

use cpis_fhir::fhir::xml::{Layout, to_xml};
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, form};

pub const JSON: &str = "application/fhir+json";
pub const XML: &str = "application/fhir+xml";
const PLAN_FLAG: &str = "https://cpis-fhir.invalid/StructureDefinition/plan-flag";
const BASE_FLAG: &str = "http://hl7.org/fhir/StructureDefinition/Flag";

fn example(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("profiles")
        .join(path);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

pub fn a_flag() -> Value {
    example("Flag/examples/looked-after-until-eighteen.json")
}

pub fn post_as(
    service: &TestService,
    role: SandboxRole,
    path: &str,
    sent: (&str, &[u8]),
) -> Answer {
    let bearer = format!("Bearer {}", service.token(role));
    let headers = [("authorization", bearer.as_str()), ("content-type", sent.0)];
    service.ask("POST", path, &headers, sent.1)
}

pub fn post(service: &TestService, path: &str, body: &Value) -> Answer {
    let text = body.to_string();
    post_as(
        service,
        SandboxRole::Clinician,
        path,
        (JSON, text.as_bytes()),
    )
}

/// The issues of an outcome, as severity, code and place.
pub fn issues(answer: &Answer) -> Vec<(String, String, String)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let outcome = answer.json();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = outcome["issue"].as_array().unwrap();
    let issue = |issue: &Value| {
        (
            text(&issue["severity"]),
            text(&issue["code"]),
            text(&issue["expression"][0]),
        )
    };
    issues.iter().map(issue).collect()
}

pub fn errors(answer: &Answer) -> Vec<String> {
    let errors = issues(answer)
        .into_iter()
        .filter(|(severity, ..)| severity == "error");
    errors
        .map(|(_, code, place)| format!("{code} {place}"))
        .collect()
}

fn parameters(holds: &[Value]) -> Value {
    json!({"resourceType": "Parameters", "parameter": holds})
}

#[test]
fn whatever_the_service_answers_is_valid_in_json_and_in_xml() {
    let service = TestService::new();
    let ended = a_plan()
        .local_id("H-2")
        .from("2024-01-01")
        .until("2026-03-31");
    service.tell(&[a_plan(), ended]);
    let everything = service.get("Patient/9990000026/$everything").json();
    let entries = everything["entry"].as_array().unwrap();
    let mut answers: Vec<Value> = entries
        .iter()
        .map(|entry| entry["resource"].clone())
        .collect();
    answers.push(everything.clone());
    answers.push(service.get("Flag/a").json());
    for kind in ["CareTeam", "CarePlan"] {
        answers.extend(service.find(kind, "9990000026", &[]).matches());
    }
    assert!(answers.len() > 12);
    let looks = service.accesses();
    for answer in answers {
        let path = format!("{}/$validate", answer["resourceType"].as_str().unwrap());
        let ordered = post(&service, &path, &answer);
        assert_eq!(
            errors(&ordered),
            Vec::<String>::new(),
            "{path}: {}",
            ordered.text
        );
        let said = ordered.json()["issue"][0].clone();
        assert_eq!(
            (&said["severity"], &said["code"]),
            (&json!("information"), &json!("informational"))
        );
        let words = said["diagnostics"].as_str().unwrap().to_owned();
        assert!(words.contains("no error was found") && words.contains("cpis-fhir.invalid"));
        let xml = to_xml(&answer, Layout::Pretty);
        let in_xml = post_as(&service, SandboxRole::Clinician, &path, (XML, &xml));
        assert_eq!(in_xml.json(), ordered.json(), "{path}");
    }
    assert_eq!(service.accesses(), looks, "to check is to look at nobody");
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_never_its_value() {
    let service = TestService::new();
    let mut flag = a_flag();
    flag["status"] = json!("9990000026");
    flag["period"]["start"] = json!("9990000026");
    flag["colour"] = json!("9990000026");
    flag["9990000026"] = json!("9990000026");
    flag.as_object_mut().unwrap().remove("author");
    let answer = post(&service, "Flag/$validate", &flag);
    let mut found = errors(&answer);
    found.sort();
    assert_eq!(
        found,
        [
            "code-invalid Flag.status",
            "required Flag.author",
            "structure Flag",
            "structure Flag.colour",
            "value Flag.period.start",
            "value Flag.status",
        ]
    );
    assert!(!answer.text.contains("9990000026"));
    assert_eq!(
        answer.json()["meta"]["profile"][0],
        "https://cpis-fhir.invalid/StructureDefinition/outcome"
    );
    let own = post(&service, "OperationOutcome/$validate", &answer.json());
    assert_eq!(errors(&own), Vec::<String>::new());
}

#[test]
fn a_profile_is_named_in_the_url_or_in_parameters_and_an_unknown_one_is_refused() {
    let service = TestService::new();
    let bare = json!({
        "resourceType": "Flag", "status": "active", "code": {"text": "a"},
        "subject": {"display": "b"},
    });
    let at = |profile: &str| format!("Flag/$validate?{}", form(&[("profile", profile)]));
    assert_eq!(
        errors(&post(&service, &at(BASE_FLAG), &bare)),
        Vec::<String>::new()
    );
    assert!(errors(&post(&service, &at(PLAN_FLAG), &bare)).len() > 5);
    assert!(
        errors(&post(&service, "Flag/$validate", &bare)).len() > 5,
        "ours, unless it says"
    );
    let held = parameters(&[
        json!({"name": "resource", "resource": bare}),
        json!({"name": "profile", "valueUri": BASE_FLAG}),
        json!({"name": "mode", "valueCode": "profile"}),
    ]);
    assert_eq!(
        errors(&post(&service, "Flag/$validate", &held)),
        Vec::<String>::new()
    );
    let xml = to_xml(&held, Layout::Plain);
    let in_xml = post_as(
        &service,
        SandboxRole::Clinician,
        "Flag/$validate",
        (XML, &xml),
    );
    assert_eq!(errors(&in_xml), Vec::<String>::new());
    for unknown in [
        "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Flag",
        "https://cpis-fhir.invalid/StructureDefinition/child",
    ] {
        let issue = post(&service, &at(unknown), &bare).refusal(400, "UNSUPPORTED_SERVICE");
        assert_eq!(issue["code"], "not-supported");
        assert_eq!(issue["expression"][0], "profile");
        let words = issue["diagnostics"].as_str().unwrap();
        assert!(
            words.contains(PLAN_FLAG) && words.contains(BASE_FLAG),
            "{words}"
        );
    }
}

#[test]
fn a_mode_of_a_write_is_an_error_because_the_service_takes_none() {
    let service = TestService::new();
    for mode in ["create", "update"] {
        let answer = post(&service, &format!("Flag/$validate?mode={mode}"), &a_flag());
        assert_eq!(errors(&answer), ["not-supported "], "{mode}");
        assert_eq!(
            issues(&answer).len(),
            3,
            "the resource is checked all the same"
        );
    }
    let nothing = post_as(
        &service,
        SandboxRole::Clinician,
        "Flag/$validate?mode=delete",
        ("", b""),
    );
    assert_eq!(errors(&nothing), ["not-supported "]);
    let checked = post(&service, "Flag/$validate?mode=profile", &a_flag());
    assert_eq!(errors(&checked), Vec::<String>::new());
    let issue =
        post(&service, "Flag/$validate?mode=look", &a_flag()).refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(issue["expression"][0], "mode");
}

#[test]
fn a_resource_of_another_type_is_told_of_and_the_kinds_without_a_profile_have_no_such_path() {
    let service = TestService::new();
    let answer = post(&service, "Patient/$validate", &a_flag());
    assert_eq!(errors(&answer), ["invalid Patient"]);
    for other in ["Observation/$validate", "$validate", "ValueSet/$validate"] {
        let answer = post(&service, other, &a_flag());
        assert!(
            matches!(answer.status, 404 | 405),
            "{other}: {}",
            answer.status
        );
    }
}

#[test]
fn who_may_read_an_authority_may_ask_and_nobody_else() {
    let service = TestService::new();
    let body = a_flag().to_string();
    let sent = (JSON, body.as_bytes());
    for role in [
        SandboxRole::Clinician,
        SandboxRole::ScheduledClinician,
        SandboxRole::LocalAuthority,
    ] {
        let answer = post_as(&service, role, "Flag/$validate", sent);
        assert_eq!(errors(&answer), Vec::<String>::new());
    }
    let refused = post_as(&service, SandboxRole::NoActivity, "Flag/$validate", sent);
    refused.refusal(403, "ACCESS_DENIED");
    let nobody = service.ask(
        "POST",
        "Flag/$validate",
        &[("content-type", JSON)],
        body.as_bytes(),
    );
    nobody.refusal(401, "ACCESS_DENIED");
    for method in ["GET", "PUT", "DELETE"] {
        let answer = service.ask(method, "Flag/$validate", &[], b"");
        answer.refusal(405, "UNSUPPORTED_SERVICE");
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn the_outcome_is_told_in_the_form_that_was_asked_for() {
    let service = TestService::new();
    let answer = post(
        &service,
        "Flag/$validate?_format=xml&_pretty=true",
        &a_flag(),
    );
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/fhir+xml; charset=utf-8")
    );
    assert!(answer.text.contains("<severity value=\"information\"/>"));
}
