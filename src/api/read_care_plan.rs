//! `GET [base]/CarePlan/[id]` (<https://hl7.org/fhir/R4/http.html#read>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::reading;
use crate::api::service::Service;
use crate::fhir::resource_kind::ResourceKind;

/// Answers with a CarePlan.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn read_care_plan(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    reading::over_http(ResourceKind::CarePlan, &service, &request).await
}
