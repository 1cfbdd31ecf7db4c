//! `GET [base]/CareTeam/[id]` (<https://hl7.org/fhir/R4/http.html#read>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::reading;
use crate::api::service::Service;
use crate::fhir::resource_kind::ResourceKind;

/// Answers with a CareTeam.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn read_care_team(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    reading::over_http(ResourceKind::CareTeam, &service, &request).await
}
