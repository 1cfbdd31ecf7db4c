//! Callers who are slow on purpose, and those beside them who are not: `server::connection`,
//! `api::body`. As many as `CPIS_SLOW_CONNECTIONS` says, 200 unless it does.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use actix_web::rt::System;
use cpis_fhir::sandbox::role::SandboxRole;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::support::{TestService, a_plan};

const NUMBER: &str = "9990000026";

/// Longer than the service waits for a head, for a short body, or for a caller who does not read.
const ENDURED: Duration = Duration::from_secs(25);
/// Answers asked for by one who does not read them.
const UNREAD: usize = 30;
/// How long after one another they come.
const APART: Duration = Duration::from_millis(40);
/// How often a slow caller says a little more.
const PAUSE: Duration = Duration::from_millis(500);

/// In which way a caller is slow.
#[derive(Debug, Clone, Copy)]
enum Slow {
    Head,
    SecondHead,
    Body,
    Reading,
    Ranges,
}

/// How callers are slow, one after another. Few do not read: what they ask for costs the most, and
/// a test is not to fail for want of a processor.
const WAYS: [Slow; 10] = [
    Slow::Head,
    Slow::SecondHead,
    Slow::Body,
    Slow::Head,
    Slow::Ranges,
    Slow::SecondHead,
    Slow::Body,
    Slow::Head,
    Slow::SecondHead,
    Slow::Reading,
];

/// Connects from an address of its own, so that the places of others are not taken.
async fn connected(to: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    // A window that is soon full.
    socket.set_recv_buffer_size(4096).unwrap();
    let from = Ipv4Addr::new(127, 0, 0, 2);
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(to).await.ok()
}

/// Is slow until the service has had enough, and says how long that took; nothing where it still
/// had not.
async fn endured(slow: Slow, to: SocketAddr, token: String, after: Duration) -> Option<Duration> {
    sleep(after).await;
    let Some(mut stream) = connected(to).await else {
        return Some(Duration::ZERO);
    };
    let began = Instant::now();
    let begun = begun(slow, &token);
    let _closed = stream.write_all(begun.as_bytes()).await;
    let more = match slow {
        Slow::Head | Slow::SecondHead => "X-A: b\r\n",
        Slow::Body => "a",
        Slow::Reading | Slow::Ranges => "",
    };
    let mut bytes = [0; 512];
    while began.elapsed() < ENDURED {
        sleep(PAUSE).await;
        let is_closed = match slow {
            // One small read now and then: the answers are never all taken.
            Slow::Reading => stream.read(&mut bytes[..16]).await.is_err(),
            Slow::Head | Slow::SecondHead | Slow::Body | Slow::Ranges => {
                let read = timeout(Duration::from_millis(1), stream.read(&mut bytes)).await;
                matches!(read, Ok(Ok(0) | Err(_)))
                    || stream.write_all(more.as_bytes()).await.is_err()
            }
        };
        if is_closed {
            return Some(began.elapsed());
        }
    }
    // What lies between the two comes even after the service has gone.
    let mut rest = Vec::new();
    let is_ended = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    let answers = String::from_utf8_lossy(&rest)
        .matches("HTTP/1.1 200")
        .count();
    let is_given_up = matches!(slow, Slow::Reading) && is_ended.is_ok() && answers < UNREAD - 1;
    is_given_up.then(|| began.elapsed())
}

fn begun(slow: Slow, token: &str) -> String {
    let bearer = format!("Host: a\r\nAuthorization: Bearer {token}\r\n");
    match slow {
        Slow::Head => "GET /_ping HTTP/1.1\r\nHost: a\r\n".to_owned(),
        Slow::SecondHead => {
            "GET /_ping HTTP/1.1\r\nHost: a\r\n\r\nGET /_ping HTTP/1.1\r\nHost: a\r\n".to_owned()
        }
        Slow::Body => format!(
            "POST /FHIR/R4/Flag/_search HTTP/1.1\r\n{bearer}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\n"
        ),
        // Enough of them that no buffer on the way holds all the answers.
        Slow::Reading => "GET /FHIR/R4/metadata HTTP/1.1\r\nHost: a\r\n\r\n".repeat(UNREAD),
        Slow::Ranges => {
            let ranges: Vec<String> = (0..1000).map(|from| format!("{from}-")).collect();
            format!(
                "GET /FHIR/R4/Flag?patient={NUMBER} HTTP/1.1\r\n{bearer}Range: bytes={}\r\n\r\n",
                ranges.join(",")
            )
        }
    }
}

#[test]
fn slow_callers_are_given_up_and_those_beside_them_are_answered_without_one_error() {
    let count = env::var("CPIS_SLOW_CONNECTIONS").map_or(200, |count| count.parse().unwrap());
    let service = TestService::with(|settings| {
        settings.transport.connections_per_address_max = 10_000;
        settings.transport.keep_alive_seconds = 5;
    });
    service.tell(&[a_plan().child(NUMBER)]);
    let address: SocketAddr = service.address().parse().unwrap();
    let token = service.token(SandboxRole::Clinician);
    let slow = std::thread::spawn(move || {
        System::new().block_on(async move {
            let ways = WAYS.into_iter().cycle().take(count);
            let slow: Vec<_> = ways
                .zip(1..)
                .map(|(way, place)| (way, endured(way, address, token.clone(), APART * place)))
                .map(|(way, endured)| (way, actix_web::rt::spawn(endured)))
                .collect();
            let mut endured = Vec::new();
            for (way, one) in slow {
                endured.push((way, one.await.unwrap()));
            }
            endured
        })
    });
    let mut waits = Vec::new();
    while !slow.is_finished() {
        let began = Instant::now();
        let answer = service.get(&format!("Flag?patient={NUMBER}"));
        assert_eq!(answer.status, 200, "{:?}: {}", began.elapsed(), answer.text);
        assert_eq!(answer.json()["total"], 1);
        waits.push(began.elapsed());
    }
    waits.sort();
    let p99 = waits[waits.len() * 99 / 100];
    let endured = slow.join().unwrap();
    for (way, endured) in &endured {
        assert!(endured.is_some(), "{way:?} was put up with for {ENDURED:?}");
    }
    let stated = format!("{count} slow, {} answered, p99 {p99:?}", waits.len());
    assert!(p99 < Duration::from_secs(5), "{stated}");
    assert!(waits.len() >= 20, "{stated}");
}

#[test]
fn one_address_takes_no_more_places_than_its_own_and_others_are_let_in() {
    let service = TestService::with(|settings| settings.transport.connections_per_address_max = 5);
    let address: SocketAddr = service.address().parse().unwrap();
    let is_closed = System::new().block_on(async {
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(connected(address).await.unwrap());
        }
        sleep(Duration::from_millis(200)).await;
        let mut sixth = connected(address).await.unwrap();
        let read = timeout(Duration::from_secs(3), sixth.read(&mut [0; 16])).await;
        (matches!(read, Ok(Ok(0) | Err(_))), held)
    });
    assert!(is_closed.0);
    let answer = service.ask("GET", "/_ping", &[], b"");
    assert_eq!(answer.status, 200);
}
