//! `GET [base]/Organization/[id]`: a local authority, with its telephone numbers
//! (<https://hl7.org/fhir/R4/http.html#read>).
//!
//! It says nothing of any child, so it is no access; but only who may look or upload is told.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::check_request_id;
use crate::api::caller::{caller, refuse};
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, agreed};
use crate::api::part;
use crate::api::reading::answer;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::caller::CallerRefusal;
use crate::fhir::Resource;
use crate::fhir::organization::organization;
use crate::store::authorities;

/// Answers with an Organization.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn read_organization(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let form = form_for_reader(&request, &service).await?;
    let part = part::of_one(request.query_string())?;
    let id = request.match_info().get("id").unwrap_or_default();
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let mut answer = authority(&service, id).await?;
    answer.subset = part;
    answer.response_to(&request, form)
}

/// Refuses who may neither look nor upload.
///
/// # Errors
/// [`Refusal`] when there is no good token, or its caller may do neither; such a caller is in the
/// security log.
pub async fn check_caller(request: &HttpRequest, service: &Service) -> Result<(), Refusal> {
    let caller = caller(request, service).await?;
    if caller.activities.may_view() || caller.may_upload() || caller.may_read_notifications() {
        return Ok(());
    }
    Err(refuse(request, service, caller, CallerRefusal::NoViewActivity).await)
}

/// The form of the answer, for who may look or upload.
///
/// # Errors
/// [`Refusal`] when the caller may do neither, or a header is not good enough.
pub async fn form_for_reader(request: &HttpRequest, service: &Service) -> Result<Form, Refusal> {
    check_request_id(request)?;
    let form = agreed(request, request.query_string())?;
    check_caller(request, service).await?;
    Ok(form)
}

/// The answer to whoever may look or upload.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn authority(service: &Service, id: Uuid) -> Result<Answer, Refusal> {
    let authority = service
        .query
        .run(move |postgres| authorities::read(postgres, id))
        .await?;
    let authority = authority.ok_or(Refusal::NotFound)?;
    Ok(answer(Resource::Organization(Box::new(organization(
        &authority,
    )))))
}
