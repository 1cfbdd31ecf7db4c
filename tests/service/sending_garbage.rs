//! Wrong methods, paths and bytes: `health`, `metadata`, `upload_plans`, `batch`. What is not HTTP
//! is not answered as if it were, and the next caller is.

use cpis_fhir::routes::routes;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::server::allowed;

use crate::sending_nonsense::{assert_answered, assert_still_right};
use crate::support::{TestService, a_plan, file, said, say};

const NUMBER: &str = "9990000026";

#[test]
fn a_method_that_a_path_does_not_take_is_refused_with_those_it_takes() {
    let service = TestService::new();
    for route in routes() {
        let path = route.path.replace("{id}", NUMBER);
        for method in [
            "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "FROB",
        ] {
            let allowed = allowed(&routes(), route.path);
            if allowed.split(", ").any(|taken| taken == method) {
                continue;
            }
            let request =
                format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            let answer = say(&service, request.as_bytes()).unwrap();
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
            assert!(answer.header("x-request-id").is_some());
            if method != "HEAD" {
                answer.refusal(405, "UNSUPPORTED_SERVICE");
            }
        }
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_path_that_is_none_of_the_services_is_not_found() {
    let service = TestService::new();
    for path in [
        "/",
        "//",
        "/FHIR",
        "/FHIR/R4/Flags",
        "/FHIR/R4/flag",
        "/FHIR/R4/Observation",
        "/FHIR/R4/Flag/1/2/3",
        "/FHIR/R4/Flag/1/_history/",
        "/FHIR/R4/Patient/1/Observation",
        "/FHIR/R4/../R4/Flag",
        "/FHIR/R4//Flag",
        "/FHIR/R5/Flag",
        "/FHIR/R4/Flag/",
        "/_ping/",
        "/_ping/../FHIR/R4/Flag",
        "/FHIR/R4/%46lags",
        "/FHIR/R4/Flag%00",
        "/FHIR/R4/Flag;a=b",
        "/FHIR/R4/$other",
        "/FHIR/R4/_search",
        "/.env",
        "/FHIR/R4/_history",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = say(&service, request.as_bytes()).unwrap();
        answer.refusal(404, "UNSUPPORTED_SERVICE");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn only_json_and_xml_are_answered_whichever_way_another_form_is_asked_for() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for (format, status) in [
        ("json", 200),
        ("application/fhir%2Bjson", 200),
        ("application/fhir+json", 200),
        ("application/json", 200),
        ("xml", 200),
        ("application/fhir%2Bxml", 200),
        ("ttl", 406),
        ("html", 406),
        ("%00", 406),
        ("text/html", 406),
    ] {
        let answer = service.get(&format!("Flag?patient={NUMBER}&_format={format}"));
        assert_eq!(answer.status, status, "{format}");
        if format.ends_with("xml") {
            assert!(answer.text.starts_with("<?xml "), "{format}");
        } else {
            assert_answered(&answer, format);
        }
        let answer = service.ask("GET", &format!("metadata?_format={format}"), &[], b"");
        assert_eq!(answer.status, status, "metadata in {format}");
    }
}

#[test]
fn bytes_that_are_no_request_harm_nobody() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let mut garbage = no_requests();
    garbage.extend(broken_requests(&service.token(SandboxRole::Clinician)));
    let before = service.accesses();
    // At once, because the service waits a while for the rest of most of them.
    std::thread::scope(|threads| {
        for (name, bytes) in &garbage {
            let service = &service;
            threads.spawn(move || {
                let answer = String::from_utf8_lossy(&said(service, bytes)).into_owned();
                assert!(!answer.contains("HTTP/1.1 5"), "{name}: {answer}");
                assert!(!answer.contains("HTTP/1.1 200"), "{name}: {answer}");
                assert!(!answer.contains(NUMBER), "{name}: {answer}");
            });
        }
    });
    assert_eq!(service.accesses(), before);
    assert_still_right(&service);
}

#[test]
fn an_upload_in_chunks_that_are_none_changes_nothing() {
    let service = TestService::new();
    let token = service.token(SandboxRole::LocalAuthority);
    let csv = file(1, &[a_plan().child(NUMBER)]);
    let head = |more: &str| {
        format!(
            "POST /FHIR/R4/$upload-plans HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: text/csv\r\n{more}\r\n\r\n"
        )
    };
    for (name, request) in [
        (
            "a bad chunk",
            head("Transfer-Encoding: chunked") + "zz\r\n" + &csv,
        ),
        (
            "a chunk beyond counting",
            head("Transfer-Encoding: chunked") + "ffffffffffffffffff\r\n" + &csv,
        ),
        (
            "an encoding that is none",
            head("Transfer-Encoding: nonsense") + &csv,
        ),
    ] {
        let answer = say(&service, request.as_bytes());
        let status = answer.as_ref().map_or(400, |answer| answer.status);
        assert!(
            (400..500).contains(&status),
            "{name}: {}",
            answer.unwrap().text
        );
        assert_eq!(service.number("select count(*) from uploads"), 0, "{name}");
    }
    let answer = service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_url_of_any_length_is_refused_and_not_failed() {
    let service = TestService::new();
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        service.token(SandboxRole::Clinician)
    );
    for length in [4_001, 8_000, 60_000, 70_000, 200_000] {
        let query = format!("patient={NUMBER}&a={}", "b".repeat(length));
        let request = format!(
            "GET /FHIR/R4/Flag?{query} HTTP/1.1\r\nHost: a\r\n{bearer}Connection: close\r\n\r\n"
        );
        let answer = say(&service, request.as_bytes());
        let status = answer.as_ref().map_or(400, |answer| answer.status);
        assert!((400..500).contains(&status), "{length}: {status}");
        if length < 60_001 {
            answer.unwrap().refusal(400, "INVALID_SEARCH_DATA");
        }
    }
    assert_eq!(service.accesses(), 0);
}

/// Bytes that no HTTP client sends.
fn no_requests() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing but line ends", b"\r\n\r\n\r\n\r\n".to_vec()),
        ("NULs", vec![0; 4096]),
        (
            "a TLS greeting",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        ),
        (
            "HTTP/2 without asking",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
        ("HTTP/0.9", b"GET /FHIR/R4/metadata\r\n\r\n".to_vec()),
        (
            "a version that is none",
            b"GET / HTTP/9.9\r\nHost: a\r\n\r\n".to_vec(),
        ),
    ]
}

/// A search as it may arrive when something on the way is broken, or bad.
fn broken_requests(token: &str) -> Vec<(&'static str, Vec<u8>)> {
    let search = format!("GET /FHIR/R4/Flag?patient={NUMBER} HTTP/1.1\r\nHost: a\r\n");
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let requests = vec![
        ("half a request", search.clone()),
        ("half a head", format!("{search}Authoriz")),
        (
            "a header without a colon",
            format!("{search}nonsense\r\n\r\n"),
        ),
        (
            "a header with a space before its colon",
            format!("{search}A : b\r\n\r\n"),
        ),
        ("a folded header", format!("{search}A: b\r\n c\r\n\r\n")),
        ("a NUL in a header", format!("{search}A: b\0c\r\n\r\n")),
        (
            "a length that is no number",
            format!("{search}{bearer}Content-Length: x\r\n\r\n"),
        ),
        (
            "a length below nought",
            format!("{search}{bearer}Content-Length: -1\r\n\r\n"),
        ),
        (
            "two lengths",
            format!("{search}{bearer}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ),
        (
            "a length and chunks",
            format!(
                "{search}{bearer}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
        ),
        (
            "a head without end",
            format!("{search}A: {}", "a".repeat(1 << 20)),
        ),
        (
            "a path without end",
            format!("GET /{}", "a".repeat(1 << 20)),
        ),
        (
            "500 headers",
            format!("{search}{}\r\n", "A: b\r\n".repeat(500)),
        ),
    ];
    let bytes = requests.into_iter();
    bytes
        .map(|(name, text)| (name, text.into_bytes()))
        .collect()
}
