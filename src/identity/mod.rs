//! Who is asking: verifies a bearer JWT (RFC 7519, in RFC 7515's compact form) and says, typed,
//! what it claims. Nothing here knows HTTP or a database.
//!
//! The three parts are verified with openssl directly and not through `jsonwebtoken`. That crate
//! reads `crit` and `jwk` and acts on neither, and does not see a repeated member of the claims, so
//! that readers of ours had to come before it; its provider is one per process, and panics where
//! none was installed; it is given a key's bytes anew for every token, where openssl wants a parsed
//! key kept; and its time checks ask the system clock. What it would have left to do is here.
//!
//! Best practices: <https://www.rfc-editor.org/rfc/rfc8725>

mod algorithm;
mod assertion;
mod assurance;
mod claim_values;
mod claims;
mod compact;
mod error;
#[cfg(test)]
mod forgeries;
mod header;
mod held_keys;
mod keys;
mod lifetime;
mod peer_certificate;
mod practitioner;
mod signature;
mod signing_key;
mod strict_json;
mod token_service;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::sha::Sha256;
use quick_cache::sync::Cache;

pub use self::algorithm::Algorithm;
pub use self::assertion::{Assertion, PresentedAssertion};
pub use self::assurance::AssuranceLevel;
pub use self::claims::VerifiedToken;
pub use self::error::TokenError;
pub use self::header::TokenType;
pub use self::held_keys::HeldKeys;
pub use self::keys::{Jwks, JwksError};
pub use self::peer_certificate::PeerCertificate;
pub use self::signing_key::SigningKey;
pub use self::token_service::{AccessToken, TokenService, TokenServiceError};

/// The longest token looked at, in bytes: a CIS2 token with 64 roles is half of it.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Verified tokens remembered: more than the practitioners of a busy five minutes in England,
/// at about a kilobyte each.
const REMEMBERED_TOKENS_MAX: usize = 10_000;

/// The longest that a token of an outside issuer may be valid: CIS2's last an hour or less.
pub const TOKEN_LIFETIME_MAX: TimeDelta = TimeDelta::hours(1);

/// How far ahead `iat` may be: beyond a minute a clock is broken (FAPI 2.0 says to refuse).
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);

/// What a [`Verifier`] holds a token to.
#[derive(Debug)]
pub struct VerifierSettings {
    /// What `iss` must be, exactly.
    pub issuer: String,
    /// What `aud` must be, or contain, exactly.
    pub audience: String,
    /// The issuer's public keys.
    pub keys: Arc<HeldKeys>,
    /// How far the issuer's clock and ours may differ, in seconds, where `exp` and `nbf` are read.
    pub leeway_seconds: u32,
    /// The longest that a token may be valid.
    pub lifetime_max: TimeDelta,
    /// What `typ` must say, where it may not be left out.
    pub required_type: Option<TokenType>,
    /// How strongly a person must have signed in at least, where that is asked.
    pub assurance_min: Option<AssuranceLevel>,
}

/// A token whose signature held by a key of this set.
type Seen = (Arc<Jwks>, Arc<VerifiedToken>);

/// Verifies tokens, and remembers those whose signature it has verified.
#[derive(Debug)]
pub struct Verifier {
    settings: VerifierSettings,
    verified: Cache<[u8; 32], Seen>,
}

impl Verifier {
    /// A verifier that has seen no token yet.
    #[must_use]
    pub fn new(settings: VerifierSettings) -> Self {
        Self {
            settings,
            verified: Cache::new(REMEMBERED_TOKENS_MAX),
        }
    }

    /// Says what `token` (without `Bearer `) claims, if it is genuine, meant for us, and current at
    /// `now`. A token seen before skips its signature and is checked against `now` all the same.
    ///
    /// # Errors
    /// The first thing found wrong with it, in words that hold nothing of the token.
    pub fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        let verified = self.of_issuer(token, now)?;
        verified.is_for(&self.settings.audience)?;
        match verified.client_id {
            Some(_) => Ok(verified),
            None => Err(TokenError::ClaimMissing("client_id")),
        }
    }

    /// Says whom an id token speaks of, if it is genuine, current, and was issued to this client:
    /// `aud` holds the client or us, and whatever else names a client names this one
    /// (<https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation>).
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_id_token(
        &self,
        token: &str,
        client_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        let verified = self.of_issuer(token, now)?;
        if verified.token_type() == Some(TokenType::AccessToken) {
            return Err(TokenError::HeaderMemberUnusable("typ"));
        }
        match verified.is_for(client_id) {
            Ok(()) => {}
            // An audience of ours does not say to whom it was issued: then a claim must.
            Err(_) if verified.client_id.is_some() => verified.is_for(&self.settings.audience)?,
            Err(refused) => return Err(refused),
        }
        match &verified.client_id {
            Some(named) if named != client_id => Err(TokenError::AnotherClients),
            _ => Ok(verified),
        }
    }

    fn of_issuer(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<VerifiedToken>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        // The digest is of the whole token, signature included: another signature is another token.
        let digest = digest_of(token);
        let keys = self.settings.keys.current(now).ok_or(TokenError::NoKeys)?;
        // A key may have been taken back since: what was seen by another set is looked at anew.
        if let Some((by, seen)) = self.verified.get(&digest)
            && by == keys
        {
            return self.current(seen, now);
        }
        let token = self.current(Arc::new(self.genuine(token, &keys)?), now)?;
        self.verified.insert(digest, (keys, Arc::clone(&token)));
        Ok(token)
    }

    /// Nothing of the claims is read before the signature holds.
    fn genuine(&self, token: &str, keys: &Jwks) -> Result<VerifiedToken, TokenError> {
        let parts = compact::parts(token)?;
        let header = header::header(&parts.header)?;
        let key = keys.find(&header.key_id).ok_or(TokenError::UnknownKey)?;
        if key.algorithm() != header.algorithm {
            return Err(TokenError::AlgorithmNotTheKeys);
        }
        if !key.signed(parts.signed, &parts.signature) {
            return Err(TokenError::WrongSignature);
        }
        let required = self.settings.required_type;
        if required.is_some() && header.token_type != required {
            return Err(TokenError::HeaderMemberUnusable("typ"));
        }
        let token = claims::verified_token(
            (&parts.claims, header.token_type),
            &self.settings.issuer,
            self.settings.lifetime_max,
        )?;
        match token.practitioner.is_some() && token.assurance < self.settings.assurance_min {
            true => Err(TokenError::AssuranceTooLow),
            false => Ok(token),
        }
    }

    fn current(
        &self,
        token: Arc<VerifiedToken>,
        now: DateTime<Utc>,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        token
            .lifetime()
            .current_at(now, self.settings.leeway_seconds)?;
        Ok(token)
    }
}

/// The digest of a token. openssl's function for it in one step looks the algorithm up by name each
/// time, which takes longer than the digest.
fn digest_of(token: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(token.as_bytes());
    digest.finish()
}
