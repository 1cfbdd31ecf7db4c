//! `POST [base]/Subscription`: a local authority's system asks to be sent what its authority is
//! told, at the endpoint that the operator has registered
//! (<https://hl7.org/fhir/R4/subscription.html>).

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use tracing::info;

use crate::api::body;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::reading::answer;
use crate::api::service::Service;
use crate::domain::channel::Channel;
use crate::domain::subscription::{Subscription, SubscriptionStatus};
use crate::fhir::Resource;
use crate::fhir::reading::Unreadable;
use crate::fhir::subscription::{SubscriptionError, asked, subscription};
use crate::store::{channels, identifiers, subscriptions};

/// The longest body taken, in bytes.
const BYTES_MAX: usize = 32 * 1024;

/// Makes a subscription; its handshake follows.
///
/// # Errors
/// [`Refusal`] when the body asks for something else than there is, the endpoint is not the
/// registered one, or the authority has a subscription.
pub async fn create_subscription(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let form = agreed(&request, request.query_string())?;
    let sent = body::resource(&request, payload, BYTES_MAX).await?;
    let asked = asked(&sent.ok_or(Unreadable::Nothing)?)?;
    let authority = notified.authority.id;
    let store = notified.store(&service);
    let registered = store
        .transaction(move |postgres| channels::of_authority(postgres, authority))
        .await?;
    let is_registered =
        matches!(&registered, Channel::RestHook(hook) if hook.endpoint == asked.endpoint);
    if !is_registered {
        return Err(Refusal::Subscription(SubscriptionError {
            element: "Subscription.channel.endpoint",
            expected: "the endpoint that is registered with the operator for this authority",
        }));
    }
    let now = service.clock.now();
    let made = Subscription {
        id: identifiers::id_of(now),
        authority,
        status: SubscriptionStatus::Requested,
        endpoint: asked.endpoint,
        content: asked.content,
        heartbeat_seconds: asked.heartbeat_seconds,
        reason: asked.reason,
        version: 1,
        updated_at: now,
        events: 0,
        sent_at: None,
        attempts: 0,
        error: None,
    };
    let held = made.clone();
    let is_made = store
        .transaction(move |postgres| subscriptions::create(postgres, &held))
        .await?;
    if !is_made {
        return Err(Refusal::SubscriptionThere);
    }
    info!(subscription.id = %made.id, authority.id = %authority, "Made a subscription");
    let location = format!("{}/Subscription/{}", service.base, made.id);
    let told = answer(Resource::Subscription(Box::new(subscription(&made))));
    let mut response = told.response(form)?;
    response.head_mut().status = StatusCode::CREATED;
    // A base URL was checked to be ASCII when the settings were read, and so is an id.
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
