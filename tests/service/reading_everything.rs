//! All that is disclosed of one child at once, by `everything`: `Patient/[id]/$everything`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, TestService, a_plan, form};

pub const NUMBER: &str = "9990000026";
const OTHER: &str = "9990000034";

/// A child with two plans of one authority and one of another, and another child.
pub fn service() -> TestService {
    let service = TestService::new();
    let past = a_plan()
        .local_id("H-2")
        .from("2024-01-01")
        .until("2026-03-31");
    service.tell(&[a_plan(), past, a_plan().child(OTHER).local_id("H-3")]);
    service.tell(&[a_plan()
        .of("E90002")
        .kind("CLA")
        .local_id("S-1")
        .from("2026-06-01")]);
    service
}

pub fn patient(service: &TestService) -> String {
    service.find("Patient", NUMBER, &[]).ids().remove(0)
}

pub fn everything(service: &TestService, parameters: &[(&str, &str)]) -> Answer {
    let path = format!("Patient/{NUMBER}/$everything?{}", form(parameters));
    service.get(path.trim_end_matches('?'))
}

fn kinds(resources: &[Value]) -> Vec<&str> {
    let kind = |resource| -> &str { resource_kind(resource) };
    resources.iter().map(kind).collect()
}

pub fn resource_kind(resource: &Value) -> &str {
    resource["resourceType"].as_str().unwrap()
}

/// The kinds of a page's matches, and how many of each.
pub fn told(answer: &Answer) -> Vec<(String, usize)> {
    let matches = answer.matches();
    let mut counted: Vec<(String, usize)> = Vec::new();
    for kind in kinds(&matches) {
        match counted.last_mut().filter(|(last, _)| last == kind) {
            Some((_, many)) => *many += 1,
            None => counted.push((kind.to_owned(), 1)),
        }
    }
    counted
}

pub fn of(kind: &str, many: usize) -> (String, usize) {
    (kind.to_owned(), many)
}

#[test]
fn everything_is_the_compartment_and_what_it_names_each_once_and_is_one_look() {
    let service = service();
    let answer = everything(&service, &[]);
    let expected = [
        of("Patient", 1),
        of("Flag", 3),
        of("EpisodeOfCare", 3),
        of("AuditEvent", 1),
    ];
    assert_eq!(told(&answer), expected);
    assert_eq!(answer.total(), 8, "what is brought along does not count");
    let brought = answer.entries("include");
    assert_eq!(
        kinds(&brought),
        ["Organization", "Organization", "PractitionerRole"]
    );
    let entries = answer.json()["entry"].as_array().unwrap().clone();
    let urls: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry["fullUrl"].as_str().unwrap())
        .collect();
    assert_eq!(urls.len(), entries.len());
    assert_eq!(answer.link("next"), None, "it is told whole");
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 2, "both authorities are told");
    let own = format!("{}/Patient/{NUMBER}/$everything", service.base);
    assert_eq!(answer.link("self"), Some(own));
    assert!(!answer.text.contains(OTHER));
}

#[test]
fn the_look_is_recorded_and_shown_as_an_operation() {
    let service = service();
    let answer = everything(&service, &[("_type", "AuditEvent")]);
    let event = &answer.matches()[0];
    assert_eq!(event["subtype"][0]["code"], "operation");
    assert_eq!(event["action"], "E");
    let asked = service.texts("select interaction || ' ' || asked from accesses");
    let expected = format!("operation Patient/{NUMBER}/$everything?_type=AuditEvent");
    assert_eq!(asked, [expected]);
}

#[test]
fn what_is_told_is_what_reading_and_searching_tell() {
    let service = service();
    let answer = everything(&service, &[]);
    service.clock.advance(TimeDelta::seconds(1));
    for entry in answer.json()["entry"].as_array().unwrap() {
        let alone = service.get(entry["fullUrl"].as_str().unwrap());
        assert_eq!(alone.json(), entry["resource"]);
    }
    let history = service.find("AuditEvent", NUMBER, &[]).matches();
    assert_eq!(
        history.len(),
        1,
        "the same author within a day is shown once"
    );
}

#[test]
fn a_child_is_named_by_id_or_number_and_a_kind_or_more_by_type() {
    let service = service();
    let id = patient(&service);
    let whole = service.get(&format!("Patient/{id}/$everything"));
    assert_eq!(whole.total(), 8);
    for (types, expected) in [
        (vec!["Flag"], vec![of("Flag", 3)]),
        (vec!["Organization"], vec![of("Organization", 2)]),
        (
            vec!["Organization,Patient"],
            vec![of("Patient", 1), of("Organization", 2)],
        ),
        (
            vec!["PractitionerRole", "Flag,Flag"],
            vec![of("Flag", 3), of("PractitionerRole", 1)],
        ),
    ] {
        let parameters: Vec<(&str, &str)> = types.iter().map(|of| ("_type", *of)).collect();
        let answer = everything(&service, &parameters);
        assert_eq!(told(&answer), expected);
        assert_eq!(
            answer.entries("include").len(),
            0,
            "nothing is brought that is not named"
        );
    }
    let looks = service.accesses();
    for wrong in ["Observation", "CarePlan", "flag", "9990000026"] {
        let issue = everything(&service, &[("_type", wrong)]).refusal(400, "INVALID_SEARCH_DATA");
        assert_eq!(issue["expression"][0], "_type");
        assert!(
            issue["diagnostics"]
                .as_str()
                .unwrap()
                .contains("EpisodeOfCare")
        );
        assert!(!issue.to_string().contains(NUMBER));
    }
    assert_eq!(service.accesses(), looks, "what is refused looks at nobody");
}

