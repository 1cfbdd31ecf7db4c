//! Answers and batches in XML: `batch`, `metadata`, and the outcomes of refusals.

use cpis_fhir::sandbox::role::SandboxRole;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use crate::support::{Answer, TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const XML: &str = "application/fhir+xml; charset=utf-8";

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service
}

/// Asks as the clinician, with more headers.
fn ask(service: &TestService, path: &str, more: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(more);
    service.ask("GET", path, &headers, b"")
}

fn post(service: &TestService, content_type: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", content_type),
    ];
    service.ask("POST", path, &headers, body.as_bytes())
}

fn flags() -> String {
    format!("Flag?{}", form(&[("patient:identifier", &nhs(NUMBER))]))
}

/// The value of every attribute `value` of elements with this name, once the whole is well-formed.
fn values(answer: &Answer, name: &str) -> Vec<String> {
    assert_eq!(answer.header("content-type"), Some(XML), "{}", answer.text);
    let mut reader = Reader::from_str(&answer.text);
    let (mut values, mut depth) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
        if let Event::Start(start) | Event::Empty(start) = &event {
            let value = start.try_get_attribute("value").unwrap();
            if let Some(value) = value.filter(|_| start.name().as_ref() == name) {
                values.push(value.value.to_string());
            }
        }
    }
    assert_eq!(depth, 0);
    values
}

fn is_outcome(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(values(answer, "severity"), ["error"]);
    let root = "<OperationOutcome xmlns=\"http://hl7.org/fhir\">";
    assert!(answer.text.contains(root), "{}", answer.text);
}

#[test]
fn a_search_a_read_and_the_metadata_say_in_xml_what_they_say_in_json() {
    let service = service();
    let id = service.find("Flag", NUMBER, &[]).ids().remove(0);
    for (path, root) in [
        (flags(), "Bundle"),
        (format!("Flag/{id}"), "Flag"),
        ("metadata".to_owned(), "CapabilityStatement"),
    ] {
        for accept in [
            "application/fhir+xml",
            "application/xml",
            "text/xml",
            "application/json;q=0.5, text/xml;q=0.6",
        ] {
            let answer = ask(&service, &path, &[("accept", accept)]);
            assert_eq!(answer.status, 200, "{path} {accept}");
            let begins = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
            let begins = format!("{begins}<{root} xmlns=\"http://hl7.org/fhir\">");
            assert!(answer.text.starts_with(&begins), "{path} {accept}");
            let ids = values(&answer, "id");
            assert!(root == "CapabilityStatement" || ids.contains(&id), "{path}");
        }
    }
    let narrative = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>";
    let flag = ask(&service, &format!("Flag/{id}?_format=xml"), &[]);
    assert!(flag.text.contains(narrative), "{}", flag.text);
    let pretty = ask(
        &service,
        &format!("Flag/{id}?_format=xml&_pretty=true"),
        &[],
    );
    assert!(pretty.text.contains("\n  <status value=\"active\"/>\n"));
    assert_eq!(values(&pretty, "id"), values(&flag, "id"));
}

#[test]
fn the_form_named_in_the_url_or_the_posted_form_goes_before_the_header() {
    let service = service();
    let json = [("accept", "application/fhir+json")];
    let answer = ask(&service, &format!("{}&_format=xml", flags()), &json);
    assert_eq!(values(&answer, "total"), ["1"]);
    let posted = format!("patient={NUMBER}&_format=application/fhir%2Bxml");
    let answer = service.post_form("Flag/_search", &posted);
    assert_eq!(values(&answer, "total"), ["1"]);
    let xml = [("accept", "application/fhir+xml")];
    let answer = ask(&service, &format!("{}&_format=json", flags()), &xml);
    assert_eq!(answer.total(), 1);
}

#[test]
fn a_refusal_is_told_in_the_form_that_was_asked_for() {
    let service = service();
    let xml = [("accept", "application/fhir+xml")];
    for (status, path) in [
        (400, "Flag"),
        (400, "Flag?patient=9990000027&_format=xml"),
        (404, "Flag/019371b8-1c00-7000-8000-000000000001"),
        (404, "Observation"),
        (405, "Flag/_search"),
    ] {
        is_outcome(&ask(&service, path, &xml), status);
    }
    let answer = service.ask("GET", &flags(), &xml, b"");
    is_outcome(&answer, 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let posted = "patient=9990000027&_format=xml";
    is_outcome(&service.post_form("Flag/_search", posted), 400);
    let encoded = [("content-encoding", "br"), ("accept", "text/xml")];
    is_outcome(&service.ask("POST", "", &encoded, b"x"), 415);
    let turtle = [("accept", "text/turtle")];
    ask(&service, &flags(), &turtle).refusal(406, "UNSUPPORTED_SERVICE");
}

#[test]
fn a_batch_may_be_posted_as_xml_and_its_type_says_how_it_is_read() {
    let service = service();
    let url = flags().replace('&', "&amp;");
    let batch = format!(
        "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"batch\"/><entry><request>\
         <method value=\"GET\"/><url value=\"{url}\"/></request></entry></Bundle>"
    );
    for content_type in [
        "application/fhir+xml",
        "application/fhir+xml; charset=utf-8",
        "application/xml",
        "text/xml",
    ] {
        let looks = service.accesses();
        let answer = post(&service, content_type, "", &batch);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["entry"][0]["resource"]["total"], 1);
        assert_eq!(service.accesses(), looks + 1);
        let answer = post(&service, content_type, "?_format=xml", &batch);
        assert_eq!(values(&answer, "total"), ["1"]);
        assert!(values(&answer, "type").contains(&"batch-response".to_owned()));
    }
    let json = json!({"resourceType": "Bundle", "type": "batch"}).to_string();
    let answer = post(&service, "application/fhir+json", "?_format=xml", &json);
    assert_eq!(values(&answer, "type"), ["batch-response"]);
    for content_type in ["application/fhir+json", "application/json"] {
        let answer = post(&service, content_type, "?_format=xml", &batch);
        is_outcome(&answer, 400);
    }
    let answer = post(&service, "application/fhir+turtle", "", &batch);
    answer.refusal(415, "UNSUPPORTED_SERVICE");
}

#[test]
fn a_batch_in_xml_that_means_harm_is_refused_at_once_and_nothing_is_recorded() {
    let service = service();
    let entities: String = (1..20)
        .map(|number| {
            let before = format!("&a{};", number - 1).repeat(10);
            format!("<!ENTITY a{number} \"{before}\">")
        })
        .collect();
    let laughs = format!(
        "<!DOCTYPE Bundle [<!ENTITY a0 \"ha\">{entities}]><Bundle xmlns=\"http://hl7.org/fhir\">\
         <type value=\"batch\"/><id value=\"&a19;\"/></Bundle>"
    );
    let file = "<!DOCTYPE Bundle [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\
                <Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"&a;\"/></Bundle>";
    let deep = format!(
        "<Bundle xmlns=\"http://hl7.org/fhir\">{}",
        "<a>".repeat(80_000)
    );
    let riding = format!(
        "<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource>{}",
        "<a>".repeat(80_000)
    );
    for body in [&laughs, file, &deep, &riding, "<", "Flag", "<Bundle/>"] {
        let answer = post(&service, "application/fhir+xml", "", body);
        let issue = answer.refusal(400, "INVALID_VALUE");
        assert_eq!(issue["code"], "structure");
        assert!(!answer.text.contains("root:"));
    }
    let long = "<".repeat(256 * 1024 + 1);
    post(&service, "application/fhir+xml", "", &long).refusal(413, "INVALID_VALUE");
    assert_eq!(service.accesses(), 0);
}
