//! `GET [base]/Organization/[id]`: a local authority, with its telephone numbers
//! (<https://hl7.org/fhir/R4/http.html#read>).
//!
//! It says nothing of any child, so it is no access; but only who may look or upload is told.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::check_request_id;
use crate::api::caller::admitted;
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, agreed};
use crate::api::part;
use crate::api::reading::answer;
use crate::api::search::child_criterion;
use crate::api::service::Service;
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

/// The form of the answer, for who may look, upload or be told.
///
/// # Errors
/// [`Refusal`] when the caller may do none of that, or a header is not good enough.
pub async fn form_for_reader(request: &HttpRequest, service: &Service) -> Result<Form, Refusal> {
    check_request_id(request)?;
    let form = agreed(request, request.query_string())?;
    admitted(request, service).await?;
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
