//! `GET [base]/Subscription/[id]/$status`: how a subscription is, and how many events there were,
//! as HL7's Subscriptions R5 Backport has it: backport-subscription-status
//! (<http://hl7.org/fhir/uv/subscriptions-backport/artifacts.html>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::read_subscription::own;
use crate::api::request_id::request_id;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::subscription_notification::subscription_state;

/// Answers with a subscription's state.
///
/// # Errors
/// [`Refusal`] when it cannot be answered; another authority's is not there.
pub async fn subscription_status(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let form = agreed(&request, request.query_string())?;
    let own = own(&request, &service, &notified).await?;
    let self_link = format!("{}/Subscription/{}/$status", service.base, own.id);
    let bundle = subscription_state(&own, &service.base, (request_id(&request), self_link));
    Answer::made(Resource::Bundle(Box::new(bundle))).response(form)
}
