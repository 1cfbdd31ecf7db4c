//! Reads by callers who may hold the answer already: `read_flag`, `read_organization`, `metadata`,
//! `batch`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan};

const NUMBER: &str = "9990000026";

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service
}

fn ask(service: &TestService, path: &str, more: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(more);
    service.ask("GET", path, &headers, b"")
}

/// The paths of everything that can be read of the child, and its authority's.
fn paths(service: &TestService) -> Vec<String> {
    let found = |kind: &str| service.find(kind, NUMBER, &[]).matches().remove(0);
    let path = |kind: &str| format!("{kind}/{}", found(kind)["id"].as_str().unwrap());
    let author = found("Flag")["author"]["reference"].clone();
    let mut paths = ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"]
        .map(path)
        .to_vec();
    service.clock.advance(TimeDelta::seconds(1));
    paths.push(author.as_str().unwrap().to_owned());
    paths
}

fn is_not_modified(again: &Answer, first: &Answer) {
    assert_eq!(again.status, 304, "{}", again.text);
    assert_eq!(again.text, "");
    for name in ["etag", "last-modified", "cache-control", "vary"] {
        assert!(again.header(name).is_some(), "{name}");
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(again.header("content-type"), None);
}

#[test]
fn what_the_caller_holds_is_not_sent_again_and_the_look_is_on_record_all_the_same() {
    let service = service();
    for path in paths(&service) {
        let first = ask(&service, &path, &[]);
        let etag = first.header("etag").unwrap();
        let modified = first.header("last-modified").unwrap();
        let several = format!("W/\"0\", {etag}");
        let looks = i64::from(!path.starts_with("Organization"));
        for (name, value) in [
            ("if-none-match", etag),
            ("if-none-match", etag.trim_start_matches("W/")),
            ("if-none-match", &several),
            ("if-none-match", "*"),
            ("if-modified-since", modified),
        ] {
            let before = service.accesses();
            let again = ask(&service, &path, &[(name, value)]);
            is_not_modified(&again, &first);
            assert_eq!(service.accesses(), before + looks, "{path} {name}");
        }
    }
}

#[test]
fn what_has_changed_is_sent() {
    let service = service();
    let path = paths(&service).remove(0);
    let first = ask(&service, &path, &[]);
    let etag = first.header("etag").unwrap();
    let modified = first.header("last-modified").unwrap();
    service.clock.advance(TimeDelta::hours(1));
    service.tell(&[a_plan().until("2027-03-01")]);
    for (name, value) in [("if-none-match", etag), ("if-modified-since", modified)] {
        let again = ask(&service, &path, &[(name, value)]);
        assert_eq!(again.status, 200);
        assert_eq!(again.json()["period"]["end"], "2027-03-01");
        assert_ne!(again.header("etag"), Some(etag));
    }
}

#[test]
fn an_episode_that_has_entered_its_next_phase_is_sent_though_nobody_told_it_anew() {
    let service = TestService::new();
    service.tell(&[a_plan().from("2026-11-23")]);
    let path = paths(&service).remove(1);
    let first = ask(&service, &path, &[]);
    assert_eq!(first.json()["status"], "planned");
    let etag = first.header("etag").unwrap();
    let modified = first.header("last-modified").unwrap();
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    for (name, value) in [("if-none-match", etag), ("if-modified-since", modified)] {
        let again = ask(&service, &path, &[(name, value)]);
        assert_eq!(again.json()["status"], "active", "{name}");
    }
}

#[test]
fn a_condition_that_cannot_be_read_is_none_and_a_tag_goes_before_a_moment() {
    let service = service();
    let path = paths(&service).remove(0);
    let first = ask(&service, &path, &[]);
    let modified = ("if-modified-since", first.header("last-modified").unwrap());
    for condition in [
        ("if-none-match", "1-1"),
        ("if-none-match", "W/\"0"),
        ("if-none-match", ""),
        ("if-modified-since", "yesterday"),
        ("if-modified-since", "2026-11-22T12:00:00Z"),
        ("if-modified-since", "Sun, 22 Nov 2026 11:59:59 GMT"),
    ] {
        let again = ask(&service, &path, &[condition]);
        assert_eq!(again.status, 200, "{condition:?}");
        assert_eq!(again.text, first.text);
    }
    let both = [("if-none-match", "W/\"0\""), modified];
    assert_eq!(ask(&service, &path, &both).status, 200);
}

#[test]
fn a_condition_opens_no_door() {
    let service = service();
    let path = paths(&service).remove(0);
    let unknown = "Flag/019371b8-1c00-7000-8000-000000000001";
    let any = ("if-none-match", "*");
    ask(&service, unknown, &[any]).refusal(404, "RESOURCE_NOT_FOUND");
    service
        .ask("GET", &path, &[any], b"")
        .refusal(401, "ACCESS_DENIED");
}

#[test]
fn the_metadata_have_a_tag_for_each_form_and_are_not_sent_again() {
    let service = TestService::new();
    let asked = |more: &[(&str, &str)]| service.ask("GET", "metadata", more, b"");
    let json = asked(&[]);
    let xml = asked(&[("accept", "application/fhir+xml")]);
    let etag = |answer: &Answer| answer.header("etag").unwrap().to_owned();
    assert_ne!(etag(&json), etag(&xml));
    assert_eq!(etag(&json), etag(&asked(&[])));
    assert_eq!(json.header("cache-control"), Some("max-age=300"));
    let again = asked(&[("if-none-match", &etag(&json))]);
    is_not_modified_published(&again, &json);
    let other = asked(&[("if-none-match", &etag(&xml))]);
    assert_eq!(other.status, 200);
}

fn is_not_modified_published(again: &Answer, first: &Answer) {
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    for name in ["etag", "cache-control", "vary"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
}

#[test]
fn a_request_of_a_batch_has_conditions_of_its_own() {
    let service = service();
    let path = paths(&service).remove(0);
    let etag = ask(&service, &path, &[]).header("etag").unwrap().to_owned();
    let entry = |name: &str, value: &str| {
        let mut request = json!({"method": "GET", "url": path});
        request[name] = Value::from(value);
        json!({ "request": request })
    };
    let entries = [
        entry("ifNoneMatch", &etag),
        entry("ifModifiedSince", "2026-11-22T12:00:00Z"),
        entry("ifNoneMatch", "W/\"0\""),
        entry("ifModifiedSince", "2026-11-22T11:59:59Z"),
    ];
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let looks = service.accesses();
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let bundle = answer.json();
    let statuses = [0, 1, 2, 3].map(|place: usize| {
        let entry = &bundle["entry"][place];
        let is_sent = entry["resource"]["resourceType"] == "Flag";
        assert_eq!(entry["response"]["etag"], etag.as_str());
        (entry["response"]["status"].as_str().unwrap(), is_sent)
    });
    let (held, sent) = (("304 Not Modified", false), ("200 OK", true));
    assert_eq!(statuses, [held, held, sent, sent]);
    assert_eq!(service.accesses(), looks + 4);
}
