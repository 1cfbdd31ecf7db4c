//! Whether the client is who it says it is: its assertion is signed by one of its registered keys,
//! is for this endpoint, and was never used before.

use chrono::{DateTime, Utc};
use tracing::warn;

use crate::api::issue_token::asked::TokenRequest;
use crate::api::issuer_tokens::proven_by_client;
use crate::api::oauth_error::OAuthError;
use crate::api::register::Registered;
use crate::api::service::Service;
use crate::domain::client::{Client, FrontDoor};
use crate::identity::{Assertion, PresentedAssertion, TokenError};
use crate::store::used_assertions;

/// How far a client's clock and ours may differ, in seconds.
const LEEWAY_SECONDS: u32 = 10;

/// The client that an assertion proves, and what the assertion is known by.
///
/// # Errors
/// [`OAuthError`] when it proves none.
pub async fn authenticated<'register>(
    service: &Service,
    registered: &'register Registered,
    asked: &TokenRequest,
    (endpoint, now): (&str, DateTime<Utc>),
) -> Result<(&'register Client, Assertion), OAuthError> {
    let presented =
        PresentedAssertion::read(&asked.assertion).map_err(OAuthError::InvalidClient)?;
    let id = presented.client_id();
    if asked
        .client_id
        .as_deref()
        .is_some_and(|beside| beside != id)
    {
        return Err(OAuthError::InvalidClient(TokenError::TwoClients));
    }
    let client = registered.client(id).filter(|registered| {
        let client = &registered.client;
        client.front_door == FrontDoor::TokenService && !client.is_revoked
    });
    let client = client.ok_or(OAuthError::UnknownClient)?;
    let keys = client.keys.as_ref().ok_or_else(|| {
        warn!(client.id = %client.client.id, "A client has no keys that can be used");
        OAuthError::InvalidClient(TokenError::UnknownKey)
    })?;
    let proven = proven_by_client(service, (keys, now), |keys| {
        presented.verify(keys, endpoint, now, LEEWAY_SECONDS)
    });
    let proven = proven.await.map_err(OAuthError::InvalidClient)?;
    Ok((&client.client, proven))
}

/// Uses an assertion up.
///
/// # Errors
/// [`OAuthError::UsedBefore`], in whichever process that was.
pub async fn used_once(
    service: &Service,
    client: &Client,
    proven: Assertion,
) -> Result<(), OAuthError> {
    let client_id = client.id.clone();
    let is_first = service
        .query
        .run(move |postgres| {
            let id = client_id.as_str();
            used_assertions::use_once(postgres, id, &proven.token_id, proven.expires_at)
        })
        .await?;
    match is_first {
        true => Ok(()),
        false => Err(OAuthError::UsedBefore),
    }
}
