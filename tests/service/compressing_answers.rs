//! Encodings of answers and of bodies: `search_flags`, `metadata`, `batch`, `upload_plans`.

use std::io::{Read as _, Write as _};

use cpis_fhir::sandbox::role::SandboxRole;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::support::{Answer, TestService, a_plan, file};

const NUMBER: &str = "9990000026";

/// Asks as the clinician and brings back the headers and the bytes.
fn bytes(service: &TestService, path: &str, accept: &str) -> (ureq::http::HeaderMap, Vec<u8>) {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let mut response = ureq::get(format!("{}/{path}", service.base))
        .header("authorization", bearer)
        .header("accept-encoding", accept)
        .call()
        .unwrap();
    let headers = response.headers().clone();
    (headers, response.body_mut().read_to_vec().unwrap())
}

#[test]
fn an_answer_is_compressed_for_whoever_takes_it_so_and_says_the_same() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for path in [
        &format!("Flag?patient={NUMBER}&_format=xml"),
        &format!("Flag?patient={NUMBER}"),
        "metadata",
    ] {
        let plain = service.get(path);
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(plain.header("vary"), Some("Accept, Accept-Encoding"));
        for accept in ["gzip", "br, gzip;q=0.9", "gzip, identity;q=0.5"] {
            let (headers, body) = bytes(&service, path, accept);
            assert_eq!(headers["content-encoding"], "gzip", "{path} {accept}");
            let varies: Vec<_> = headers.get_all("vary").iter().collect();
            assert_eq!(varies, ["Accept, Accept-Encoding"]);
            assert!(body.len() < plain.text.len());
            let mut text = String::new();
            GzDecoder::new(&*body).read_to_string(&mut text).unwrap();
            assert_eq!(text, plain.text);
        }
        let (headers, body) = bytes(&service, path, "identity, gzip;q=0");
        assert_eq!(headers.get("content-encoding"), None);
        assert_eq!(body, plain.text.as_bytes());
    }
}

#[test]
fn a_refusal_and_an_answer_without_a_body_name_what_they_depend_on_too() {
    let service = TestService::new();
    let gzip = ("accept-encoding", "gzip");
    for path in ["Flag", "Observation"] {
        let answer = service.ask("GET", path, &[], b"");
        answer.refusal(
            answer.status,
            answer.json()["issue"][0]["details"]["coding"][0]["code"]
                .as_str()
                .unwrap(),
        );
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
    }
    let etag = service.ask("GET", "metadata", &[], b"");
    let held = ("if-none-match", etag.header("etag").unwrap());
    let answer = service.ask("GET", "metadata", &[held, gzip], b"");
    assert_eq!((answer.status, answer.text.as_str()), (304, ""));
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding"));
    let options = service.ask("OPTIONS", "Flag", &[gzip], b"");
    assert_eq!(options.header("content-encoding"), None);
}

#[test]
fn an_answer_that_may_be_neither_plain_nor_compressed_is_refused_before_anything_is_looked_at() {
    let service = TestService::new();
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept-encoding", "br, *;q=0"),
    ];
    let answer = service.ask("GET", &format!("Flag?patient={NUMBER}"), &headers, b"");
    answer.refusal(406, "UNSUPPORTED_SERVICE");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_body_in_an_encoding_is_refused_everywhere_and_never_misread() {
    let service = TestService::new();
    let csv = file(1, &[a_plan().child(NUMBER)]);
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(csv.as_bytes()).unwrap();
    let compressed = compressed.finish().unwrap();
    let bearers = [SandboxRole::LocalAuthority, SandboxRole::Clinician]
        .map(|role| format!("Bearer {}", service.token(role)));
    let ask = |path: &str, encoding: &str, bearer: &str, content: &str, body: &[u8]| -> Answer {
        let headers = [
            ("authorization", bearer),
            ("content-type", content),
            ("content-encoding", encoding),
        ];
        service.ask("POST", path, &headers, body)
    };
    for encoding in ["gzip", "GZIP", "br", "identity, gzip", "nonsense"] {
        for (path, bearer, content) in [
            ("$upload-plans", &bearers[0], "text/csv"),
            ("", &bearers[1], "application/fhir+json"),
            (
                "Flag/_search",
                &bearers[1],
                "application/x-www-form-urlencoded",
            ),
        ] {
            let answer = ask(path, encoding, bearer, content, &compressed);
            let issue = answer.refusal(415, "UNSUPPORTED_SERVICE");
            assert_eq!(issue["expression"][0], "http.Content-Encoding");
            assert_eq!(answer.header("accept-encoding"), Some("identity"));
        }
    }
    assert_eq!(service.number("select count(*) from uploads"), 0);
    let plain = ask(
        "$upload-plans",
        "Identity",
        &bearers[0],
        "text/csv",
        csv.as_bytes(),
    );
    assert_eq!(plain.status, 200, "{}", plain.text);
}
