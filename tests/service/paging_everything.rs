//! Everything of a child, asked for a page at a time, in parts and by posted parameters:
//! `everything`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::json;

use crate::reading_everything::{NUMBER, everything, of, patient, resource_kind, service, told};
use crate::support::{Answer, TestService, a_doctor, a_plan};

#[test]
fn pages_lead_through_everything_once_and_each_is_a_look_that_names_no_child_in_its_link() {
    let service = service();
    for number in 1..4 {
        let doctor = service.token_saying(a_doctor(number));
        service.clock.advance(TimeDelta::minutes(1));
        service.get_as(&doctor, &format!("Flag?patient={NUMBER}"));
    }
    let whole = everything(&service, &[]).ids();
    service.clock.advance(TimeDelta::minutes(1));
    for count in ["1", "3", "100"] {
        let before = service.accesses();
        let mut pages = vec![everything(
            &service,
            &[("_count", count), ("_summary", "data")],
        )];
        while let Some(next) = pages.last().unwrap().link("next") {
            assert!(!next.contains(NUMBER));
            assert!(pages.len() < 20, "the pages have no end");
            pages.push(service.get(&next));
            assert_eq!(pages.last().unwrap().link("self"), Some(next));
        }
        let ids: Vec<String> = pages.iter().flat_map(Answer::ids).collect();
        assert_eq!(ids, whole);
        assert_eq!(
            service.accesses() - before,
            i64::try_from(pages.len()).unwrap()
        );
        for page in &pages {
            assert_eq!(page.total(), u64::try_from(whole.len()).unwrap());
            let names = kinds_named(page);
            let brought = page.entries("include");
            assert_eq!(
                brought.len(),
                names,
                "each page brings what its matches name"
            );
            let flags = page.matches();
            assert!(
                flags.iter().all(|flag| flag.get("text").is_none()),
                "every page is shaped"
            );
        }
    }
    let total = everything(&service, &[("_summary", "count")]);
    assert_eq!(total.json().get("entry"), None);
    assert_eq!(total.total(), 11);
}

/// How many resources that are brought along a page's matches name.
fn kinds_named(page: &Answer) -> usize {
    let named: BTreeSet<String> = page
        .matches()
        .iter()
        .filter_map(|resource| match resource_kind(resource) {
            "Flag" => resource["author"]["reference"].as_str().map(str::to_owned),
            "EpisodeOfCare" => resource["managingOrganization"]["reference"]
                .as_str()
                .map(str::to_owned),
            "AuditEvent" => resource["agent"][0]["who"]["reference"]
                .as_str()
                .map(str::to_owned),
            _ => None,
        })
        .collect();
    named.len()
}

#[test]
fn a_page_link_is_good_for_its_child_and_its_operation_only() {
    let service = service();
    let next = everything(&service, &[("_count", "1")])
        .link("next")
        .unwrap();
    let sealed = next.rsplit('=').next().unwrap();
    let looks = service.accesses();
    let id = patient(&service);
    assert!(next.contains(&id));
    for wrong in [
        format!("Patient/{NUMBER}/$everything?_page={sealed}"),
        format!("Patient/019371b8-1c00-7000-8000-000000000001/$everything?_page={sealed}"),
        format!("Flag?_page={sealed}"),
        format!("Patient/{id}/_history?_page={sealed}"),
        format!("Patient/{id}/$everything?_page={}x", &sealed[1..]),
    ] {
        service.get(&wrong).refusal(410, "INVALID_SEARCH_DATA");
    }
    let flags = service
        .find("Flag", NUMBER, &[("_count", "1")])
        .link("next")
        .unwrap();
    let flags = flags.rsplit('=').next().unwrap();
    let other = service.get(&format!("Patient/{id}/$everything?_page={flags}"));
    other.refusal(410, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), looks + 2);
    service.clock.advance(TimeDelta::minutes(16));
    service.get(&next).refusal(410, "INVALID_SEARCH_DATA");
}

#[test]
fn a_page_link_is_gone_when_nothing_of_what_it_tells_is_there_any_more() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let first = everything(&service, &[("_count", "1")]);
    let next = first.link("next").unwrap();
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    service.get(&next).refusal(410, "INVALID_SEARCH_DATA");
}

#[test]
fn what_is_left_of_a_page_link_ends_with_what_is_still_there() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().kind("CLA").of("E90002")]);
    let parameters = [("_type", "EpisodeOfCare,Organization"), ("_count", "2")];
    let next = everything(&service, &parameters).link("next").unwrap();
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    let rest = service.get(&next);
    assert_eq!(told(&rest), [of("Organization", 1)]);
    assert_eq!(rest.link("next"), None);
}

