//! A request's body, read to its end within a limit of bytes and of time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload};
use serde_json::Value;

use crate::api::error::Refusal;
use crate::api::negotiation::{FHIR_VERSIONS, Syntax};
use crate::fhir::reading::{read_json, read_xml};

/// The longest a body may take to arrive: a full upload over a slow line, and no more.
const ARRIVAL_MAX: Duration = Duration::from_secs(60);

/// Reads a body.
///
/// # Errors
/// [`Refusal`] when it is longer than the limit, breaks off, or arrives too slowly.
pub async fn read(payload: Payload, bytes_max: usize) -> Result<Bytes, Refusal> {
    let read = tokio::time::timeout(ARRIVAL_MAX, payload.to_bytes_limited(bytes_max)).await;
    match read {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Err(_)) => Err(Refusal::TooLong(bytes_max)),
        Ok(Ok(Err(_))) | Err(_) => Err(Refusal::TornBody),
    }
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
    let body = read(payload, bytes_max).await?;
    if body.is_empty() {
        return Ok(None);
    }
    let resource = match syntax(request)? {
        Syntax::Json => read_json(&body)?,
        Syntax::Xml => read_xml(&body)?,
    };
    Ok(Some(resource))
}
