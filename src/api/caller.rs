//! From the verified token: who is asking, and what their role allows. A caller who may not do what
//! was asked is put into the security log.

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use tracing::{error, warn};

use crate::api::error::Refusal;
use crate::api::request_id::request_id;
use crate::api::service::Service;
use crate::domain::caller::{Caller, CallerRefusal, NOTIFICATIONS_SCOPE, UPLOAD_SCOPE, Viewer};
use crate::domain::care_setting::{Declared, ViewActivities};
use crate::domain::ods_code::OdsCode;
use crate::identity::{TokenError, VerifiedToken};
use crate::store::identifiers;
use crate::store::security_log::{self, AskedBy, Refused};

/// The header in which a caller declares the care setting.
pub const CARE_SETTING_HEADER: &str = "IsUnscheduledAccessEvent";

/// Who is asking.
///
/// # Errors
/// [`Refusal`] when there is no token, or none that proves anything.
pub fn caller(request: &HttpRequest, service: &Service) -> Result<Caller, Refusal> {
    let token = bearer(request.headers())?;
    let verified = service
        .verifier
        .verify(token, service.clock.now())
        .map_err(Refusal::BadToken)?;
    caller_of(&verified)
}

/// Who is asking, as a person who may look at plans.
///
/// # Errors
/// [`Refusal`] when the token, the role, the organisation or the declared care setting is not good
/// enough; a refused caller is in the security log.
pub async fn viewer(request: &HttpRequest, service: &Service) -> Result<Viewer, Refusal> {
    viewer_of(request, service, caller(request, service)?).await
}

/// A caller as a person who may look at plans.
///
/// # Errors
/// As [`viewer`].
pub async fn viewer_of(
    request: &HttpRequest,
    service: &Service,
    caller: Caller,
) -> Result<Viewer, Refusal> {
    let declared = request
        .headers()
        .get_all(CARE_SETTING_HEADER)
        .map(actix_web::http::header::HeaderValue::as_bytes);
    let declared = Declared::parse(declared)?;
    let organisation = service
        .register
        .organisation(&service.query, &caller.organisation)
        .await?;
    match caller.viewer(organisation.as_ref(), declared) {
        Ok(viewer) => Ok(viewer),
        Err(refusal) => Err(refuse(request, service, caller, refusal).await),
    }
}

/// Who is asking, as a local authority's system that may upload plans.
///
/// # Errors
/// As [`viewer`].
pub async fn uploader(request: &HttpRequest, service: &Service) -> Result<Caller, Refusal> {
    let caller = caller(request, service)?;
    if caller.may_upload {
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

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Refusal::NoToken);
    };
    let value = value.to_str().ok().ok_or(Refusal::NoToken)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token),
        _ => Err(Refusal::NoToken),
    }
}

fn caller_of(token: &VerifiedToken) -> Result<Caller, Refusal> {
    let organisation = OdsCode::parse(&token.organisation)
        .ok()
        .ok_or(Refusal::BadToken(TokenError::ClaimMalformed("org_code")))?;
    // A scope is a system's: a person who was given it by mistake can do nothing with it.
    let has = |wanted: &str| {
        token.practitioner.is_none() && token.scopes.iter().any(|scope| scope == wanted)
    };
    Ok(Caller {
        client_id: token.client_id.clone(),
        organisation,
        practitioner: token.practitioner.clone(),
        activities: ViewActivities::among(token.activities.iter().map(String::as_str)),
        may_upload: has(UPLOAD_SCOPE),
        may_read_notifications: has(NOTIFICATIONS_SCOPE),
    })
}
