//! Who may issue tokens: the outside issuer, and our own token service.

use super::{StartError, read};
use crate::identity::{Jwks, TOKEN_LIFETIME_MAX, TokenService, Verifier, VerifierSettings};
use crate::routes::BASE_PATH;
use crate::settings::Settings;

/// How far the clocks of the token issuer and of this machine may differ, in seconds (FAPI 2.0
/// accepts at least 10).
const TOKEN_LEEWAY_SECONDS: u32 = 10;

/// The verifier of the outside issuer's tokens.
///
/// # Errors
/// [`StartError`] when a setting is missing, or its keys cannot be used.
pub fn verifier(settings: &Settings) -> Result<Verifier, StartError> {
    let keys = read("token_keys_file", settings.token_keys_file()?)?;
    Ok(Verifier::new(VerifierSettings {
        issuer: settings.token_issuer()?.to_owned(),
        audience: settings.token_audience()?.to_owned(),
        keys: Jwks::from_json(&keys)?,
        leeway_seconds: TOKEN_LEEWAY_SECONDS,
        lifetime_max: TOKEN_LIFETIME_MAX,
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
    let key = read("token_service_key_file", file)?;
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
