//! Requests that two readers could understand in two ways, byte by byte: `server::doorway`. A proxy
//! in front and the service must never disagree about where one ends and the next begins.

use std::thread;

use cpis_fhir::sandbox::role::SandboxRole;

use crate::sending_nonsense::assert_still_right;
use crate::support::{TestService, a_plan, said};

const NUMBER: &str = "9990000026";

/// What would be the second request, were it read as one.
const SECOND: &str = "GET /_ping HTTP/1.1\r\nHost: a\r\n\r\n";

/// Connections at once.
const AT_ONCE: usize = 24;

/// Ways to spell that a body comes in chunks, most of them wrong.
const ENCODINGS: [&str; 36] = [
    "Transfer-Encoding: chunked",
    "transfer-encoding: CHUNKED",
    " Transfer-Encoding: chunked",
    "\tTransfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding\t: chunked",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding:chunked",
    "Transfer-Encoding:  chunked  ",
    "Transfer-Encoding: chunked\t",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunkedx",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: ",
    "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: 'chunked'",
    "Transfer-Encoding: chu\r\n nked",
    "Transfer-Encoding:\r\n chunked",
    "X: a\r\n\tTransfer-Encoding: chunked",
    "X: a\nTransfer-Encoding: chunked",
    "X: a\rTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\nX: a",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding: \u{c}chunked",
    "Transfer-Encoding: \0chunked",
    "Transfer-Encoding\0: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\ntransfer-encoding: x",
];

/// Ways to spell a length of which only one could be meant.
const LENGTHS: [&str; 20] = [
    "Content-Length: {all}\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: {all}",
    "Content-Length: {all}\r\nContent-Length: {all}",
    "Content-Length: {all}, 0",
    "Content-Length: 0, {all}",
    "Content-Length: {all}, {all}",
    "Content-Length: +{all}",
    "Content-Length: -1",
    "Content-Length: 0x10",
    "Content-Length: 1e1",
    "Content-Length: {all}.0",
    "Content-Length: {all} 0",
    "Content-Length: \u{b}{all}",
    "Content-Length: \0{all}",
    "Content-Length: 99999999999999999999999",
    "Content-Length: ",
    "Content-Length : {all}",
    " Content-Length: {all}",
    "Content-Length:\r\n {all}",
    "Content-Length: {all}\r\n 0",
];

/// Bodies in chunks that are spelled wrongly, or in a way that not everybody reads.
const CHUNKS: [&str; 24] = [
    "0\r\n\r\n",
    "0;a=b\r\n\r\n",
    "0;a=\"b\r\n\r\n",
    "1\r\na\r\n0\r\n\r\n",
    "1;\r\na\r\n0\r\n\r\n",
    "1;a\r\na\r\n0\r\n\r\n",
    "1 \r\na\r\n0\r\n\r\n",
    " 1\r\na\r\n0\r\n\r\n",
    "1\na\n0\n\n",
    "1\ra\r0\r\r",
    "+1\r\na\r\n0\r\n\r\n",
    "-1\r\na\r\n0\r\n\r\n",
    "0x1\r\na\r\n0\r\n\r\n",
    "01\r\na\r\n0\r\n\r\n",
    "1\r\nab\r\n0\r\n\r\n",
    "1\r\na0\r\n\r\n",
    "1\r\na\r\n0\r\nX: a\r\n\r\n",
    "1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n",
    "10000000000000001\r\na\r\n0\r\n\r\n",
    "fffffffffffffffff\r\na\r\n0\r\n\r\n",
    "g\r\na\r\n0\r\n\r\n",
    "\r\na\r\n0\r\n\r\n",
    "1;\0\r\na\r\n0\r\n\r\n",
    "1;a\nb\r\na\r\n0\r\n\r\n",
];

/// Whole requests that are no searches, with what follows them.
const REQUESTS: [&str; 24] = [
    "GET http://evil.example/FHIR/R4/metadata HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET http://a\r\n HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
     HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET /_ping HTTP/1.1\r\n\r\n",
    "GET /_ping HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n",
    "GET /_ping HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    "GET /_ping\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /_ping HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET  /_ping HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET\t/_ping\tHTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /_ping HTTP/1.1\rHost: a\r\r",
    "GET /_ping HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /_ping HTTP/1.2\r\nHost: a\r\n\r\n",
    "GET /_ping http/1.1\r\nHost: a\r\n\r\n",
    "G\u{e9}T /_ping HTTP/1.1\r\nHost: a\r\n\r\n",
];

