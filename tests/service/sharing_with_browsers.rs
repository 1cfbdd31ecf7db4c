//! Pages of other origins, in browsers: `search_flags`, `metadata`.

use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::settings::BrowserOrigins;

use crate::support::{Answer, TestService, a_plan};

const NUMBER: &str = "9990000026";
const RECORD: &str = "https://record.example";

fn sharing() -> TestService {
    let service = TestService::with(|settings| {
        settings.browser_origins =
            BrowserOrigins::parse("https://record.example,http://localhost:3000").unwrap();
    });
    service.tell(&[a_plan().child(NUMBER)]);
    service
}

/// What a browser asks before it lets a page send a search.
fn asked_before(service: &TestService, origin: &str, method: &str, headers: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ];
    service.ask("OPTIONS", "Flag/_search", &headers, b"")
}

fn search(service: &TestService, origin: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [("authorization", bearer.as_str()), ("origin", origin)];
    service.ask("GET", &format!("Flag?patient={NUMBER}"), &headers, b"")
}

#[test]
fn nothing_is_shared_until_a_setting_names_an_origin() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let answer = search(&service, RECORD);
    assert_eq!(answer.total(), 1);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
    let before = asked_before(&service, RECORD, "POST", "authorization");
    assert_eq!(before.header("access-control-allow-origin"), None);
    let statement = service.ask("GET", "metadata", &[], b"").json();
    assert_eq!(statement["rest"][0]["security"]["cors"], false);
}

#[test]
fn a_page_of_a_named_origin_may_ask_and_see_what_it_needs() {
    let service = sharing();
    for origin in [RECORD, "http://localhost:3000"] {
        let wanted = "authorization, content-type, x-request-id, prefer, if-none-match, \
                      isunscheduledaccessevent, traceid";
        let before = asked_before(&service, origin, "POST", wanted);
        assert!([200, 204].contains(&before.status), "{}", before.text);
        assert_eq!(before.header("access-control-allow-origin"), Some(origin));
        let methods = before.header("access-control-allow-methods").unwrap();
        assert!(methods.contains("POST") && !methods.contains("DELETE"));
        let answer = search(&service, origin);
        assert_eq!(answer.total(), 1);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let seen = answer.header("access-control-expose-headers").unwrap();
        let seen = seen.to_ascii_lowercase();
        for name in [
            "etag",
            "last-modified",
            "location",
            "content-location",
            "x-request-id",
            "x-correlation-id",
            "traceid",
        ] {
            let named = seen.split(',').any(|shown| shown.trim() == name);
            assert!(named, "{name}: {seen}");
        }
        let varies = answer.header("vary");
        assert_eq!(varies, Some("Accept, Accept-Encoding, Origin"));
    }
    let statement = service.ask("GET", "metadata", &[], b"").json();
    assert_eq!(statement["rest"][0]["security"]["cors"], true);
}

#[test]
fn a_page_of_another_origin_sees_nothing_and_a_page_without_a_token_is_refused() {
    let service = sharing();
    for origin in [
        "https://evil.example",
        "https://record.example.evil.example",
        "http://record.example",
        "https://record.example:8443",
        "null",
    ] {
        let before = asked_before(&service, origin, "POST", "authorization");
        assert_eq!(
            before.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
        let answer = search(&service, origin);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
    let before = asked_before(&service, RECORD, "DELETE", "authorization");
    assert_eq!(before.status, 400);
    let looks = service.accesses();
    let path = format!("Flag?patient={NUMBER}");
    let answer = service.ask("GET", &path, &[("origin", RECORD)], b"");
    answer.refusal(401, "ACCESS_DENIED");
    // The page is told why.
    assert_eq!(answer.header("access-control-allow-origin"), Some(RECORD));
    assert_eq!(service.accesses(), looks);
}
