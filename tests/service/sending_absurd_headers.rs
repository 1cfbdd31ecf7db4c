//! Malformed, repeated and absurd headers: `search_flags`, `upload_plans`, `batch`.

use cpis_fhir::routes::audit::OfAudit;
use cpis_fhir::routes::{Interaction, routes};

use crate::sending_nonsense::{assert_answered, assert_still_right, spelled};
use crate::support::{TestService, a_plan};

const NUMBER: &str = "9990000026";

#[test]
fn an_absurd_header_is_refused_by_name_or_put_up_with() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let path = format!("/FHIR/R4/Flag?patient={NUMBER}");
    for (header, status) in [
        ("Accept: text/html", 406),
        ("Accept: ", 406),
        ("Accept: ;;;,,,q=", 406),
        ("Accept: application/fhir+turtle", 406),
        ("Accept: application/fhir+json;q=NaN", 406),
        ("Accept: */*;q=0", 406),
        ("Accept: text/html\r\nAccept: application/json", 200),
        ("Prefer: handling=", 400),
        ("Prefer: handling=both", 400),
        ("Prefer: respond-async, handling=lenient", 200),
        ("Prefer: \u{e9}", 400),
        ("IsUnscheduledAccessEvent: yes", 400),
        ("IsUnscheduledAccessEvent: ", 400),
        ("IsUnscheduledAccessEvent: TRUE", 400),
        (
            "IsUnscheduledAccessEvent: true\r\nIsUnscheduledAccessEvent: true",
            400,
        ),
        ("IsUnscheduledAccessEvent: true,true", 400),
        ("X-Correlation-ID: \u{1F600}", 200),
        ("X-Forwarded-For: 9.9.9.9", 200),
        ("X-HTTP-Method-Override: DELETE", 200),
        ("If-None-Match: W/\"1\"", 200),
        ("If-Modified-Since: nonsense", 200),
        ("Accept-Encoding: nonsense;;q=", 200),
        ("Accept-Encoding: *;q=0", 406),
        ("Content-Encoding: gzip", 415),
        ("Range: bytes=0-1", 200),
        ("Content-Type: nonsense", 200),
    ] {
        let answer = spelled(&service, "GET", &path, header, b"");
        assert_eq!(answer.status, status, "{header}: {}", answer.text);
        assert_answered(&answer, header);
    }
    assert_still_right(&service);
}

#[test]
fn a_request_id_that_is_none_is_refused_on_every_route_about_a_child_and_answered_with_one() {
    let service = TestService::new();
    for (number, route) in routes().into_iter().enumerate() {
        if matches!(
            route.interaction,
            Interaction::Health
                | Interaction::Capabilities
                | Interaction::OpenApi
                | Interaction::OfTokens(_)
                | Interaction::OfAudit(OfAudit::Checkpoint | OfAudit::Consistency)
        ) {
            continue;
        }
        let path = route.path.replace("{id}", NUMBER);
        let good = format!("60e0b220-8136-4ca5-ae46-6d97ef59d{number:03}");
        for bad in [
            "X-Request-ID: 1".to_owned(),
            "X-Request-ID: ".to_owned(),
            format!("X-Request-ID: {good}a"),
            format!("X-Request-ID: {{{good}}}"),
            format!("X-Request-ID: {}", good.replace('-', "")),
            format!("X-Request-ID: {good}\r\nX-Request-ID: {good}"),
            "X-Request-ID: \u{1F600}".to_owned(),
            format!("X-Request-ID: {}", "a".repeat(60_000)),
        ] {
            let answer = spelled(&service, route.method.as_str(), &path, &bad, b"");
            let issue = answer.refusal(400, "INVALID_VALUE");
            assert_eq!(issue["expression"][0], "http.X-Request-ID", "{path}");
            let given = answer.header("x-request-id").unwrap();
            assert_eq!(given.len(), 36, "{given}");
            assert!(!bad.contains(given));
        }
        let sent = good.to_uppercase();
        let header = format!("X-Request-ID: {sent}");
        let answer = spelled(&service, route.method.as_str(), &path, &header, b"");
        assert_eq!(answer.header("x-request-id"), Some(sent.as_str()));
    }
    assert_eq!(service.accesses(), i64::from(LOOKS_BY_NUMBER));
}

/// The routes to which the number above names a child: five compartments and everything, each by
/// GET and by POST.
const LOOKS_BY_NUMBER: u8 = 12;