/// All payloads, each a name and its bytes.
fn payloads(token: &str) -> Vec<(String, Vec<u8>)> {
    let form = format!("patient={NUMBER}");
    let head = |lines: &str| {
        format!(
            "POST /FHIR/R4/Flag/_search HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{lines}\r\n\r\n"
        )
    };
    let chunk = format!("{:x}\r\n{form}\r\n0\r\n\r\n", form.len());
    let mut payloads = Vec::new();
    for lines in ENCODINGS {
        // The length covers all, the second request too; the chunks end before it.
        let body = format!("{chunk}{SECOND}");
        let both = format!("Content-Length: {}\r\n{lines}", body.len());
        payloads.push((format!("length, then {lines:?}"), head(&both) + &body));
        let both = format!("{lines}\r\nContent-Length: {}", body.len());
        payloads.push((format!("{lines:?}, then length"), head(&both) + &body));
    }
    for lines in LENGTHS {
        let body = format!("{form}&a={SECOND}");
        let lines = lines.replace("{all}", &body.len().to_string());
        payloads.push((format!("{lines:?}"), head(&lines) + &body));
    }
    for chunks in CHUNKS {
        let request = head("Transfer-Encoding: chunked\r\nConnection: close") + chunks + SECOND;
        payloads.push((format!("chunks {chunks:?}"), request));
    }
    for request in REQUESTS {
        payloads.push((format!("{request:?}"), request.to_owned()));
    }
    let bytes = |(name, text): (String, String)| (name, text.into_bytes());
    payloads.into_iter().map(bytes).collect()
}

/// The statuses of the answers in what was said, each read to the length that it states.
fn statuses(mut said: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Some(end) = said.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&said[..end]).to_ascii_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        statuses.push(status.unwrap_or_else(|| panic!("no answer of HTTP: {head}")));
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        said = said.get(end + 4 + length..).unwrap_or_default();
    }
    statuses
}

#[test]
fn a_request_that_can_be_read_in_two_ways_is_refused_or_has_one_answer_and_no_second() {
    let service = TestService::with(|settings| settings.transport.keep_alive_seconds = 1);
    service.tell(&[a_plan().child(NUMBER)]);
    let payloads = payloads(&service.token(SandboxRole::Clinician));
    assert!(payloads.len() >= 100, "{}", payloads.len());
    let mut wrong = Vec::new();
    for some in payloads.chunks(AT_ONCE) {
        let answers: Vec<_> = thread::scope(|threads| {
            let asked: Vec<_> = some
                .iter()
                .map(|(_, bytes)| threads.spawn(|| statuses(&said(&service, bytes))))
                .collect();
            asked
                .into_iter()
                .map(|asked| asked.join().unwrap())
                .collect()
        });
        for ((name, _), statuses) in some.iter().zip(answers) {
            let is_right = match statuses[..] {
                [status] => (200..500).contains(&status),
                _ => false,
            };
            if !is_right {
                wrong.push(format!("{name}: {statuses:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_still_right(&service);
}

#[test]
fn what_is_no_http_is_told_so_by_an_outcome_on_a_connection_that_is_closed() {
    let service = TestService::with(|settings| settings.transport.keep_alive_seconds = 1);
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(140_000));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(70));
    for (bytes, status, code) in [
        ("nonsense\r\n\r\n", 400, "structure"),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}", 400, "structure"),
        (long.as_str(), 431, "too-long"),
        (many.as_str(), 431, "too-long"),
        ("GET / HTTP/1.1\r\nHost: a\r\n", 408, "timeout"),
    ] {
        let told = said(&service, bytes.as_bytes());
        assert_eq!(statuses(&told), [status], "{bytes:.40}");
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("OperationOutcome"), "{told}");
        assert!(told.contains(&format!("\"code\":\"{code}\"")), "{told}");
    }
}

#[test]
fn a_body_that_says_it_is_too_long_is_refused_before_it_comes_and_the_connection_closed() {
    let service = TestService::new();
    let token = service.token(SandboxRole::Clinician);
    let head = format!(
        "POST /FHIR/R4/Flag/_search HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000000\r\n\r\n"
    );
    let told = String::from_utf8(said(&service, head.as_bytes())).unwrap();
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    assert!(told.contains("connection: close"), "{told}");
    assert_eq!(service.accesses(), 0);
}
