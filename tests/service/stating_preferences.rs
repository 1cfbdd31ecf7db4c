//! `Prefer` and what is said of it, and the ids of requests: `search_flags`, `read_flag`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, TestService, a_plan};

const NUMBER: &str = "9990000026";

fn ask(service: &TestService, path: &str, more: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(more);
    service.ask("GET", path, &headers, b"")
}

#[test]
fn a_handling_that_is_honoured_is_said_to_be_and_no_other_preference_is() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let path = format!("Flag?patient={NUMBER}");
    for (prefer, applied) in [
        ("handling=strict", Some("handling=strict")),
        ("handling=\"lenient\"", Some("handling=lenient")),
        (
            "return=minimal; a=\"b,c\", HANDLING=strict",
            Some("handling=strict"),
        ),
        ("handling=strict, handling=lenient", Some("handling=strict")),
        ("return=minimal", None),
        ("return=representation", None),
        ("return=OperationOutcome", None),
        ("respond-async, wait=10", None),
    ] {
        let answer = ask(&service, &path, &[("prefer", prefer)]);
        assert_eq!(answer.total(), 1, "{prefer}");
        assert_eq!(answer.header("preference-applied"), applied, "{prefer}");
    }
    let twice = [("prefer", "return=minimal"), ("prefer", "handling=strict")];
    let unknown = format!("{path}&colour=blue");
    let refused = ask(&service, &unknown, &twice);
    refused.refusal(400, "UNSUPPORTED_SERVICE");
    assert_eq!(refused.header("preference-applied"), None);
    let id = ask(&service, &path, &[]).ids().remove(0);
    let read = ask(&service, &format!("Flag/{id}"), &[twice[1]]);
    assert_eq!(
        (read.status, read.header("preference-applied")),
        (200, None)
    );
}

#[test]
fn a_correlation_id_comes_back_as_it_was_sent_and_an_unfit_one_is_ignored() {
    let service = TestService::new();
    let long = "a".repeat(128);
    let longer = "a".repeat(129);
    for (sent, mirrored) in [
        ("60E0B220-8136-4ca5-ae46-1d97ef59d068", true),
        ("any{visible}~text:1", true),
        (&long, true),
        (&longer, false),
        ("two words", false),
    ] {
        let answer = service.ask("GET", "Flag", &[("x-correlation-id", sent)], b"");
        answer.refusal(401, "ACCESS_DENIED");
        let expected = mirrored.then_some(sent);
        assert_eq!(answer.header("x-correlation-id"), expected, "{sent}");
        assert_eq!(answer.header("x-request-id").unwrap().len(), 36);
    }
}
