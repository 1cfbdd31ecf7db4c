//! What the service says of itself, to anybody: it may be kept for a while, and need not be sent
//! again to whoever holds it (<https://hl7.org/fhir/R4/http.html#capabilities>).

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use openssl::sha::sha256;
use serde_json::Value;

use crate::api::answer::{fhir_response, written};
use crate::api::conditions::Conditions;
use crate::api::error::Refusal;
use crate::api::negotiation::Form;

/// How long it may be kept: a new release is seen within minutes.
const KEPT: &str = "max-age=300";

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The response to a request for something that is published. Its ETag is its version; where it has
/// none a digest of what is written, so that a changed one is never taken for the old.
///
/// # Errors
/// [`Refusal::Unwritable`] when it cannot be written.
pub fn published(
    request: &HttpRequest,
    resource: &Value,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let body = written(resource, form)?;
    let version = resource.pointer("/meta/versionId").and_then(Value::as_str);
    let etag = format!(
        "W/\"{}\"",
        version.map_or_else(|| digest(&body), str::to_owned)
    );
    // What is posted is no request for what a caller may hold (RFC 9110, 13.2.1).
    let is_asked_for = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_held = is_asked_for && Conditions::of(request.headers()).are_met_by(Some(&etag), None);
    let mut response = if is_held {
        HttpResponse::build(StatusCode::NOT_MODIFIED)
    } else {
        fhir_response(StatusCode::OK, form)
    };
    response.insert_header((CACHE_CONTROL, KEPT));
    response.insert_header((ETAG, etag));
    if is_held {
        return Ok(response.finish());
    }
    Ok(response.body(body))
}

/// The same of plain JSON that is no resource of FHIR's, whatever `Accept` says.
///
/// # Errors
/// As [`published`].
pub fn published_json(request: &HttpRequest, json: &Value) -> Result<HttpResponse, Refusal> {
    let mut response = published(request, json, Form::Json)?;
    if let Some(content_type) = response.headers_mut().get_mut(CONTENT_TYPE) {
        *content_type = JSON;
    }
    Ok(response)
}

fn digest(body: &[u8]) -> String {
    let bytes = sha256(body);
    let digits = bytes.iter().take(16).map(|byte| format!("{byte:02x}"));
    digits.collect()
}
