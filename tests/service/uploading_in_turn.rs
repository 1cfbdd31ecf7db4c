//! So many files are read at once and no more, and one that is refused ends its connection:
//! `file_turn`, `envelope`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, SecondLocalAuthority,
};

use crate::support::{
    Answer, Fault, Pds, TestService, a_plan, file, hl7v3_file, nhs_numbers, say, wait_until,
};

fn head(service: &TestService, role: SandboxRole, rest: &str) -> String {
    format!(
        "POST /FHIR/R4/$upload-plans HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\ncontent-type: text/csv\r\n{rest}\r\n\r\n",
        service.token(role)
    )
}

fn connected(service: &TestService) -> TcpStream {
    let stream = TcpStream::connect(service.root.trim_start_matches("http://")).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    stream.set_write_timeout(patience).unwrap();
    stream
}

fn upload(service: &TestService, sequence: i64) -> Answer {
    let numbers: Vec<String> = nhs_numbers().take(2).collect();
    let plan = a_plan().of("E90002").child(&numbers[0]).local_id("S-1");
    let csv = file(sequence, &[plan]);
    service.upload_as(SecondLocalAuthority, csv.as_bytes())
}

/// Whether something has come back already.
fn is_answered(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let answered = stream.peek(&mut [0]).is_ok();
    stream.set_nonblocking(false).unwrap();
    answered
}

#[test]
fn a_file_more_than_can_be_read_at_once_is_told_to_come_again_and_then_taken_in() {
    let service = TestService::with(|settings| settings.uploads_at_once = 1);
    let csv = file(1, &[a_plan()]);
    let length = format!("content-length: {}\r\nconnection: close", csv.len());
    let head = head(&service, LocalAuthority, &length);
    let (first, last) = csv.as_bytes().split_at(csv.len() / 2);
    let begun = || {
        let mut slow = connected(&service);
        slow.write_all(head.as_bytes()).unwrap();
        slow.write_all(first).unwrap();
        slow
    };
    let mut slow = begun();
    // A file of another authority is taken in until the slow one has its turn.
    let mut sequence = 0;
    let mut refused = None;
    wait_until(|| {
        sequence += 1;
        let answer = upload(&service, sequence);
        let is_refused = answer.status == 503;
        refused = is_refused.then_some(answer);
        // The slow one may have come while the other was read, and was told to come again.
        if !is_refused && is_answered(&slow) {
            slow = begun();
        }
        is_refused
    });
    let refused = refused.unwrap();
    assert_eq!(refused.header("retry-after"), Some("5"));
    refused.refusal(503, "UNABLE_TO_CALL_SERVICE");
    slow.write_all(last).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(upload(&service, sequence).status, 200);
}

#[test]
fn a_file_of_hl7_v3_that_cannot_be_matched_now_is_told_when_to_come_again() {
    let pds = Pds::new();
    let service = TestService::with(|settings| settings.matching = pds.settings());
    pds.fails(Fault::Garbage);
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/xml"),
    ];
    let xml = hl7v3_file(1, &[a_plan()]);
    let answer = service.ask("POST", "$upload-plans", &headers, xml.as_bytes());
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.text.contains("CPF05"), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[test]
fn a_body_that_is_refused_before_its_end_is_answered_with_the_end_of_the_connection() {
    let service = TestService::with(|settings| settings.upload_bytes_max = 1024 * 1024);
    let body = vec![b'a'; 2 * 1024 * 1024];
    let length = format!("content-length: {}", body.len());
    for (role, status, sent) in [(Clinician, 403, 10), (LocalAuthority, 413, body.len())] {
        let bytes = [head(&service, role, &length).as_bytes(), &body[..sent]].concat();
        let answer = say(&service, &bytes).unwrap();
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.header("connection"), Some("close"));
    }
    assert_eq!(service.plans(), 0);
}
