//! Who may issue tokens: the outside issuer, and our own token service.

use std::sync::Arc;

use super::{StartError, read, secret};
use crate::identity::{
    HeldKeys, Jwks, TOKEN_LIFETIME_MAX, TokenService, Verifier, VerifierSettings,
};
use crate::key_sets::{FollowedKeys, KeySets};
use crate::routes::BASE_PATH;
use crate::settings::Settings;

/// How far the clocks of the token issuer and of this machine may differ, in seconds (FAPI 2.0
/// accepts at least 10).
const TOKEN_LEEWAY_SECONDS: u32 = 10;

/// The keys of the outside issuer, where they are followed at a URL.
#[must_use]
pub fn followed(settings: &Settings, key_sets: &KeySets) -> Option<Arc<FollowedKeys>> {
    let url = settings.key_sets.token_keys_url.as_ref();
    url.map(|url| key_sets.follow(url))
}

/// The keys of the outside issuer, as they are held.
///
/// # Errors
/// [`StartError`] when they are not followed, and their file is not set or cannot be used.
pub fn issuer_keys(
    settings: &Settings,
    followed: Option<&FollowedKeys>,
) -> Result<Arc<HeldKeys>, StartError> {
    if let Some(followed) = followed {
        return Ok(Arc::clone(&followed.held));
    }
    let keys = read("token_keys_file", settings.token_keys_file()?)?;
    Ok(Arc::new(HeldKeys::fixed(Jwks::from_json(&keys)?)))
}

/// The verifier of the outside issuer's tokens.
///
/// # Errors
/// [`StartError`] when a setting is missing.
pub fn verifier(settings: &Settings, keys: Arc<HeldKeys>) -> Result<Verifier, StartError> {
    Ok(Verifier::new(VerifierSettings {
        issuer: settings.token_issuer()?.to_owned(),
        audience: settings.token_audience()?.to_owned(),
        keys,
        leeway_seconds: TOKEN_LEEWAY_SECONDS,
        lifetime_max: TOKEN_LIFETIME_MAX,
        // An id token is taken as well as an access token, of an issuer that names neither's type.
        required_type: None,
        assurance_min: settings.callers.assurance_min(),
    }))
}

/// Our own token service, where it has a key. Its issuer is the root of the base that callers know.
///
/// # Errors
/// [`StartError`] when its keys cannot be used.
pub fn tokens(settings: &Settings, base: &str) -> Result<Option<TokenService>, StartError> {
    let Some(file) = settings.token_service_key_file.as_deref() else {
        return Ok(None);
    };
    let key = secret("token_service_key_file", file)?;
    let others = settings.token_service_other_keys_file.as_deref();
    let others = others.map(|file| read("token_service_other_keys_file", file));
    let root = base.strip_suffix(BASE_PATH).unwrap_or(base);
    let named = (root.to_owned(), base.to_owned());
    let others = others.transpose()?;
    let service = TokenService::new(
        named,
        key.as_bytes(),
        others.as_deref(),
        TOKEN_LEEWAY_SECONDS,
    );
    Ok(Some(service?))
}
