//! Requests byte by byte, for what no HTTP client would send.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::answers::Answer;
use super::service::TestService;

/// Longer than the service gives any request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends bytes as they are, says no more, and brings back all that is answered until the service
/// closes the connection: at once where the bytes ask for it, else when it is tired of waiting.
pub fn said(service: &TestService, bytes: &[u8]) -> Vec<u8> {
    said_to(service.address(), bytes)
}

/// The same, to any address.
pub fn said_to(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // A service that has heard enough may close before all is sent.
    let _refused = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    answer
}

/// The same, read as the answer to one request; `None` where there was none.
pub fn say(service: &TestService, bytes: &[u8]) -> Option<Answer> {
    answer(&said(service, bytes))
}

/// Bytes read as the answer to one request; `None` where they are none.
pub fn answer(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Answer {
        status,
        headers,
        text: String::from_utf8_lossy(&answer[end + 4..]).into_owned(),
    })
}
