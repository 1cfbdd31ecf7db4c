//! From what a request proves: who is asking, and what their role allows. A caller who may not do
//! what was asked is put into the security log.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use tracing::{error, warn};

use crate::api::address::address;
use crate::api::error::Refusal;
use crate::api::front_door::{Presented, presented};
use crate::api::peer::peer_certificate;
use crate::api::register::Registered;
use crate::api::request_id::request_id;
use crate::api::service::Service;
use crate::domain::authorisation::{Grant, Role, decide};
use crate::domain::caller::{Caller, CallerRefusal, Viewer};
use crate::domain::care_setting::{Declared, ViewActivities};
use crate::domain::client::{Client, FrontDoor, UnregisteredClients};
use crate::domain::scope::Scopes;
use crate::identity::TokenError;
use crate::routes::authorisation;
use crate::store::identifiers;
use crate::store::security_log::{AskedBy, Refused};

/// The header in which a caller declares the care setting.
pub const CARE_SETTING_HEADER: &str = "IsUnscheduledAccessEvent";

/// A caller who may ask what is asked, and of what they are told.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Who is asking.
    pub caller: Caller,
    /// As whom, and of what they are told.
    pub grant: Grant,
}

/// Who is asking, where the table of authorisation grants them what they ask: the one place where
/// that is decided.
///
/// # Errors
/// [`Refusal`] when there is no token, or none that proves anything, or the client or the role may
/// not ask; such a caller is in the security log.
pub async fn admitted(request: &HttpRequest, service: &Service) -> Result<Admitted, Refusal> {
    let now = service.clock.now();
    let registered = service.register.current(&service.query, now).await?;
    let caller = proven(request, service, (&registered, now)).await?;
    match granted(&caller, request, &registered) {
        Ok(grant) => Ok(Admitted { caller, grant }),
        Err(refusal) => Err(refuse(request, service, caller, refusal).await),
    }
}

/// The caller that a request proves, of a client that is registered as it comes.
async fn proven(
    request: &HttpRequest,
    service: &Service,
    (registered, now): (&Registered, DateTime<Utc>),
) -> Result<Caller, Refusal> {
    let presented = match presented(request, service, (registered, now)).await {
        Ok(presented) => presented,
        Err(refusal) => {
            if let Some(reason) = refusal.of_a_stranger() {
                log_refused(request, service, AskedBy::default(), reason).await;
            }
            return Err(refusal);
        }
    };
    let certificate = presented.certificate;
    let (caller, refusal) = known(presented, registered, service.unregistered_clients);
    if let Some(refusal) = refusal {
        return Err(refuse(request, service, caller, refusal).await);
    }
    let registered = registered.client(&caller.client_id);
    let wanted = [
        certificate,
        registered.and_then(|registered| registered.client.certificate),
    ];
    let came_with = peer_certificate(request);
    if wanted
        .into_iter()
        .flatten()
        .any(|one| came_with != Some(one))
    {
        log_refused(request, service, caller, "wrong-certificate").await;
        return Err(Refusal::BadToken(TokenError::WrongCertificate));
    }
    Ok(caller)
}

/// What the table grants a caller of what is asked.
fn granted(
    caller: &Caller,
    request: &HttpRequest,
    registered: &Registered,
) -> Result<Grant, CallerRefusal> {
    let path = request.match_pattern().unwrap_or_default();
    let rule = authorisation::of_request(request.method().as_str(), &path);
    // What is not in the table is nothing that a scope was given for.
    let rule = rule.ok_or(CallerRefusal::ScopeTooNarrow)?;
    caller.check_scopes(&rule.needed)?;
    let organisation = registered.organisation(&caller.organisation);
    decide(caller, organisation, rule.grants)
}

