//! `GET [base]/Communication/[id]`: one notification, by its own authority's system
//! (<https://hl7.org/fhir/R4/http.html#read>). It is no access to the child.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::part;
use crate::api::reading::answer;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::communication::communication;
use crate::notifier;

/// Answers with a Communication.
///
/// # Errors
/// [`Refusal`] when it cannot be answered; another authority's is not there.
pub async fn read_communication(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let form = agreed(&request, request.query_string())?;
    let part = part::of_one(request.query_string())?;
    let id = request.match_info().get("id").unwrap_or_default();
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let told = notifier::pull_one(&service.notifier.store, notified.authority.code, id).await?;
    let told = communication(&told.ok_or(Refusal::NotFound)?, &service.base);
    let mut answer = answer(Resource::Communication(Box::new(told)));
    answer.subset = part;
    answer.response_to(&request, form)
}
