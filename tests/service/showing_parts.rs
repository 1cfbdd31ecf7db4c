//! One resource in part, by `_summary` and `_elements`: `read_flag`, `read_patient`,
//! `read_audit_event`, `read_organization`, `batch`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{TestService, a_plan};

const NUMBER: &str = "9990000026";

fn service() -> (TestService, String) {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let id = service.find("Flag", NUMBER, &[]).ids().remove(0);
    (service, format!("Flag/{id}"))
}

fn names(resource: &Value) -> Vec<&str> {
    let members = resource.as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

#[test]
fn a_part_of_a_resource_says_that_it_is_one_and_is_a_look_like_any_other() {
    let (service, path) = service();
    let whole = service.get(&path);
    for part in [
        "_summary=true",
        "_summary=text",
        "_summary=data",
        "_elements=period",
    ] {
        let looks = service.accesses();
        let answer = service.get(&format!("{path}?{part}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(service.accesses(), looks + 1);
        assert_eq!(answer.header("etag"), whole.header("etag"));
        let flag = answer.json();
        let tag = &flag["meta"]["tag"][0];
        assert_eq!(tag["code"], "SUBSETTED");
        let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
        assert_eq!(tag["system"], system);
        for name in ["id", "status", "code", "subject"] {
            assert_eq!(flag[name], whole.json()[name], "{part} {name}");
        }
        assert_eq!(flag.get("text").is_some(), part == "_summary=text");
        assert_eq!(flag.get("period").is_some(), part != "_summary=text");
        assert_eq!(
            flag.get("author").is_some(),
            part.ends_with('e') || part.ends_with("data")
        );
        let xml = service.get(&format!("{path}?{part}&_format=xml")).text;
        assert!(xml.contains("<code value=\"SUBSETTED\"/>"));
        assert_eq!(xml.contains("<div "), part == "_summary=text");
    }
    for all in ["_summary=false", "_elements=", "colour=blue"] {
        assert_eq!(service.get(&format!("{path}?{all}")).text, whole.text);
    }
}

#[test]
fn every_kind_can_be_read_as_a_summary() {
    let (service, flag) = service();
    service.clock.advance(TimeDelta::seconds(1));
    let event = service.find("AuditEvent", NUMBER, &[]).ids().remove(0);
    let flag = service.get(&flag).json();
    let reference = |name: &str| flag[name]["reference"].as_str().unwrap().to_owned();
    for (path, expected) in [
        (reference("subject"), vec!["identifier", "birthDate"]),
        (
            reference("author"),
            vec!["identifier", "active", "type", "name"],
        ),
        (
            format!("AuditEvent/{event}"),
            vec![
                "type", "subtype", "action", "recorded", "outcome", "agent", "source",
            ],
        ),
    ] {
        let summary = service.get(&format!("{path}?_summary=true")).json();
        let kept: Vec<&str> = names(&summary).into_iter().skip(3).collect();
        let is_expected = |name: &&str| expected.contains(name) || *name == "purposeOfEvent";
        assert!(kept.iter().all(is_expected), "{path}: {kept:?}");
        assert!(kept.contains(&expected[0]), "{path}: {kept:?}");
        let tags = summary["meta"]["tag"].as_array().unwrap();
        assert!(tags.iter().any(|tag| tag["code"] == "SUBSETTED"));
    }
}

#[test]
fn a_part_that_there_is_not_is_refused_and_nothing_is_looked_at() {
    let (service, path) = service();
    let looks = service.accesses();
    for (part, parameter) in [
        ("_summary=count", "_summary"),
        ("_summary=all", "_summary"),
        ("_summary=true&_summary=text", "_summary"),
        ("_summary=true&_elements=code", "_elements"),
        ("_elements=code,,period", "_elements"),
        ("_elements=agent.who", "_elements"),
    ] {
        let answer = service.get(&format!("{path}?{part}"));
        let issue = answer.refusal(400, "INVALID_SEARCH_DATA");
        assert_eq!(issue["expression"][0], parameter, "{part}");
    }
    assert_eq!(service.accesses(), looks);
}

#[test]
fn each_request_of_a_batch_has_the_part_that_it_asked_for() {
    let (service, path) = service();
    let urls = [
        path.clone(),
        format!("{path}?_elements=period"),
        format!("{path}?_summary=count"),
        format!("{path}?_summary=true"),
    ];
    let entries: Vec<Value> = urls
        .iter()
        .map(|url| json!({"request": {"method": "GET", "url": url}}))
        .collect();
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let bundle = answer.json();
    for place in [0, 1, 3] {
        let alone = service.get(&urls[place]).json();
        assert_eq!(bundle["entry"][place]["resource"], alone, "{place}");
    }
    let status = &bundle["entry"][2]["response"]["status"];
    assert_eq!(status, "400 Bad Request");
}

#[test]
fn every_page_of_a_search_shows_the_part_that_was_asked_for() {
    let service = TestService::new();
    service.tell(&[
        a_plan().child("9990000034"),
        a_plan().child("9990000034").kind("CLA"),
    ]);
    let find = |shape: &[(&str, &str)]| service.find("Flag", "9990000034", shape);
    let first = find(&[
        ("_elements", "period"),
        ("_count", "1"),
        ("_include", "Flag:author"),
    ]);
    let next = first.link("next").unwrap();
    let second = service.get(next.rsplit_once("/FHIR/R4/").unwrap().1);
    for page in [&first, &second] {
        let flag = &page.matches()[0];
        assert!(
            flag.get("period").is_some() && flag.get("author").is_none(),
            "{flag}"
        );
        assert_eq!(flag["meta"]["tag"][0]["code"], "SUBSETTED");
        // What comes along is whole.
        assert!(page.entries("include")[0].get("contact").is_some());
    }
    let text = find(&[("_summary", "text")]);
    assert!(text.matches()[0].get("text").is_some());
    assert!(text.matches()[0].get("period").is_none());
    assert!(
        find(&[("_summary", "data")]).matches()[0]
            .get("text")
            .is_none()
    );
    assert_eq!(find(&[("_summary", "count")]).matches().len(), 0);
    let looks = service.accesses();
    for refused in [
        &[("_summary", "text"), ("_include", "Flag:author")][..],
        &[("_summary", "all")],
        &[("_elements", "a.b")],
    ] {
        find(refused).refusal(400, "INVALID_SEARCH_DATA");
    }
    assert_eq!(service.accesses(), looks);
}
