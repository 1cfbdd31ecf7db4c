//! From what a request proves: who is asking, and what their role allows. A caller who may not do
//! what was asked is put into the security log.

use actix_web::HttpRequest;
use tracing::{error, warn};

use crate::api::error::Refusal;
use crate::api::front_door::{Presented, presented};
use crate::api::peer::peer_certificate;
use crate::api::register::Registered;
use crate::api::request_id::request_id;
use crate::api::service::Service;
use crate::domain::caller::{Caller, CallerRefusal, Viewer};
use crate::domain::care_setting::{Declared, ViewActivities};
use crate::domain::client::{Client, FrontDoor};
use crate::domain::scope::Scopes;
use crate::identity::TokenError;
use crate::routes::scopes;
use crate::store::identifiers;
use crate::store::security_log::{self, AskedBy, Refused};

/// The header in which a caller declares the care setting.
pub const CARE_SETTING_HEADER: &str = "IsUnscheduledAccessEvent";

/// Who is asking.
///
/// # Errors
/// [`Refusal`] when there is no token, or none that proves anything, or the client may not ask;
/// such a client is in the security log.
pub async fn caller(request: &HttpRequest, service: &Service) -> Result<Caller, Refusal> {
    let now = service.clock.now();
    let registered = service.register.current(&service.query, now).await?;
    let presented = presented(request, service, (&registered, now))?;
    let certificate = presented.certificate;
    let (caller, refusal) = admitted(presented, &registered);
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
    if !covers(&caller, request) {
        let refusal = CallerRefusal::ScopeTooNarrow;
        return Err(refuse(request, service, caller, refusal).await);
    }
    Ok(caller)
}

/// Whether the scopes cover what the request is, by its line of the route table.
fn covers(caller: &Caller, request: &HttpRequest) -> bool {
    let path = request.match_pattern().unwrap_or_default();
    let needed = scopes::needed(request.method().as_str(), &path);
    // What is not in the table is nothing that a scope was given for.
    let is_covered = |needed: &[scopes::Needed]| {
        needed
            .iter()
            .all(|(kind, permission)| caller.may(kind, *permission))
    };
    needed.is_some_and(is_covered)
}

/// The caller that a request proves, and why the register does not admit it.
fn admitted(presented: Presented, registered: &Registered) -> (Caller, Option<CallerRefusal>) {
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
        // The outside issuer registers its clients itself; here it can only be narrowed.
        None if presented.door == FrontDoor::Issuer => None,
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

/// Who is asking, as a local authority's system that may upload plans.
///
/// # Errors
/// As [`caller`], and when the caller may not upload.
pub async fn uploader(request: &HttpRequest, service: &Service) -> Result<Caller, Refusal> {
    let caller = caller(request, service).await?;
    if caller.may_upload() {
        return Ok(caller);
    }
    Err(refuse(request, service, caller, CallerRefusal::NotALocalAuthority).await)
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

/// Puts a caller into the security log who was refused for this reason. Where that fails, the
/// service's own log says so.
pub async fn log_refused(
    request: &HttpRequest,
    service: &Service,
    caller: Caller,
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
        asked_by: AskedBy::from(caller),
    };
    warn!(reason, "Refused a caller");
    let logged = service
        .query
        .run(move |postgres| security_log::add(postgres, &refused))
        .await;
    if let Err(cause) = logged {
        error!(cause = %cause, "A refused caller could not be put into the security log");
    }
}