/// The caller that is presented, and why the register does not know it.
fn known(
    presented: Presented,
    registered: &Registered,
    unregistered: UnregisteredClients,
) -> (Caller, Option<CallerRefusal>) {
    let client = registered
        .client(&presented.client_id)
        .map(|registered| &registered.client);
    let is_alone = presented.practitioner.is_none();
    let unattended = client.and_then(|client| client.unattended.clone());
    let unattended = unattended.filter(|_| is_alone);
    let mut caller = Caller {
        client_id: presented.client_id,
        organisation: presented.organisation,
        practitioner: presented.practitioner,
        activities: ViewActivities::among(presented.activities.iter().map(String::as_str)),
        responsible: None,
        scopes: presented.scopes,
    };
    if let Some(unattended) = unattended {
        caller.activities = unattended.activities;
        caller.responsible = Some(unattended.responsible);
    }
    let refusal = match client {
        None if presented.door == FrontDoor::Issuer
            && unregistered == UnregisteredClients::Admitted =>
        {
            None
        }
        Some(client) if client.is_revoked || client.front_door != presented.door => {
            Some(CallerRefusal::UnknownClient)
        }
        None => Some(CallerRefusal::UnknownClient),
        Some(client) => {
            caller.scopes = held_to(client, &caller);
            let may = client.may_ask_for(&caller.organisation);
            (!may).then_some(CallerRefusal::NotTheClientsOrganisation)
        }
    };
    (caller, refusal)
}

/// A token is for no more than its client is registered for.
fn held_to(client: &Client, caller: &Caller) -> Scopes {
    match client.scopes.is_empty() {
        true => caller.scopes.clone(),
        false => caller.scopes.within(&client.scopes),
    }
}

/// A caller as a person who may look at plans.
///
/// # Errors
/// [`Refusal`] when the role, the organisation or the declared care setting is not good enough; a
/// refused caller is in the security log.
pub async fn viewer_of(
    request: &HttpRequest,
    service: &Service,
    caller: &Caller,
) -> Result<Viewer, Refusal> {
    let declared = request
        .headers()
        .get_all(CARE_SETTING_HEADER)
        .map(actix_web::http::header::HeaderValue::as_bytes);
    let declared = Declared::parse(declared)?;
    let now = service.clock.now();
    let registered = service.register.current(&service.query, now).await?;
    let organisation = registered.organisation(&caller.organisation);
    match caller.viewer(organisation, declared) {
        Ok(viewer) => Ok(viewer),
        Err(refusal) => Err(refuse(request, service, caller.clone(), refusal).await),
    }
}

/// Who is asking, where only a local authority's system may that tells plans.
///
/// # Errors
/// As [`admitted`].
pub async fn uploader(request: &HttpRequest, service: &Service) -> Result<Caller, Refusal> {
    let Admitted { caller, grant } = admitted(request, service).await?;
    match grant.role {
        Role::Uploader => Ok(caller),
        _ => Err(refuse(request, service, caller, CallerRefusal::NotALocalAuthority).await),
    }
}

/// Puts a refused caller into the security log. The refusal stands even where that fails.
pub async fn refuse(
    request: &HttpRequest,
    service: &Service,
    caller: Caller,
    refusal: CallerRefusal,
) -> Refusal {
    log_refused(request, service, caller, refusal.code()).await;
    Refusal::Caller(refusal)
}

/// Puts a refusal into the security log, of whoever was proven to ask. Where that fails, the
/// service's own log says so.
pub async fn log_refused(
    request: &HttpRequest,
    service: &Service,
    asked_by: impl Into<AskedBy>,
    reason: &'static str,
) {
    let at = service.clock.now();
    let refused = Refused {
        id: identifiers::id_of(at),
        at,
        request_id: request_id(request),
        route: format!(
            "{} {}",
            request.method(),
            request.match_pattern().as_deref().unwrap_or("none")
        ),
        reason,
        asked_by: asked_by.into(),
        address: address(request, service).await,
    };
    warn!(reason, "Refused a caller");
    if let Err(cause) = service.security_log.add(refused).await {
        error!(cause = %cause, "A refused caller could not be put into the security log");
    }
}
