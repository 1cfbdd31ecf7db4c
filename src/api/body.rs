//! A request's body, read to its end within a limit of bytes and of time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload};

use crate::api::error::Refusal;

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

/// The media type of the body, without its parameters, in lower case; empty where none is said.
#[must_use]
pub fn media_type(request: &HttpRequest) -> String {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
