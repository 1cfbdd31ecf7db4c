//! What a line holds, and what no line may.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::panic;
use std::sync::{Arc, Mutex};
use std::thread;

use actix_web::error::ErrorBadRequest;
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
use actix_web::{App, HttpResponse, web};
use serde_json::Value;
use tracing::subscriber::set_default;
use tracing_actix_web::TracingLogger;

use super::{
    Error, RequestSpan, ServiceRequest, ServiceResponse, parsed, subscriber, tell_of_panics,
};
use crate::api::request_id::RequestIds;
use crate::clock::SystemClock;

const ID: &str = "60e0b220-8136-4ca5-ae46-1d97ef59d068";

/// What must be in no line, in each place where a request can hold it.
const CANARY: &str = "9990000018";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn read(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The lines of one request, at the most talkative filter that there is.
async fn lines_of(request: TestRequest) -> Lines {
    let lines = Lines::default();
    let written = lines.clone();
    let _kept = set_default(subscriber("trace", move || written.clone()).unwrap());
    let app = App::new()
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(RequestIds::by(Arc::new(SystemClock)))
        .route("/Patient/{id}", web::get().to(HttpResponse::Ok))
        .route("/failing/{id}", web::get().to(failing));
    call_service(&init_service(app).await, request.to_request()).await;
    lines
}

async fn failing() -> Result<HttpResponse, Error> {
    Err(ErrorBadRequest(CANARY))
}

fn answered(lines: &Lines) -> Value {
    let answered: Vec<_> = lines
        .read()
        .into_iter()
        .filter(|line| line["message"] == "answered")
        .collect();
    assert_eq!(answered.len(), 1, "{}", lines.text());
    answered.first().unwrap().clone()
}

#[actix_web::test]
async fn one_line_says_how_a_request_was_answered() {
    let path = format!("/Patient/{CANARY}?patient={CANARY}");
    let request = TestRequest::get()
        .uri(&path)
        .append_header(("x-request-id", ID));
    let line = answered(&lines_of(request).await);
    assert_eq!(line["status"], 200);
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["span"]["method"], "GET");
    assert_eq!(line["span"]["route"], "/Patient/{id}");
    assert_eq!(line["span"]["request_id"], ID);
    assert!(line["latency_ms"].as_f64().unwrap() >= 0.0);
}

#[actix_web::test]
async fn a_line_holds_nothing_else() {
    let line = answered(&lines_of(TestRequest::get().uri("/Patient/1")).await);
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let outer = [
        "latency_ms",
        "level",
        "message",
        "span",
        "status",
        "target",
        "timestamp",
    ];
    assert_eq!(names(&line), outer.map(str::to_owned).into());
    let inner = ["method", "name", "request_id", "route"];
    assert_eq!(names(&line["span"]), inner.map(str::to_owned).into());
}

#[actix_web::test]
async fn nothing_of_a_request_or_of_an_error_is_in_any_line() {
    let method = Method::from_bytes(CANARY.as_bytes()).unwrap();
    for request in [
        TestRequest::get().uri(&format!("/Patient/{CANARY}?{CANARY}#{CANARY}")),
        TestRequest::get().uri(&format!("/failing/{CANARY}")),
        TestRequest::get().uri(&format!("/{CANARY}")),
        TestRequest::default().method(method),
        TestRequest::post().set_payload(CANARY),
        TestRequest::get().append_header(("x-request-id", CANARY)),
        TestRequest::get().append_header(("user-agent", CANARY)),
        TestRequest::get().append_header(("host", CANARY)),
    ] {
        let lines = lines_of(request.append_header(("x-correlation-id", CANARY))).await;
        assert!(!lines.text().contains(CANARY), "{}", lines.text());
        answered(&lines);
    }
}

#[actix_web::test]
async fn an_error_that_no_handler_answered_is_a_line_without_its_words() {
    let lines = Lines::default();
    let written = lines.clone();
    let _kept = set_default(subscriber("trace", move || written.clone()).unwrap());
    let refusing = |_: ServiceRequest, _: Next<_>| async {
        Err::<ServiceResponse, _>(ErrorBadRequest(CANARY))
    };
    let app = App::new()
        .wrap(from_fn(refusing))
        .wrap(TracingLogger::<RequestSpan>::new());
    let request = TestRequest::get().uri(&format!("/{CANARY}")).to_request();
    try_call_service(&init_service(app).await, request)
        .await
        .unwrap_err();
    assert_eq!(answered(&lines)["status"], 400);
    assert!(!lines.text().contains(CANARY), "{}", lines.text());
}

#[test]
fn no_filter_lets_the_frameworks_debug_lines_through() {
    let lines = Lines::default();
    let written = lines.clone();
    let filter = "trace,actix_http::h1=trace,diesel=trace,ureq=trace";
    let _kept = set_default(subscriber(filter, move || written.clone()).unwrap());
    tracing::debug!(target: "actix_http::h1", "hidden");
    tracing::info!(target: "actix_server", "hidden");
    tracing::info!(target: "diesel::connection", "hidden");
    tracing::trace!(target: "h2::codec", "hidden");
    tracing::debug!(target: "ureq::run", "hidden");
    tracing::warn!(target: "actix_http::h1", "shown");
    tracing::debug!(target: "cpis_fhir::intake", "shown");
    assert_eq!(lines.read().len(), 2, "{}", lines.text());
    assert!(!lines.text().contains("hidden"));
}

#[test]
fn a_filter_that_cannot_be_read_is_refused_without_its_words() {
    for wrong in ["cpis_fhir=loud", "a=b=c", "[{"] {
        let refused = parsed(wrong).unwrap_err().to_string();
        assert!(!refused.contains(wrong), "{refused}");
    }
    assert!(parsed("warn,cpis_fhir=debug").is_ok());
}

#[test]
fn a_filter_of_other_than_visible_ascii_is_refused_and_stops_nothing() {
    for filter in [" \u{10d0}[", "info, warn", "in\u{e9}", "info\n"] {
        assert!(super::parsed(filter).is_err(), "{filter:?}");
    }
}

#[test]
fn a_panic_is_one_line_that_says_where_it_was_and_nothing_of_its_words() {
    let lines = Lines::default();
    let written = lines.clone();
    let before = panic::take_hook();
    tell_of_panics();
    let panicked = thread::spawn(move || {
        let _kept = set_default(subscriber("error", move || written.clone()).unwrap());
        assert_eq!(CANARY, "");
    })
    .join();
    panic::set_hook(before);
    assert!(panicked.is_err());
    let told = lines.read();
    assert_eq!(told.len(), 1, "{}", lines.text());
    assert_eq!(told[0]["message"], "The program panicked");
    assert_eq!(told[0]["level"], "ERROR");
    assert!(
        told[0]["file"]
            .as_str()
            .unwrap()
            .ends_with("telemetry/tests.rs")
    );
    assert!(told[0]["line"].is_number() && told[0]["panics"].is_number());
    assert!(!lines.text().contains(CANARY));
}