#[test]
fn a_time_of_care_leaves_what_was_then_and_always_the_child() {
    let service = service();
    for (start, end, flags) in [
        ("2026-04-01", "", 2),
        ("2026-03-31", "", 3),
        ("", "2026-05-31", 2),
        ("", "2025", 1),
        ("2026-07", "2026-07", 2),
        ("2030", "", 2),
        ("", "2023-12-31", 0),
    ] {
        let answer = everything(&service, &[("start", start), ("end", end)]);
        let matches = answer.matches();
        let kinds = kinds(&matches);
        assert_eq!(kinds[0], "Patient");
        let many = kinds.iter().filter(|kind| **kind == "Flag").count();
        assert_eq!(many, flags, "from {start} until {end}");
        let said = !answer.entries("outcome").is_empty();
        assert_eq!(said, flags < 3, "plans that are left out are spoken of");
        let looked = kinds.contains(&"AuditEvent");
        let is_now = (start <= "2026-11-22") && (end.is_empty() || end >= "2026-11-22");
        assert_eq!(looked, is_now, "an access has its moment: {start} {end}");
    }
    for wrong in [
        [("start", "2026-02"), ("end", "2026-01")],
        [("start", "tomorrow"), ("end", "")],
        [("start", "2026-01-01T00:00:00Z"), ("end", "")],
    ] {
        everything(&service, &wrong).refusal(400, "INVALID_SEARCH_DATA");
    }
}

#[test]
fn since_a_moment_leaves_what_has_changed_since_and_always_the_child() {
    let service = service();
    let moment = service.now() + TimeDelta::hours(1);
    let since = moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    service.clock.advance(TimeDelta::hours(2));
    let nothing = everything(&service, &[("_since", &since)]);
    assert_eq!(told(&nothing), [of("Patient", 1), of("AuditEvent", 1)]);
    service.tell(&[a_plan()
        .of("E90002")
        .kind("CLA")
        .local_id("S-1")
        .from("2026-06-02")]);
    let changed = everything(&service, &[("_since", &since), ("_type", "Flag,Patient")]);
    assert_eq!(told(&changed), [of("Patient", 1), of("Flag", 1)]);
}

#[test]
fn a_child_without_a_visible_plan_has_nothing_and_the_look_is_recorded_all_the_same() {
    let service = service();
    let answer = service.get("Patient/9990000018/$everything");
    assert_eq!(answer.total(), 0);
    assert_eq!(answer.json().get("entry"), None);
    let flags = service.get("Patient/9990000018/Flag");
    assert_eq!(
        flags.json().get("entry"),
        None,
        "as the compartment says it"
    );
    assert_eq!(service.accesses(), 2);
    assert_eq!(service.notifications(), 0);
    let none = everything(&service, &[("_type", "Flag"), ("end", "2020")]);
    assert_eq!(none.total(), 0);
    assert_eq!(service.accesses(), 3);
    assert_eq!(service.notifications(), 2, "the record was looked at");
}

#[test]
fn nobody_is_found_under_an_id_that_is_no_patients_and_nobody_can_list_children() {
    let service = service();
    for unknown in ["019371b8-1c00-7000-8000-000000000001", "a", "PATIENT"] {
        let answer = service.get(&format!("Patient/{unknown}/$everything"));
        answer.refusal(404, "RESOURCE_NOT_FOUND");
    }
    let wrong = service.get("Patient/9990000027/$everything");
    wrong.refusal(400, "INVALID_SEARCH_DATA");
    for method in ["GET", "POST"] {
        let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
        let headers = [("authorization", bearer.as_str())];
        let all = service.ask(method, "Patient/$everything", &headers, b"");
        let issue = all.refusal(400, "MISSING_VALUE");
        assert!(issue["diagnostics"].as_str().unwrap().contains("one child"));
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn only_who_may_look_is_told_and_only_by_get_or_post() {
    let service = service();
    let path = format!("Patient/{NUMBER}/$everything");
    service
        .ask("GET", &path, &[], b"")
        .refusal(401, "ACCESS_DENIED");
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        service
            .get_as(&service.token(role), &path)
            .refusal(403, "ACCESS_DENIED");
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = service.ask(method, &path, &[], b"");
        answer.refusal(405, "UNSUPPORTED_SERVICE");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    }
    let strictly = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", strictly.as_str()),
        ("prefer", "handling=strict"),
    ];
    let answer = service.ask("GET", &format!("{path}?colour=red"), &headers, b"");
    answer.refusal(400, "UNSUPPORTED_SERVICE");
    assert_eq!(service.accesses(), 0);
    let answer = service.ask("GET", &format!("{path}?_type=Flag"), &headers, b"");
    assert_eq!(answer.header("preference-applied"), Some("handling=strict"));
    let lenient = everything(&service, &[("colour", "red")]);
    assert!(!lenient.link("self").unwrap().contains("colour"));
}
