//! What the service says of itself: JSON lines, one for each request at its end. A line holds the
//! method, the route's pattern, the status, the latency, the request's id and the address of its
//! connection; never a path, a query, a header, a body or an error's own words, for an NHS number
//! may be in any of them. A panic is a line too, of where it was and never of its words.
//!
//! <https://docs.rs/tracing-actix-web/latest/tracing_actix_web/trait.RootSpanBuilder.html>

use std::io;
use std::panic::{self, Location};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage as _};
use thiserror::Error as ThisError;
use tracing::{Level, Metadata, Span, Subscriber, error, info, info_span};
use tracing_actix_web::RootSpanBuilder;
use tracing_subscriber::filter::{EnvFilter, FilterFn, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::api::request_id::RequestId;

/// Crates whose debug lines hold requests, answers or SQL with its values. Nothing below a warning
/// is ever taken from them, whatever the filter says.
const CAPPED_TARGETS: [&str; 9] = [
    "actix",
    "tracing_actix_web",
    "h2",
    "diesel",
    "r2d2",
    "ureq",
    "rustls",
    "native_tls",
    "mio",
];

/// Why telemetry cannot start.
#[derive(Debug, ThisError)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter is not one such as `info` or `warn,cpis_fhir=debug`")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The filter has characters that no filter has.
    #[error("the log filter holds other than visible ASCII characters")]
    FilterCharacters,
    /// Something else logs already.
    #[error("telemetry has been started already")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts to write JSON lines to standard output, of what `filter` lets through.
///
/// # Errors
/// The filter cannot be read, or telemetry has been started before.
pub fn start(filter: &str) -> Result<(), TelemetryError> {
    start_writing_to(filter, io::stdout)
}

/// As [`start`], to any writer: a test collects the lines.
///
/// # Errors
/// As [`start`].
pub fn start_writing_to<W>(filter: &str, writer: W) -> Result<(), TelemetryError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    Ok(subscriber(filter, writer)?.try_init()?)
}

/// Makes a line of every panic from now on, in the place of its words on standard error, which may
/// be anything: where it was, and which it is of this process. The thread ends as it would.
pub fn tell_of_panics() {
    static PANICS: AtomicU64 = AtomicU64::new(0);
    panic::set_hook(Box::new(|panicked| {
        let panics = PANICS.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let location = panicked.location();
        let file = location.map(Location::file);
        let line = location.map(Location::line);
        error!(file, line, panics, "The program panicked");
    }));
}

/// What [`start`] starts, not started: a test can make it one thread's own.
///
/// # Errors
/// The filter cannot be read.
pub fn subscriber<W>(
    filter: &str,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + 'static, TelemetryError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(writer);
    Ok(registry().with(parsed(filter)?).with(cap()).with(lines))
}

/// Reads a filter, such as `info` or `warn,cpis_fhir=debug`.
///
/// # Errors
/// It cannot be read.
pub fn parsed(filter: &str) -> Result<EnvFilter, TelemetryError> {
    // The reader of filters panics where a blank stands before a letter of several bytes.
    if !filter.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TelemetryError::FilterCharacters);
    }
    EnvFilter::builder()
        .parse(filter)
        .map_err(TelemetryError::Filter)
}

fn cap() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|line| *line.level() <= Level::WARN || !is_capped(line.target()))
}

fn is_capped(target: &str) -> bool {
    CAPPED_TARGETS
        .iter()
        .any(|capped| target.starts_with(capped))
}

/// One span for each request, and one line at its end. To be used inside of
/// [`crate::api::request_id::RequestIds`], which gives the request its id.
pub struct RequestSpan;

/// When a request began, by the clock that only goes forward.
struct BeganAt(Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(BeganAt(Instant::now()));
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string);
        info_span!(
            "request",
            request_id,
            method = method(request.method()),
            route = request.match_pattern().as_deref().unwrap_or("none"),
            address = address(request),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let (status, latency_ms) = match outcome {
            Ok(response) => (response.status(), latency_ms(response)),
            Err(error) => (error.as_response_error().status_code(), None),
        };
        span.in_scope(|| answered(status, latency_ms));
    }
}

/// The connection's own: what a header says of it is anybody's word.
fn address(request: &ServiceRequest) -> Option<String> {
    let peer = request.peer_addr()?.ip().to_canonical();
    Some(peer.to_string())
}

fn answered(status: StatusCode, latency_ms: Option<f64>) {
    info!(status = status.as_u16(), latency_ms, "answered");
}

/// To the microsecond.
fn latency_ms<B>(response: &ServiceResponse<B>) -> Option<f64> {
    let extensions = response.request().extensions();
    let BeganAt(began_at) = extensions.get::<BeganAt>()?;
    Some((began_at.elapsed().as_secs_f64() * 1_000_000.0).round() / 1000.0)
}

/// A method of HTTP's own, for any word can be sent as one.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
