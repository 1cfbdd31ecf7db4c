//! `GET /openapi.json`: what the service can be asked, as an OpenAPI document, for anybody
//! (<https://spec.openapis.org/oas/v3.0.3>). It is always JSON, whatever `Accept` says.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::published::published_json;
use crate::api::service::Service;

/// Answers with the document.
///
/// # Errors
/// [`Refusal`] when it cannot be written.
pub async fn openapi(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    published_json(&request, &service.openapi)
}
