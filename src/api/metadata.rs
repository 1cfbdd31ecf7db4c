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
/// or not, and which has a token endpoint or not.
///
/// # Errors
/// [`JsonError`] when the statement in the repository is none, which a test rules out.
pub fn statement(
    base: &str,
    shares_with_browsers: bool,
    token_endpoint: Option<&str>,
) -> Result<Value, JsonError> {
    let mut statement = from_text(STATEMENT)?;
    say_where_tokens_are(&mut statement, token_endpoint);
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

/// Names the token endpoint, or leaves out all that is said of one.
fn say_where_tokens_are(statement: &mut Value, token_endpoint: Option<&str>) {
    const SECURITY: &str = "/rest/0/security";
    const TOKEN: &str = "/rest/0/security/extension/0/extension/0/valueUri";
    if let Some(endpoint) = token_endpoint {
        if let Some(place) = statement.pointer_mut(TOKEN) {
            *place = endpoint.into();
        }
        return;
    }
    let security = statement.pointer_mut(SECURITY);
    if let Some(security) = security.and_then(Value::as_object_mut) {
        security.remove("extension");
        if let Some(Value::Array(services)) = security.get_mut("service") {
            services.truncate(1);
        }
    }
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
