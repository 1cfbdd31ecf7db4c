//! The three ways in which a request proves who is asking, each ending in the same [`Presented`]: a
//! token of our own token service, a token of the outside issuer, or the headers of a gateway that
//! is known by its certificate. Which of them it came by changes nothing behind this module.

mod bearer;
mod gateway;

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};

use crate::api::error::Refusal;
use crate::api::peer::peer_certificate;
use crate::api::register::Registered;
use crate::api::service::Service;
use crate::domain::caller::Practitioner;
use crate::domain::client::FrontDoor;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::domain::thumbprint::Thumbprint;

/// What a request proves, before the register is asked about it.
#[derive(Debug)]
pub struct Presented {
    /// By which way it was proven.
    pub door: FrontDoor,
    /// The software.
    pub client_id: String,
    /// The organisation it speaks for.
    pub organisation: OdsCode,
    /// The person it speaks for.
    pub practitioner: Option<Practitioner>,
    /// The activities of the person's role, by code.
    pub activities: Vec<String>,
    /// What it is for.
    pub scopes: Scopes,
    /// The certificate that what proves it is bound to.
    pub certificate: Option<Thumbprint>,
}

/// What a request proves.
///
/// # Errors
/// [`Refusal`] when it proves nothing.
pub async fn presented(
    request: &HttpRequest,
    service: &Service,
    (registered, now): (&Registered, DateTime<Utc>),
) -> Result<Presented, Refusal> {
    let gateway = peer_certificate(request).and_then(|peer| registered.gateway(peer));
    match gateway {
        Some(gateway) if gateway::speaks_for_a_user(request.headers()) => {
            gateway::presented(request.headers(), gateway, registered)
        }
        _ => bearer::presented(request, service, now).await,
    }
}
