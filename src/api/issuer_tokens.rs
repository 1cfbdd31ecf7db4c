//! Tokens of others, the outside issuer's and clients' assertions: where one comes by a key that is
//! not known, and the keys are followed at a URL, they are asked for again before it is refused.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::api::register::RegisteredKeys;
use crate::api::service::Service;
use crate::identity::{Jwks, TokenError, Verifier};
use crate::key_sets::FollowedKeys;

/// What a token of the outside issuer proves, as it is verified.
///
/// # Errors
/// [`TokenError`] as the verifier has it.
pub async fn proven_by_issuer<Proven>(
    service: &Service,
    now: DateTime<Utc>,
    verify: impl Fn(&Verifier) -> Result<Proven, TokenError>,
) -> Result<Proven, TokenError> {
    let followed = service.followed_keys.as_ref();
    again(service, (followed, now), || verify(&service.verifier)).await
}

/// What a client's assertion proves, as it is verified.
///
/// # Errors
/// [`TokenError`] as it is verified, and where the client's keys are not known at present.
pub async fn proven_by_client<Proven>(
    service: &Service,
    (keys, now): (&RegisteredKeys, DateTime<Utc>),
    verify: impl Fn(&Jwks) -> Result<Proven, TokenError>,
) -> Result<Proven, TokenError> {
    let verify = || match keys.held.current(now) {
        Some(keys) => verify(&keys),
        None => Err(TokenError::NoKeys),
    };
    again(service, (keys.followed.as_ref(), now), verify).await
}

async fn again<Proven>(
    service: &Service,
    (followed, now): (Option<&Arc<FollowedKeys>>, DateTime<Utc>),
    verify: impl Fn() -> Result<Proven, TokenError>,
) -> Result<Proven, TokenError> {
    let proven = verify();
    let (Err(TokenError::UnknownKey | TokenError::NoKeys), Some(followed)) = (&proven, followed)
    else {
        return proven;
    };
    match service.key_sets.look_for_key(followed, now).await {
        true => verify(),
        false => proven,
    }
}
