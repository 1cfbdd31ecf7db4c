//! A bearer token: our own token service's, or the outside issuer's
//! (<https://www.rfc-editor.org/rfc/rfc6750#section-2.1>).

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use chrono::{DateTime, Utc};

use crate::api::error::Refusal;
use crate::api::front_door::Presented;
use crate::api::issuer_tokens::proven_by_issuer;
use crate::api::service::Service;
use crate::domain::client::FrontDoor;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::identity::{TokenError, VerifiedToken};

/// What a request's token proves.
///
/// # Errors
/// [`Refusal`] when there is none, or none that proves anything.
pub async fn presented(
    request: &HttpRequest,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<Presented, Refusal> {
    let token = bearer(request.headers())?;
    let (door, token) = verified(token, service, now)
        .await
        .map_err(Refusal::BadToken)?;
    let organisation = OdsCode::parse(&token.organisation)
        .ok()
        .ok_or(Refusal::BadToken(TokenError::ClaimMalformed("org_code")))?;
    let client_id = token.client_id.clone();
    Ok(Presented {
        door,
        client_id: client_id.ok_or(Refusal::BadToken(TokenError::ClaimMissing("client_id")))?,
        organisation,
        practitioner: token.practitioner.clone(),
        activities: token.activities.clone(),
        scopes: Scopes::claimed(token.scopes.iter().map(String::as_str)),
        certificate: token.certificate,
    })
}

/// A token is our own where its key is, and the outside issuer's otherwise.
async fn verified(
    token: &str,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<(FrontDoor, Arc<VerifiedToken>), TokenError> {
    let own = service.tokens.as_ref().map(|own| own.verify(token, now));
    match own {
        None | Some(Err(TokenError::UnknownKey)) => {
            let proven = proven_by_issuer(service, now, |issuer| issuer.verify(token, now));
            Ok((FrontDoor::Issuer, proven.await?))
        }
        Some(own) => Ok((FrontDoor::TokenService, own?)),
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
