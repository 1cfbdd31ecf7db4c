//! A request's body, read to its end within a limit of bytes and of time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, Payload};
use serde_json::Value;

use crate::api::error::Refusal;
use crate::api::negotiation::{FHIR_VERSIONS, Syntax};
use crate::fhir::reading::{read_json, read_xml};

/// The longest a body may take to arrive, however short it may be.
const ARRIVAL_MAX: Duration = Duration::from_secs(10);
/// What a longer one is given as well: a second for each of these bytes that it may have, so that a
/// full upload passes over a slow line.
const BYTES_A_SECOND: usize = 640 * 1024;
/// The longest that any is given.
const LONGEST_ARRIVAL_MAX: Duration = Duration::from_secs(60);

/// Reads a body. One that says itself that it is too long is refused before it is sent.
///
/// # Errors
/// [`Refusal`] when it is longer than the limit, breaks off, or arrives too slowly.
pub async fn read(
    request: &HttpRequest,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, Refusal> {
    let stated = request.headers().get(CONTENT_LENGTH);
    let stated = stated.and_then(|length| length.to_str().ok()?.trim().parse().ok());
    if stated.is_some_and(|length: usize| length > bytes_max) {
        return Err(Refusal::TooLong(bytes_max));
    }
    let whole = payload.to_bytes_limited(bytes_max);
    match tokio::time::timeout(arrival_max(bytes_max), whole).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Err(_)) => Err(Refusal::TooLong(bytes_max)),
        Ok(Ok(Err(_))) | Err(_) => Err(Refusal::TornBody),
    }
}

fn arrival_max(bytes_max: usize) -> Duration {
    let seconds = u64::try_from(bytes_max / BYTES_A_SECOND).unwrap_or(u64::MAX);
    ARRIVAL_MAX
        .saturating_add(Duration::from_secs(seconds))
        .min(LONGEST_ARRIVAL_MAX)
}

/// The media type of the body, without its parameters, in lower case; empty where none is said, or
/// where the body is of another version of FHIR than R4
/// (<https://hl7.org/fhir/R4/http.html#version-parameter>).
#[must_use]
pub fn media_type(request: &HttpRequest) -> String {
    let value = request.headers().get(CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    let mut parts = text.unwrap_or_default().split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_of_another_version = parts.any(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        name.trim().eq_ignore_ascii_case("fhirVersion")
            && !FHIR_VERSIONS.contains(&value.trim().trim_matches('"'))
    });
    if is_of_another_version {
        return String::new();
    }
    media_type
}

/// What the body is written in: its media type decides, whichever form the answer has.
///
/// # Errors
/// [`Refusal::MediaType`] when it is neither JSON nor XML.
pub fn syntax(request: &HttpRequest) -> Result<Syntax, Refusal> {
    match media_type(request).as_str() {
        "application/fhir+json" | "application/json" | "text/json" => Ok(Syntax::Json),
        "application/fhir+xml" | "application/xml" | "text/xml" => Ok(Syntax::Xml),
        _ => Err(Refusal::MediaType(
            "application/fhir+json or application/fhir+xml",
        )),
    }
}

/// Reads a resource; none where the body is empty.
///
/// # Errors
/// [`Refusal`] when the body cannot be read, or holds no resource.
pub async fn resource(
    request: &HttpRequest,
    payload: Payload,
    bytes_max: usize,
) -> Result<Option<Value>, Refusal> {
    let body = read(request, payload, bytes_max).await?;
    if body.is_empty() {
        return Ok(None);
    }
    let resource = match syntax(request)? {
        Syntax::Json => read_json(&body)?,
        Syntax::Xml => read_xml(&body)?,
    };
    Ok(Some(resource))
}
