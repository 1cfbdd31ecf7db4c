//! Uploads that break off, lie about their length or are too long: `body`, `upload_plans`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use serde_json::{Value, json};

use crate::support::{
    PlanLine, TestService, a_plan, bundle, file, hl7v3_file, nhs_numbers, stated,
};

#[test]
fn a_connection_that_is_cut_in_the_body_changes_nothing_even_after_a_whole_file() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let held = service.held();
    let sent = file(2, &[a_plan().until("2027-01-01"), a_plan().local_id("H-2")]);
    for arrives in [0, 1, sent.len() / 2, sent.len() - 1, sent.len()] {
        let length = format!("content-length: {}", sent.len() + 1);
        let answer = raw(&service, &length, &sent.as_bytes()[..arrives]);
        assert!(!answer.contains("CPF0"), "{answer}");
    }
    assert_eq!(service.held(), held);
    let answer = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF02");
}

#[test]
fn a_body_in_chunks_without_its_last_changes_nothing_and_with_it_is_taken_in() {
    let service = TestService::new();
    let sent = file(1, &[a_plan()]);
    let chunk = format!("{:x}\r\n{sent}\r\n", sent.len());
    let held = service.held();
    let torn = raw(&service, "transfer-encoding: chunked", chunk.as_bytes());
    assert!(!torn.contains("CPF0"), "{torn}");
    let wrong = format!("{:x}\r\n{sent}\r\n0\r\n\r\n", sent.len() - 5);
    let wrong = raw(&service, "transfer-encoding: chunked", wrong.as_bytes());
    assert!(!wrong.contains("CPF02"), "{wrong}");
    assert_eq!(service.held(), held);
    let whole = format!("{chunk}0\r\n\r\n");
    let whole = raw(&service, "transfer-encoding: chunked", whole.as_bytes());
    assert!(
        whole.starts_with("HTTP/1.1 200") && whole.contains("CPF02"),
        "{whole}"
    );
}

