//! Bodies in chunks that never end, behind requests that are answered without them: after the
//! answer they are read for a while and to a length, and then the connection ends.
//! `server::connection`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::{self, sleep};
use std::time::Duration;

use cpis_fhir::sandbox::role::SandboxRole::{Clinician, LocalAuthority};

use crate::support::TestService;

/// Longer than the service reads on.
const ENDURED: Duration = Duration::from_secs(25);
/// How often who is slow says a little more.
const PAUSE: Duration = Duration::from_millis(100);
/// More than the service and the system take of what nobody reads, in bytes.
const TAKEN_MAX: usize = 128 * 1024 * 1024;

/// Requests that are answered before their bodies end, and with what.
fn heads(service: &TestService) -> Vec<(String, u16)> {
    let bearer = |role| format!("authorization: Bearer {}\r\n", service.token(role));
    let (viewer, authority) = (bearer(Clinician), bearer(LocalAuthority));
    let csv = "content-type: text/csv\r\n";
    let upload = "POST /FHIR/R4/$upload-plans";
    [
        ("GET /_ping", String::new(), 200),
        ("POST /nowhere", String::new(), 404),
        ("PUT /_ping", String::new(), 405),
        ("GET /FHIR/R4/Flag?patient=9990000026", viewer.clone(), 200),
        ("POST /FHIR/R4/Flag/_search", csv.to_owned(), 401),
        (upload, format!("{viewer}{csv}"), 403),
        (upload, authority.clone(), 415),
        (upload, format!("{authority}{csv}x-request-id: 1\r\n"), 400),
        (upload, format!("{authority}{csv}"), 413),
    ]
    .map(|(line, headers, status)| {
        let head =
            format!("{line} HTTP/1.1\r\nhost: a\r\n{headers}transfer-encoding: chunked\r\n\r\n");
        (head, status)
    })
    .into()
}

/// Sends a head and a first piece of a body, and reads the beginning of the answer.
fn answered(service: &TestService, (head, status): &(String, u16)) -> TcpStream {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.set_read_timeout(Some(ENDURED)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let first = vec![b'a'; 3000];
    let chunk = [b"bb8\r\n", &first[..], b"\r\n"].concat();
    stream.write_all(&chunk).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
    stream
}

fn service() -> TestService {
    TestService::with(|settings| settings.upload_bytes_max = 2000)
}

#[test]
fn a_body_that_goes_on_for_ever_is_not_read_for_ever() {
    let service = service();
    thread::scope(|threads| {
        for head in heads(&service) {
            let service = &service;
            threads.spawn(move || {
                let mut stream = answered(service, &head);
                let pieces = ENDURED.as_millis() / PAUSE.as_millis();
                let is_ended = (0..pieces).any(|_| {
                    sleep(PAUSE);
                    stream.write_all(b"1\r\na\r\n").is_err()
                });
                assert!(is_ended, "{}", head.0.lines().next().unwrap());
            });
        }
    });
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
}

#[test]
fn a_body_that_goes_on_as_fast_as_it_can_is_read_to_a_length_and_no_further() {
    let service = service();
    let piece = vec![b'a'; 64 * 1024];
    let chunk = [b"10000\r\n", &piece[..], b"\r\n"].concat();
    for head in heads(&service) {
        let mut stream = answered(&service, &head);
        stream.set_write_timeout(Some(ENDURED)).unwrap();
        let pieces = TAKEN_MAX / piece.len();
        let is_ended = (0..pieces).any(|_| stream.write_all(&chunk).is_err());
        assert!(is_ended, "{}", head.0.lines().next().unwrap());
    }
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
}
