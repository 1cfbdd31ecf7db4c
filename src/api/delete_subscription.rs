//! `DELETE [base]/Subscription/[id]`: a local authority's system is sent nothing more
//! (<https://hl7.org/fhir/R4/http.html#delete>). What is owed stays owed, and can be pulled.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use tracing::info;

use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::read_subscription::own;
use crate::api::service::Service;
use crate::store::subscriptions;

/// Takes a subscription away.
///
/// # Errors
/// [`Refusal`] when it is not the caller's, or cannot be taken away now.
pub async fn delete_subscription(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    agreed(&request, request.query_string())?;
    let own = own(&request, &service, &notified).await?;
    let (id, authority, now) = (own.id, notified.authority.id, service.clock.now());
    notified
        .store(&service)
        .transaction(move |postgres| subscriptions::delete(postgres, authority, id, now))
        .await?;
    info!(subscription.id = %id, authority.id = %authority, "Took a subscription away");
    Ok(HttpResponse::NoContent()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}
