//! What the HTTP library answers by itself, before any of our code has seen a request: bare, where
//! every refusal of the service is an `OperationOutcome`. It is told as one on its way out.

use crate::api::error::{Refusal, TransportRefusal};
use crate::api::negotiation::Form;

/// No bare answer is longer, in bytes.
const BARE_BYTES_MAX: usize = 256;

/// The answer to send instead of these bytes, where they are a bare refusal of the library's own.
/// An answer of ours has an id, and a body.
#[must_use]
pub fn told(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes.get(..bytes.len().min(BARE_BYTES_MAX))?).ok()?;
    let (status, headers) = head.strip_prefix("HTTP/1.1 ")?.split_once("\r\n")?;
    let refusal = match status.get(..3)? {
        "400" => TransportRefusal::NotHttp,
        "408" => TransportRefusal::SlowHead,
        "431" => TransportRefusal::LongHead,
        _ => return None,
    };
    let is_bare = bytes.len() == head.len()
        && headers.find("\r\n\r\n")?.checked_add(4)? == headers.len()
        && headers.contains("content-length: 0\r\n")
        && !headers.contains("x-request-id");
    if !is_bare {
        return None;
    }
    let outcome = Refusal::from(refusal).outcome(Form::Json);
    let date = headers.lines().find(|line| line.starts_with("date: "));
    let lines = [
        format!("HTTP/1.1 {status}"),
        format!("content-type: {}", Form::Json.content_type()),
        format!("content-length: {}", outcome.len()),
        "connection: close".to_owned(),
        "cache-control: no-store".to_owned(),
        "x-content-type-options: nosniff".to_owned(),
    ];
    let head: Vec<String> = lines
        .into_iter()
        .chain(date.map(str::to_owned))
        .map(|line| line + "\r\n")
        .collect();
    Some([head.concat().as_bytes(), b"\r\n", &outcome].concat())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::told;

    #[test]
    fn a_bare_refusal_is_told_as_an_outcome_and_the_connection_still_closed() {
        let bare = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\
                     date: Sun, 22 Nov 2026 12:00:00 GMT\r\n\r\n";
        let told = String::from_utf8(told(bare).unwrap()).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        assert!(head.contains("connection: close"));
        assert!(head.ends_with("date: Sun, 22 Nov 2026 12:00:00 GMT"));
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        assert!(body.contains("OperationOutcome"), "{body}");
    }

    #[test]
    fn what_is_ours_or_no_refusal_is_left_alone() {
        for ours in [
            "",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nx-request-id: a\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            "HTTP/1.1 4",
        ] {
            assert_eq!(told(ours.as_bytes()), None, "{ours}");
        }
    }
}
