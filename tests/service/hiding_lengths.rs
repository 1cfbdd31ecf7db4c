//! What an observer of TLS can see, and what browsers and caches are told: `server::lengths`,
//! `server::headers`.

use std::io::{Read as _, Write as _};

use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::settings::ClientCertificates;

use crate::support::{Authority, PlanLine, TestService, a_plan, asked, connected, file};

const CHILD: &str = "9990000026";
const CHILD_WITHOUT_PLAN: &str = "9990000018";

/// Asks over TLS, as the clinician; the head and the body.
fn answer(service: &TestService, authority: &Authority, path: &str, more: &str) -> [String; 2] {
    let mut stream = connected(authority.caller(None), service.address()).unwrap();
    let token = service.token(SandboxRole::Clinician);
    let headers = format!("Authorization: Bearer {token}\r\n{more}");
    let answer = asked(&mut stream, path, &headers).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    [head.to_owned(), body.to_owned()]
}

fn under_tls(authority: &Authority) -> TestService {
    let settings = authority.settings(ClientCertificates::Off);
    TestService::with(|service| service.transport = settings)
}

/// Tells plans in an authority's first file.
fn tell(service: &TestService, authority: &Authority, plans: &[PlanLine]) {
    let mut stream = connected(authority.caller(None), service.address()).unwrap();
    let token = service.token(SandboxRole::LocalAuthority);
    let csv = file(1, plans);
    let request = format!(
        "POST /FHIR/R4/$upload-plans HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{csv}",
        csv.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _closed = stream.read_to_string(&mut answer);
    assert!(answer.contains("CPF02"), "{answer}");
}

#[test]
fn a_child_with_plans_and_one_without_are_answered_in_one_length_of_head_and_body() {
    let authority = Authority::new();
    let service = under_tls(&authority);
    tell(&service, &authority, &[a_plan().child(CHILD)]);
    for (kind, format) in [
        ("Flag", "json"),
        ("Flag", "xml"),
        ("EpisodeOfCare", "json"),
        ("CareTeam", "json"),
        ("CarePlan", "json"),
    ] {
        let path = |child| format!("/FHIR/R4/{kind}?patient={child}&_format={format}");
        let lengths = |child| {
            let gzip = "Accept-Encoding: gzip\r\n";
            let [head, body] = answer(&service, &authority, &path(child), gzip);
            assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
            assert!(!head.contains("content-encoding"), "{head}");
            assert_eq!(body.len() % 8192, 0, "{kind}");
            if format == "json" {
                serde_json::from_str::<serde_json::Value>(&body).unwrap();
            }
            [head.len(), body.len()]
        };
        let without = lengths(CHILD_WITHOUT_PLAN);
        assert_eq!(lengths(CHILD), without, "{kind} {format}");
    }
}

#[test]
fn what_is_published_is_compressed_under_tls_too() {
    let authority = Authority::new();
    let service = under_tls(&authority);
    let mut stream = connected(authority.caller(None), service.address()).unwrap();
    let gzip = "Accept-Encoding: gzip\r\n";
    let answer = asked(&mut stream, "/FHIR/R4/metadata", gzip);
    assert!(answer.unwrap().contains("content-encoding: gzip"));
}

#[test]
fn every_answer_forbids_to_be_kept_framed_guessed_at_or_run() {
    let authority = Authority::new();
    let service = under_tls(&authority);
    for (path, kept) in [
        (format!("/FHIR/R4/Flag?patient={CHILD}"), false),
        ("/FHIR/R4/Flag".to_owned(), false),
        ("/FHIR/R4/Nothing".to_owned(), false),
        ("/nowhere".to_owned(), false),
        ("/_ping".to_owned(), false),
        ("/_status".to_owned(), false),
        ("/FHIR/R4/metadata".to_owned(), true),
    ] {
        let [head, _] = answer(&service, &authority, &path, "");
        for line in [
            "x-content-type-options: nosniff",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
            "referrer-policy: no-referrer",
            "strict-transport-security: max-age=63072000",
        ] {
            assert_eq!(head.matches(line).count(), 1, "{path}: {line}: {head}");
        }
        assert_eq!(head.contains("cache-control: no-store"), !kept, "{path}");
    }
    let plain = TestService::new();
    let answer = plain.get("Flag");
    assert_eq!(answer.header("strict-transport-security"), None);
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}
