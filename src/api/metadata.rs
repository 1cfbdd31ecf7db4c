//! `GET [base]/metadata`: what the service promises, for anybody
//! (<https://hl7.org/fhir/R4/http.html#capabilities>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::published::published;
use crate::api::service::Service;
use crate::fhir::json::{JsonError, from_text, ordered};

/// The capability statement as it is kept in the repository.
const STATEMENT: &str = include_str!("../../capability-statement.json");

/// The capability statement of a service at this base URL, which browsers of other origins may ask
/// or not.
///
/// # Errors
/// [`JsonError`] when the statement in the repository is none, which a test rules out.
pub fn statement(base: &str, shares_with_browsers: bool) -> Result<Value, JsonError> {
    let mut statement = from_text(STATEMENT)?;
    for (pointer, said) in [
        ("/implementation/url", Value::from(base)),
        ("/software/version", Value::from(env!("CARGO_PKG_VERSION"))),
        ("/rest/0/security/cors", Value::from(shares_with_browsers)),
    ] {
        if let Some(place) = statement.pointer_mut(pointer) {
            *place = said;
        }
    }
    ordered(&statement)
}

/// Answers with the capability statement.
///
/// # Errors
/// [`Refusal`] when a form that there is not is asked for.
pub async fn metadata(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let form = agreed(&request, request.query_string())?;
    published(&request, &service.capability_statement, form)
}
