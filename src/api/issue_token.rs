//! `POST /oauth2/token`: a client proves who it is with an assertion, and is given an access token
//! for itself, or for a person whose id token it brings
//! (<https://www.rfc-editor.org/rfc/rfc6749#section-4.4>,
//! <https://www.rfc-editor.org/rfc/rfc7523#section-2.2>,
//! <https://www.rfc-editor.org/rfc/rfc8693#section-2>).

mod asked;
mod authentication;
mod grant;

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use tracing::info;

pub use self::asked::NAMES;
use self::asked::TokenRequest;
use self::authentication::{authenticated, used_once};
use self::grant::{Granted, granted};
use crate::api::body;
use crate::api::caller::log_refused;
use crate::api::error::Refusal;
use crate::api::oauth_error::OAuthError;
use crate::api::peer::peer_certificate;
use crate::api::service::Service;
use crate::domain::client::Client;
use crate::domain::thumbprint::Thumbprint;
use crate::identity::{AccessToken, TokenService};
use crate::store::StoreError;
use crate::store::identifiers::id_of;
use crate::store::security_log::AskedBy;

/// Where the token endpoint is, from the root of the server.
pub const TOKEN_PATH: &str = "/oauth2/token";

/// Where the token endpoint of a token service is, as callers and their assertions name it.
#[must_use]
pub fn endpoint(tokens: &TokenService) -> String {
    format!("{}{TOKEN_PATH}", tokens.issuer())
}

/// The longest request taken, in bytes: an assertion and an id token, each of the longest.
const BYTES_MAX: usize = 48 * 1024;

/// Issues a token.
///
/// # Errors
/// [`Refusal`] where there is no token service, or the body cannot be read; what else is wrong is
/// answered as OAuth has it.
pub async fn issue_token(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let tokens = service.tokens.as_ref().ok_or(Refusal::NoSuchPath)?;
    if body::media_type(&request) != "application/x-www-form-urlencoded" {
        return Err(Refusal::MediaType("application/x-www-form-urlencoded"));
    }
    let body = body::read(&request, payload, BYTES_MAX).await?;
    let certificate = peer_certificate(&request);
    match issued(&service, tokens, &body, certificate).await {
        Ok(issued) => {
            service.metrics.tokens.one("issued");
            Ok(issued)
        }
        Err(NotIssued { why, asked_by }) => {
            service.metrics.tokens.one(why.code());
            if let Some(reason) = why.reason() {
                log_refused(&request, &service, asked_by, reason).await;
            }
            Ok(why.response())
        }
    }
}

/// Why no token is issued, and who asked, where that was proven.
struct NotIssued {
    why: OAuthError,
    asked_by: AskedBy,
}

impl From<OAuthError> for NotIssued {
    fn from(why: OAuthError) -> Self {
        Self {
            why,
            asked_by: AskedBy::default(),
        }
    }
}

impl From<StoreError> for NotIssued {
    fn from(error: StoreError) -> Self {
        OAuthError::from(error).into()
    }
}

async fn issued(
    service: &Service,
    tokens: &TokenService,
    body: &[u8],
    certificate: Option<Thumbprint>,
) -> Result<HttpResponse, NotIssued> {
    let asked = TokenRequest::read(body)?;
    let now = service.clock.now();
    let endpoint = endpoint(tokens);
    let registered = service.register.current(&service.query, now).await?;
    let (client, assertion) = authenticated(service, &registered, &asked, (&endpoint, now)).await?;
    let refused = |why| NotIssued {
        why,
        asked_by: AskedBy::from(client),
    };
    used_once(service, client, assertion)
        .await
        .map_err(refused)?;
    check_certificate(client, certificate).map_err(refused)?;
    let Granted {
        organisation,
        person,
        scopes,
        until,
    } = granted(service, client, &asked, now)
        .await
        .map_err(refused)?;
    let access = AccessToken {
        id: id_of(now),
        client_id: &client.id,
        organisation: &organisation,
        person: person.as_ref().map(|(who, may)| (who, may.as_slice())),
        scopes: &scopes,
        certificate,
        until,
    };
    let (token, seconds) = tokens
        .sign(&access, now)
        .map_err(|_cause| refused(OAuthError::Unsigned))?;
    info!(client.id = %client.id, token.id = %access.id, "Issued a token");
    let mut answer = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": scopes.to_string(),
    });
    if let (Some(kind), Some(members)) = (asked.issued_token_type(), answer.as_object_mut()) {
        members.insert("issued_token_type".to_owned(), kind.into());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(answer))
}

/// A client that is bound to a certificate must come with it; a token is bound to whichever it came
/// with.
fn check_certificate(client: &Client, came_with: Option<Thumbprint>) -> Result<(), OAuthError> {
    match client.certificate {
        Some(wanted) if came_with != Some(wanted) => Err(OAuthError::InvalidClient(
            crate::identity::TokenError::WrongCertificate,
        )),
        _ => Ok(()),
    }
}
