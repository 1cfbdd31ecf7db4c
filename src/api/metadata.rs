//! `GET [base]/metadata`: what the service promises, for anybody
//! (<https://hl7.org/fhir/R4/http.html#capabilities>).

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::api::answer::fhir_response;
use crate::api::error::Refusal;
use crate::api::negotiation;
use crate::api::service::Service;

/// The capability statement as it is kept in the repository.
const STATEMENT: &str = include_str!("../../capability-statement.json");

/// The capability statement of a service at this base URL.
///
/// # Errors
/// When the statement in the repository is no JSON, which a test rules out.
pub fn statement(base: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut statement: Value = serde_json::from_str(STATEMENT)?;
    if let Some(url) = statement.pointer_mut("/implementation/url") {
        *url = Value::from(base);
    }
    if let Some(version) = statement.pointer_mut("/software/version") {
        *version = Value::from(env!("CARGO_PKG_VERSION"));
    }
    serde_json::to_vec(&statement)
}

/// Answers with the capability statement.
///
/// # Errors
/// [`Refusal`] when another form than JSON is asked for.
pub async fn metadata(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    negotiation::form(request.headers(), request.query_string())?;
    Ok(fhir_response(StatusCode::OK)
        .insert_header((CACHE_CONTROL, "max-age=300"))
        .body(service.capability_statement.clone()))
}