#[test]
fn posted_parameters_say_the_form_of_the_answer_too() {
    let service = service();
    let body = |format: &str| {
        json!({"resourceType": "Parameters", "parameter": [
            {"name": "_format", "valueCode": format},
        ]})
        .to_string()
    };
    let xml = post(&service, "application/fhir+json", &body("xml"));
    assert!(xml.text.contains("<Bundle xmlns"), "{}", xml.text);
    let other = post(&service, "application/fhir+json", &body("turtle"));
    assert_eq!(other.status, 406);
    assert_eq!(service.accesses(), 1, "what is refused is no look");
}

#[test]
fn posted_parameters_ask_the_same_in_json_and_xml_and_an_empty_body_asks_for_all() {
    let service = service();
    let json = json!({"resourceType": "Parameters", "parameter": [
        {"name": "_type", "valueCode": "Flag"},
        {"name": "_type", "valueCode": "Patient"},
        {"name": "start", "valueDate": "2026-04-01"},
        {"name": "_count", "valueInteger": 2},
    ]});
    let xml = "<Parameters xmlns=\"http://hl7.org/fhir\"><parameter><name value=\"_type\"/>\
               <valueCode value=\"Flag,Patient\"/></parameter><parameter><name value=\"start\"/>\
               <valueDate value=\"2026-04-01\"/></parameter><parameter><name value=\"_count\"/>\
               <valueInteger value=\"2\"/></parameter></Parameters>";
    let bodies = [
        ("application/fhir+json", json.to_string()),
        ("application/fhir+xml; charset=utf-8", xml.to_owned()),
    ];
    for (content_type, body) in bodies {
        let answer = post(&service, content_type, &body);
        assert_eq!(answer.total(), 3, "{}", answer.text);
        assert_eq!(told(&answer), [of("Patient", 1), of("Flag", 1)]);
        assert!(
            answer
                .link("self")
                .unwrap()
                .contains("start=2026-04-01&_count=2")
        );
        let next = service.get(&answer.link("next").unwrap());
        assert_eq!(told(&next), [of("Flag", 1)]);
    }
    let empty = post(&service, "", "");
    assert_eq!(empty.total(), 8);
    assert_eq!(service.accesses(), 5);
}

#[test]
fn what_is_no_parameters_is_refused_and_looks_at_nobody() {
    let service = service();
    let json = "application/fhir+json";
    for (content_type, body, status) in [
        (json, "{", 400),
        (json, "{\"resourceType\":\"Flag\"}", 400),
        (
            json,
            "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"start\"}]}",
            400,
        ),
        (
            "application/fhir+xml",
            "<!DOCTYPE a><Parameters xmlns=\"http://hl7.org/fhir\"/>",
            400,
        ),
        (
            "application/fhir+xml",
            "{\"resourceType\":\"Parameters\"}",
            400,
        ),
    ] {
        post(&service, content_type, body).refusal(status, "INVALID_VALUE");
    }
    post(&service, "text/csv", "a").refusal(415, "UNSUPPORTED_SERVICE");
    let long = format!(
        "{{\"resourceType\":\"Parameters\",\"id\":\"{}\"}}",
        "a".repeat(20_000)
    );
    post(&service, json, &long).refusal(413, "INVALID_VALUE");
    let holds = json!({"resourceType": "Parameters", "parameter": [
        {"name": "resource", "resource": {"resourceType": "Flag"}},
    ]});
    post(&service, json, &holds.to_string()).refusal(400, "UNSUPPORTED_SERVICE");
    assert_eq!(service.accesses(), 0);
}

fn post(service: &TestService, content_type: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", content_type),
    ];
    let path = format!("Patient/{NUMBER}/$everything");
    service.ask("POST", &path, &headers, body.as_bytes())
}

#[test]
fn everything_is_told_in_xml_too_and_in_part() {
    let service = service();
    let xml = everything(&service, &[("_format", "xml"), ("_pretty", "true")]);
    assert_eq!(
        xml.header("content-type"),
        Some("application/fhir+xml; charset=utf-8")
    );
    assert!(
        xml.text
            .contains("<Bundle xmlns=\"http://hl7.org/fhir\">\n")
    );
    let part = everything(&service, &[("_type", "Flag"), ("_elements", "period")]);
    for flag in part.matches() {
        assert_eq!(flag.get("category"), None);
        assert!(flag.get("period").is_some());
        assert_eq!(flag["meta"]["tag"][0]["code"], "SUBSETTED");
    }
}

#[test]
fn what_leaves_out_plans_says_so_but_to_whoever_asks_for_the_total_alone() {
    let service = service();
    let future = ("start", "2099-01-01");
    let answer = everything(&service, &[future]);
    let said = &answer.entries("outcome")[0]["issue"][0];
    assert_eq!(said["severity"], "warning");
    for total_alone in [("_summary", "count"), ("_count", "0")] {
        let answer = everything(&service, &[future, total_alone]);
        assert!(answer.json()["entry"].is_null(), "{total_alone:?}");
    }
    let all = everything(&service, &[]);
    assert!(all.entries("outcome").is_empty());
}
