//! Tokens of the outside issuer: where one comes by a key that is not known, the issuer's keys are
//! asked for again before it is refused.

use chrono::{DateTime, Utc};

use crate::api::service::Service;
use crate::identity::{TokenError, Verifier};

/// What a token of the outside issuer proves, as it is verified.
///
/// # Errors
/// [`TokenError`] as the verifier has it.
pub async fn proven_by_issuer<Proven>(
    service: &Service,
    now: DateTime<Utc>,
    verify: impl Fn(&Verifier) -> Result<Proven, TokenError>,
) -> Result<Proven, TokenError> {
    let proven = verify(&service.verifier);
    let (Err(TokenError::UnknownKey | TokenError::NoKeys), Some(keys)) =
        (&proven, &service.followed_keys)
    else {
        return proven;
    };
    match service.key_sets.look_for_key(keys, now).await {
        true => verify(&service.verifier),
        false => proven,
    }
}
