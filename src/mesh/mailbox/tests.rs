//! What the real sandbox cannot be made to do: a MESH that breaks off, lies, fails or leads away.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::{Access, Mailbox, MeshError, Secret, channel};
use crate::clock::SystemClock;
use crate::mesh::{Certificates, Letter, LocalId, MessageId, WorkflowId};

/// A MESH that gives these answers to the connections that come, and tells what it was asked.
fn mesh_that_answers(answers: Vec<String>) -> (Mailbox, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        answers
            .into_iter()
            .map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = vec![0; 16 * 1024];
                let length = stream.read(&mut asked).unwrap();
                // Whoever has read enough goes away in the middle of a long answer.
                let _ = stream.write_all(answer.as_bytes());
                String::from_utf8_lossy(&asked[..length]).into_owned()
            })
            .collect()
    });
    let secret = |text| Secret::of_file(text).unwrap();
    let mailbox = Mailbox::open(Access {
        url,
        mailbox: channel::Mailbox::parse("X26ABC1").unwrap(),
        password: secret("sesame"),
        shared_key: secret("shared"),
        certificates: Certificates::default(),
        chunk_bytes: NonZeroUsize::new(4).unwrap(),
        clock: Arc::new(SystemClock),
    });
    (mailbox.unwrap(), asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn downloaded(answers: Vec<String>) -> Result<Vec<u8>, MeshError> {
    let (mailbox, asked) = mesh_that_answers(answers);
    let message = MessageId::parse("A1").unwrap();
    let read = mailbox
        .download(&message)
        .and_then(|download| download.read(20));
    drop(mailbox);
    asked.join().unwrap();
    read
}

fn part(range: &str, body: &str) -> String {
    answer(
        "206 Partial Content",
        &format!("Mex-Chunk-Range: {range}\r\n"),
        body,
    )
}

#[test]
fn no_redirect_is_followed_and_no_secret_goes_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("Location: http://{}/\r\n", elsewhere.local_addr().unwrap());
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let (mailbox, asked) = mesh_that_answers(vec![answer(status, &location, "")]);
        let refused = mailbox.validate().unwrap_err();
        assert!(
            matches!(
                refused,
                MeshError::Refused {
                    status: 300..=399,
                    ..
                }
            ),
            "{refused}"
        );
        let asked = asked.join().unwrap();
        assert!(asked[0].contains("NHSMESH X26ABC1:") && !asked[0].contains("sesame"));
        assert!(elsewhere.accept().is_err());
    }
}

#[test]
fn a_failure_of_mesh_is_none_of_the_message() {
    for status in [
        "500 Internal Server Error",
        "403 Forbidden",
        "429 Too Many Requests",
    ] {
        let fault = downloaded(vec![answer(status, "", "{}")]).unwrap_err();
        assert!(!fault.is_of_the_message(), "{fault}");
    }
    let listing = mesh_that_answers(vec![answer("200 OK", "", "<html>")])
        .0
        .list(None);
    assert!(!listing.unwrap_err().is_of_the_message());
    for status in ["404 Not Found", "410 Gone"] {
        let fault = downloaded(vec![answer(status, "", "{}")]).unwrap_err();
        assert!(fault.is_of_the_message(), "{fault}");
    }
}

#[test]
fn a_message_that_breaks_off_is_not_taken_for_whole() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf";
    assert!(matches!(
        downloaded(vec![cut.to_owned()]),
        Err(MeshError::Torn)
    ));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    assert!(matches!(
        downloaded(vec![chunked.to_owned()]),
        Err(MeshError::Torn)
    ));
}

#[test]
fn parts_that_are_not_the_next_are_not_taken() {
    let whole = downloaded(vec![
        part("1:3", "ab"),
        part("2:3", "cd"),
        part("3:3", "ef"),
    ]);
    assert_eq!(whole.unwrap(), b"abcdef");
    for second in ["3:3", "1:3", "2:4", "2:2", "two", ""] {
        let read = downloaded(vec![part("1:3", "ab"), part(second, "cd")]);
        assert!(matches!(read, Err(MeshError::Torn)), "{second}");
    }
    for first in ["2:3", "1:1001", "0:0"] {
        assert!(
            matches!(downloaded(vec![part(first, "ab")]), Err(MeshError::Torn)),
            "{first}"
        );
    }
}

#[test]
fn nothing_is_read_past_the_longest_file() {
    let endless = "x".repeat(1_000_000);
    let read = downloaded(vec![answer("200 OK", "", &endless)]);
    assert!(matches!(read, Err(MeshError::TooLong(20))));
    let read = downloaded(vec![part("1:9", &"x".repeat(15)), part("2:9", "xxxxxx")]);
    assert!(matches!(read, Err(MeshError::TooLong(20))));
}

fn sent(answers: Vec<String>) -> (Result<MessageId, MeshError>, Vec<String>) {
    let (mailbox, asked) = mesh_that_answers(answers);
    let sent = mailbox.send(Letter {
        to: &channel::Mailbox::parse("X26ABC2").unwrap(),
        workflow: &WorkflowId::parse("CPIS_UPLOAD_ACK").unwrap(),
        local_id: &LocalId::of_acknowledgement(&MessageId::parse("A1").unwrap()),
        file_name: "acknowledgement.csv",
        media_type: "text/csv",
        bytes: b"0123456789",
    });
    (sent, asked.join().unwrap())
}

fn tracked(status: &str) -> String {
    let json = format!(r#"{{"messageId":"B2","status":"{status}","chunkCount":3}}"#);
    answer("200 OK", "", &json)
}

#[test]
fn what_mesh_has_is_not_sent_again_and_what_it_has_half_is_sent_to_its_end() {
    let (message, asked) = sent(vec![tracked("Acknowledged")]);
    assert_eq!((message.unwrap().as_str(), asked.len()), ("B2", 1));
    assert!(asked[0].starts_with(
        "GET /messageexchange/X26ABC1/outbox/tracking/cpis-acknowledgement-A1 HTTP/1.1"
    ));
    let taken = || answer("202 Accepted", "", "{}");
    let (message, asked) = sent(vec![tracked("Uploading"), taken(), taken()]);
    assert_eq!(message.unwrap().as_str(), "B2");
    assert!(asked[1].starts_with("POST /messageexchange/X26ABC1/outbox/B2/2 "));
    assert!(asked[2].starts_with("POST /messageexchange/X26ABC1/outbox/B2/3 "));
    let begun = answer("202 Accepted", "", r#"{"message_id":"C3"}"#);
    let unknown = answer("404 Not Found", "", "{}");
    let (message, asked) = sent(vec![unknown, begun, taken(), taken()]);
    assert_eq!(message.unwrap().as_str(), "C3");
    let first = asked[1].to_ascii_lowercase();
    for header in [
        "mex-chunk-range: 1:3",
        "mex-to: x26abc2",
        "mex-workflowid: cpis_upload_ack",
    ] {
        assert!(first.contains(header), "{header}");
    }
}

#[test]
fn a_message_is_not_sent_while_mesh_does_not_say_whether_it_has_it() {
    for status in ["500 Internal Server Error", "403 Forbidden"] {
        let (sent, asked) = sent(vec![answer(status, "", "{}")]);
        assert!(matches!(sent, Err(MeshError::Refused { .. })));
        assert_eq!(asked.len(), 1);
    }
}
