//! `GET /openapi.json`: what the service can be asked, as an OpenAPI document, for anybody
//! (<https://spec.openapis.org/oas/v3.0.3>). It is always JSON, whatever `Accept` says.

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::negotiation::Form;
use crate::api::published::published;
use crate::api::service::Service;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Answers with the document.
///
/// # Errors
/// [`Refusal`] when it cannot be written.
pub async fn openapi(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let mut response = published(&request, &service.openapi, Form::Json)?;
    if let Some(content_type) = response.headers_mut().get_mut(CONTENT_TYPE) {
        *content_type = JSON;
    }
    Ok(response)
}
