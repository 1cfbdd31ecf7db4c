//! `GET [base]/Subscription/[id]`: what a local authority's system asked to be sent, and how
//! sending it goes (<https://hl7.org/fhir/R4/http.html#read>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::part;
use crate::api::reading::answer;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::subscription::Subscription;
use crate::fhir::Resource;
use crate::fhir::subscription::subscription;
use crate::store::subscriptions;

/// Answers with a Subscription.
///
/// # Errors
/// [`Refusal`] when it cannot be answered; another authority's is not there.
pub async fn read_subscription(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let form = agreed(&request, request.query_string())?;
    let part = part::of_one(request.query_string())?;
    let own = own(&request, &service, &notified).await?;
    let mut answer = answer(Resource::Subscription(Box::new(subscription(&own))));
    answer.subset = part;
    answer.response_to(&request, form)
}

/// The authority's own subscription of the id that the path names.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not there.
pub async fn own(
    request: &HttpRequest,
    service: &Service,
    notified: &Notified,
) -> Result<Subscription, Refusal> {
    let id = request.match_info().get("id").unwrap_or_default();
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let authority = notified.authority.id;
    let own = notified
        .store(service)
        .transaction(move |postgres| subscriptions::of_authority(postgres, authority))
        .await?;
    own.filter(|own| own.id == id).ok_or(Refusal::NotFound)
}
