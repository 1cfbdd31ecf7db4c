//! Bodies that are meant to use up memory or a stack, on every route that takes one: `body`,
//! `upload_csv`, `reading`. Each is refused, and the program stays within its memory.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use cpis_fhir::routes::{Interaction, routes};
use cpis_fhir::sandbox::role::SandboxRole;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::support::ServedProgram;

/// What the program may have resident, in mebibytes, whatever is sent.
const MEMORY_MAX: u64 = 256;

/// How much is sent if nothing stops it, in bytes.
const TEN_GIGABYTES: usize = 10_000_000_000;

/// How much of it may go out before it is refused: the largest limit there is, and what the system
/// holds on the way.
const STOPPED_BY: usize = 100_000_000;

/// How long each may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a body may be stuck before it counts as not taken.
const BLOCKED: Duration = Duration::from_secs(1);

const DEEP: usize = 1_000_000;

#[test]
fn a_body_in_chunks_without_an_end_is_refused_long_before_it_fills_the_memory() {
    let program = ServedProgram::start();
    for (path, media_type, role) in takers() {
        let (sent, answer) = endless(&program, &path, media_type, role);
        assert!(sent < STOPPED_BY, "{path} took {sent} bytes");
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let memory = program.memory_max();
    assert!(memory < MEMORY_MAX, "{memory} MiB");
}

#[test]
fn bodies_nested_a_million_deep_and_bombs_are_refused_within_the_memory() {
    let program = ServedProgram::start();
    for (path, media_type, role) in takers() {
        for (name, encoding, body) in absurdities() {
            let began = Instant::now();
            let length = format!("content-length: {}\r\n{encoding}", body.len());
            let answer = sent(&program, (&path, media_type, role), &length, &body);
            let status = answer.split(' ').nth(1).unwrap_or_default();
            // A search of one child puts up with parameters that it does not know.
            let put_up_with = status == "200" && path.contains("/_search");
            assert!(
                status.starts_with('4') || put_up_with,
                "{path}, {media_type}, {name}: {answer}"
            );
            assert!(began.elapsed() < PATIENCE, "{path}, {name}");
        }
    }
    let memory = program.memory_max();
    assert!(memory < MEMORY_MAX, "{memory} MiB");
}

#[test]
fn a_length_that_is_a_lie_is_not_believed_and_makes_no_room() {
    let program = ServedProgram::start();
    for (path, media_type, role) in takers() {
        for length in ["10000000000", "9223372036854775807", "18446744073709551615"] {
            let length = format!("content-length: {length}\r\n");
            let answer = sent(&program, (&path, media_type, role), &length, b"a");
            let status = answer.split(' ').nth(1).unwrap_or("4");
            assert!(status.starts_with('4'), "{path}: {answer}");
        }
    }
    let memory = program.memory_max();
    assert!(memory < MEMORY_MAX, "{memory} MiB");
}

/// Every route that takes a body, with a media type it reads and who may send it.
fn takers() -> Vec<(String, &'static str, SandboxRole)> {
    let mut takers = Vec::new();
    for route in routes() {
        if route.method != Method::POST {
            continue;
        }
        let path = route
            .path
            .replace("{id}", "0193b1c8-0000-7000-8000-000000000000");
        let (media_types, role): (&[&str], _) = match route.interaction {
            Interaction::UploadPlans => (
                &["text/csv", "application/xml"],
                SandboxRole::LocalAuthority,
            ),
            Interaction::Search(_) | Interaction::SearchDefinitions => (
                &["application/x-www-form-urlencoded"],
                SandboxRole::Clinician,
            ),
            _ => (
                &["application/fhir+json", "application/fhir+xml"],
                SandboxRole::Clinician,
            ),
        };
        takers.extend(media_types.iter().map(|media| (path.clone(), *media, role)));
    }
    assert!(takers.len() > 5);
    takers
}

/// Bodies, each with a name and the header of its encoding.
fn absurdities() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let plain = |name, body: String| (name, "", body.into_bytes());
    let entities: String = (0..50)
        .map(|place| {
            format!(
                "<!ENTITY e{} \"{}\">",
                place + 1,
                format!("&e{place};").repeat(10)
            )
        })
        .collect();
    vec![
        plain("lists", "[".repeat(DEEP)),
        plain("objects", "{\"a\":".repeat(DEEP)),
        plain("elements", "<a>".repeat(DEEP)),
        plain(
            "resources",
            "<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource>".repeat(DEEP / 50),
        ),
        plain("commas", ",".repeat(DEEP)),
        plain("quotes", "\"".repeat(DEEP + 1)),
        plain("lines", "\r\n".repeat(DEEP)),
        plain("fields", "a=b&".repeat(DEEP)),
        plain(
            "entities",
            format!("<!DOCTYPE a [<!ENTITY e0 \"ha\">{entities}]><a>&e50;</a>"),
        ),
        plain(
            "attributes",
            format!(
                "<Flag xmlns=\"http://hl7.org/fhir\" {}>",
                "a=\"b\" ".repeat(DEEP / 10)
            ),
        ),
        plain(
            "numbers",
            format!(
                "{{\"resourceType\":\"Flag\",\"a\":[{}0]}}",
                "0,".repeat(DEEP)
            ),
        ),
        ("zipped", "content-encoding: gzip\r\n", bomb()),
        ("deflated", "content-encoding: deflate\r\n", bomb()),
    ]
}

/// A gibibyte of spaces in a megabyte of gzip: one mebibyte, compressed so that it can be repeated.
fn bomb() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&[b' '; 1 << 20]).unwrap();
    encoder.flush().unwrap();
    let mebibyte = encoder.get_ref().clone();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    [head.as_slice(), &mebibyte.repeat(1024)].concat()
}

/// The head of a request, but for the length of its body.
fn head(
    program: &ServedProgram,
    (path, media_type, role): (&str, &str, SandboxRole),
    length: &str,
) -> String {
    let (address, token) = (&program.address, program.token(role));
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: {media_type}\r\n{length}\r\n"
    )
}

/// Sends a body, and gives what is answered.
fn sent(
    program: &ServedProgram,
    whom: (&str, &str, SandboxRole),
    length: &str,
    body: &[u8],
) -> String {
    let mut stream = connected(program);
    let head = head(program, whom, length);
    // Who has heard enough may close before all is sent.
    let _refused = stream.write_all(&[head.as_bytes(), body].concat());
    let _no_more = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a body in chunks until it is answered; gives how many bytes went out by then, and the
/// answer.
fn endless(
    program: &ServedProgram,
    path: &str,
    media_type: &str,
    role: SandboxRole,
) -> (usize, String) {
    let mut stream = connected(program);
    // Who has answered may neither read on nor close at once.
    stream.set_write_timeout(Some(BLOCKED)).unwrap();
    let mut answering = stream.try_clone().unwrap();
    let length = "transfer-encoding: chunked\r\n";
    let head = head(program, (path, media_type, role), length);
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"100000\r\n".as_slice(), &[b' '; 1 << 20], b"\r\n"].concat();
    thread::scope(|threads| {
        let answered = threads.spawn(move || {
            let mut first = [0; 1024];
            let length = answering.read(&mut first).unwrap_or_default();
            String::from_utf8_lossy(&first[..length]).into_owned()
        });
        let mut sent = 0;
        while sent < TEN_GIGABYTES && !answered.is_finished() && stream.write_all(&chunk).is_ok() {
            sent += chunk.len();
        }
        (sent, answered.join().unwrap())
    })
}

fn connected(program: &ServedProgram) -> TcpStream {
    let stream = TcpStream::connect(&program.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}