#[test]
fn a_length_that_is_too_short_makes_a_torn_file_of_it_and_changes_nothing() {
    let service = TestService::new();
    let held = service.held();
    let sent = file(1, &[a_plan(), a_plan().local_id("H-2")]);
    let last = sent.trim_end().rfind('\n').unwrap();
    for length in [last, last + 1, last + 10] {
        let length = format!("content-length: {length}");
        let answer = raw(&service, &length, sent.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
        assert!(answer.contains("CPF01"), "{answer}");
    }
    assert_eq!(service.held(), held);
}

#[test]
fn a_length_that_is_no_length_is_refused() {
    let service = TestService::new();
    let held = service.held();
    let sent = file(1, &[a_plan()]);
    let twice = format!("content-length: {}\r\ncontent-length: 7", sent.len());
    for length in [
        "content-length: -1",
        "content-length: 1e3",
        "content-length: 0x10",
        "content-length: 99999999999999999999999",
        twice.as_str(),
    ] {
        let answer = raw(&service, length, sent.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{length}: {answer}");
    }
    assert_eq!(service.held(), held);
}

#[test]
fn a_file_over_the_limit_is_refused_as_too_long_and_one_at_it_is_read() {
    let service = TestService::new();
    let sent = file(1, &[a_plan()]);
    let limit = 32 * 1024 * 1024;
    let padded = |length: usize| format!("{sent}{}", "\n".repeat(length - sent.len()));
    let held = service.held();
    let over = service.upload_as(LocalAuthority, padded(limit + 1).as_bytes());
    let issue = over.refusal(413, "INVALID_VALUE");
    assert_eq!(issue["code"], "too-long");
    assert_eq!(service.held(), held);
    let at_limit = service.upload_as(LocalAuthority, padded(limit).as_bytes());
    assert_eq!(at_limit.acknowledgement().code, "CPF02");
}

#[test]
fn the_limits_of_bytes_and_of_rows_are_settings() {
    let service = TestService::with(|settings| settings.upload_records_max = 2);
    let plan = |id: &str| a_plan().local_id(id);
    let three = file(1, &[plan("A"), plan("B"), plan("C")]);
    let answer = service.upload_as(LocalAuthority, three.as_bytes());
    let issue = answer.refusal(422, "INVALID_VALUE");
    assert!(
        issue["diagnostics"]
            .as_str()
            .unwrap()
            .contains("at most 2 plans")
    );
    assert_eq!(service.uploaded(&[plan("A"), plan("B")]).code, "CPF02");
    let sent = file(1, &[a_plan()]);
    let length = sent.len();
    let service = TestService::with(|settings| settings.upload_bytes_max = length);
    let over = service.upload_as(LocalAuthority, format!("{sent}\n").as_bytes());
    over.refusal(413, "INVALID_VALUE");
    let answer = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF02");
}

/// A connection is cut at so many places of a request, spread over all of it; the environment may
/// ask for more of them.
const CUTS: (&str, usize) = ("CPIS_TEST_CUTS", 60);

/// The second file of an authority's: fifty plans that are new, and one that changes.
fn second_file() -> Vec<PlanLine> {
    nhs_numbers()
        .take(50)
        .map(|number| a_plan().child(&number).local_id(&format!("H-{number}")))
        .chain([a_plan().until("2027-01-01")])
        .collect()
}

/// Cuts the connection that a request comes by, again and again, and then lets all of it come.
fn cut_anywhere(path: &str, media_type: &str, body: &[u8]) {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let length = format!("content-length: {}", body.len());
    let request = request(&service, (path, media_type), &length, body);
    let held = service.held();
    let cuts = stated(CUTS);
    for cut in 0..cuts {
        let arrives = request.len() * cut / cuts;
        let answer = answer_to(&service, &request[..arrives]);
        assert!(!answer.contains("CPF0"), "{arrives}: {answer}");
        assert_eq!(service.held(), held, "after {arrives} bytes");
    }
    let last = answer_to(&service, &request[..request.len() - 1]);
    assert!(!last.contains("CPF0"), "{last}");
    assert_eq!(service.held(), held, "but for the last byte");
    let whole = answer_to(&service, &request);
    assert!(whole.contains("CPF02"), "{whole}");
    let held = service.held();
    let again = answer_to(&service, &request);
    assert!(again.contains("CPF02"), "{again}");
    assert_eq!(service.held(), held);
    assert_eq!(service.plans(), 51);
    assert_eq!(service.earlier_versions(), 1);
}

#[test]
fn a_connection_cut_at_any_byte_leaves_nothing_of_a_file_and_its_last_byte_leaves_all() {
    let csv = file(2, &second_file());
    cut_anywhere("/$upload-plans", "text/csv", csv.as_bytes());
}

#[test]
fn a_connection_cut_at_any_byte_leaves_nothing_of_a_file_of_hl7_v3_and_its_last_byte_leaves_all() {
    let xml = hl7v3_file(2, &second_file());
    cut_anywhere("/$upload-plans", "application/xml", xml.as_bytes());
}

#[test]
fn a_connection_cut_at_any_byte_leaves_nothing_of_a_bundle_and_its_last_byte_leaves_all() {
    let entries: Vec<Value> = second_file().iter().map(PlanLine::entry).collect();
    for kind in ["batch", "transaction"] {
        let mut bundle = bundle(kind, &entries);
        bundle["identifier"] = json!({
            "system": "https://cpis-fhir.invalid/Id/upload-file-sequence/E90001", "value": "2",
        });
        bundle["timestamp"] = json!("2026-01-01T02:00:00Z");
        cut_anywhere("", "application/fhir+json", bundle.to_string().as_bytes());
    }
}

/// Sends an upload whose length is said like this, then no more; gives all that is answered.
fn raw(service: &TestService, length: &str, body: &[u8]) -> String {
    answer_to(service, &upload_request(service, length, body))
}

/// An upload whose length is said like this, as bytes.
fn upload_request(service: &TestService, length: &str, body: &[u8]) -> Vec<u8> {
    request(service, ("/$upload-plans", "text/csv"), length, body)
}

/// A request of an authority's system whose length is said like this, as bytes.
fn request(
    service: &TestService,
    (path, media_type): (&str, &str),
    length: &str,
    body: &[u8],
) -> Vec<u8> {
    let address = service.root.trim_start_matches("http://");
    let token = service.token(LocalAuthority);
    let head = format!(
        "POST /FHIR/R4{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: {media_type}\r\n{length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Sends bytes, then no more; gives all that is answered.
fn answer_to(service: &TestService, bytes: &[u8]) -> String {
    let address = service.root.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    // The server may cut a connection that it cannot make sense of, at any time.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}
