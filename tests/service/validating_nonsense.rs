//! What cannot be checked at all, or only at length: `validate`.

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::TestService;
use crate::validating_resources::{JSON, XML, a_flag, errors, issues, post, post_as};

#[test]
fn what_cannot_be_read_is_refused() {
    let service = TestService::new();
    let ask = |content_type: &str, body: &str| {
        let sent = (content_type, body.as_bytes());
        post_as(&service, SandboxRole::Clinician, "Flag/$validate", sent)
    };
    for (content_type, body) in [
        (JSON, ""),
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, "{\"id\":\"a\"}"),
        (
            JSON,
            "{\"resourceType\":\"Flag\",\"id\":\"a\",\"id\":\"a\"}",
        ),
        (JSON, "{\"resourceType\":\"Parameters\"}"),
        (
            JSON,
            "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"resource\"}]}",
        ),
        (XML, "<Flag/>"),
        (XML, "<!DOCTYPE Flag><Flag xmlns=\"http://hl7.org/fhir\"/>"),
        (
            XML,
            "<Flag xmlns=\"http://hl7.org/fhir\"><id value=\"&a;\"/></Flag>",
        ),
    ] {
        ask(content_type, body).refusal(400, "INVALID_VALUE");
    }
    let nested = format!("{{\"resourceType\":\"Flag\",\"a\":{}", "[".repeat(100_000));
    let issue = ask(JSON, &nested).refusal(400, "INVALID_VALUE");
    assert!(issue["diagnostics"].as_str().unwrap().contains("deeper"));
    let deep = format!(
        "<Flag xmlns=\"http://hl7.org/fhir\">{}",
        "<extension>".repeat(10_000)
    );
    ask(XML, &deep).refusal(400, "INVALID_VALUE");
    ask("text/csv", "a").refusal(415, "UNSUPPORTED_SERVICE");
    ask(JSON, &" ".repeat(256 * 1024 + 1)).refusal(413, "INVALID_VALUE");
    for twice in ["profile=a&profile=a", "mode=create&mode=create"] {
        let answer = post(&service, &format!("Flag/$validate?{twice}"), &a_flag());
        answer.refusal(400, "INVALID_SEARCH_DATA");
    }
    let other = post(&service, "Flag/$validate?colour=red", &a_flag());
    other.refusal(400, "UNSUPPORTED_SERVICE");
}

#[test]
fn a_large_and_hostile_resource_is_answered_soon_and_briefly() {
    let service = TestService::new();
    let mut flag = a_flag();
    let category = json!({"coding": vec![json!({"a": 1}); 9]});
    flag["category"] = Value::from(vec![category; 2_000]);
    let text = flag.to_string();
    assert!(text.len() > 150_000 && text.len() < 256 * 1024);
    let start = std::time::Instant::now();
    let answer = post(&service, "Flag/$validate", &flag);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    assert_eq!(errors(&answer).len(), 100);
    let last = issues(&answer).pop().unwrap();
    assert_eq!(last.0, "information");
}

#[test]
fn posted_parameters_say_the_form_of_the_answer_too() {
    let service = TestService::new();
    let sent = |format: &str| {
        let parameters = json!({"resourceType": "Parameters", "parameter": [
            {"name": "resource", "resource": a_flag()},
            {"name": "_format", "valueCode": format},
        ]});
        post(&service, "Flag/$validate", &parameters)
    };
    assert!(sent("xml").text.contains("<OperationOutcome xmlns"));
    assert_eq!(sent("turtle").status, 406);
}
