//! A client's assertion at the token endpoint: who it says it is, and then whether that is proven.
//!
//! <https://www.rfc-editor.org/rfc/rfc7523#section-3>, SMART's asymmetric client authentication
//! (<https://hl7.org/fhir/smart-app-launch/STU2/client-confidential-asymmetric.html>), and NHS
//! England's signed JWT authentication.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::claim_values::{optional_time, required_text, required_time};
use super::claims::audiences;
use super::compact::{self, Parts};
use super::error::TokenError;
use super::header::{self, Header, TokenType};
use super::keys::Jwks;
use super::strict_json;
use super::{AHEAD_MAX, TOKEN_BYTES_MAX};

/// The longest that an assertion may be valid.
const LIFETIME_MAX: TimeDelta = TimeDelta::minutes(5);

/// An assertion that proves nothing yet.
pub struct PresentedAssertion<'text> {
    parts: Parts<'text>,
    header: Header,
    claims: Map<String, Value>,
    client_id: String,
}

/// What an assertion proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its own id, to be used once.
    pub token_id: String,
    /// When it stops to hold.
    pub expires_at: DateTime<Utc>,
}

impl<'text> PresentedAssertion<'text> {
    /// Reads an assertion as far as to know whose keys it must be held to.
    ///
    /// # Errors
    /// [`TokenError`] when it cannot be read, or its header would change how it is trusted.
    pub fn read(text: &'text str) -> Result<Self, TokenError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let parts = compact::parts(text)?;
        let header = header::header(&parts.header)?;
        let claims = strict_json::object(&parts.claims).ok_or(TokenError::ClaimsNotJson)?;
        Ok(Self {
            client_id: required_text(&claims, "iss")?,
            parts,
            header,
            claims,
        })
    }

    /// The client that it says it is of.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// What it proves, if one of the client's own keys has signed it, for this audience and no
    /// other, and it is current at `now`. Whether it was used before is for the caller to find out.
    ///
    /// # Errors
    /// The first thing found wrong with it, in words that hold nothing of it.
    pub fn verify(
        &self,
        keys: &Jwks,
        audience: &str,
        now: DateTime<Utc>,
        leeway_seconds: u32,
    ) -> Result<Assertion, TokenError> {
        let key = keys
            .find(&self.header.key_id)
            .ok_or(TokenError::UnknownKey)?;
        if key.algorithm() != self.header.algorithm {
            return Err(TokenError::AlgorithmNotTheKeys);
        }
        if !key.signed(self.parts.signed, &self.parts.signature) {
            return Err(TokenError::WrongSignature);
        }
        if self.header.token_type == Some(TokenType::AccessToken) {
            return Err(TokenError::HeaderMemberUnusable("typ"));
        }
        if required_text(&self.claims, "sub")? != self.client_id {
            return Err(TokenError::TwoClients);
        }
        // An assertion that others may use as well is none for us alone.
        if audiences(&self.claims)? != [audience] {
            return Err(TokenError::WrongAudience);
        }
        let expires_at = self.expires_at(now, leeway_seconds)?;
        Ok(Assertion {
            token_id: required_text(&self.claims, "jti")?,
            expires_at,
        })
    }

    /// `exp` is at most five minutes ahead, whatever `iat` says or leaves unsaid.
    fn expires_at(
        &self,
        now: DateTime<Utc>,
        leeway_seconds: u32,
    ) -> Result<DateTime<Utc>, TokenError> {
        let leeway = TimeDelta::seconds(leeway_seconds.into());
        let expires_at = required_time(&self.claims, "exp")?;
        let issued_at = optional_time(&self.claims, "iat")?;
        let valid_from = optional_time(&self.claims, "nbf")?;
        if now.signed_duration_since(expires_at) >= leeway {
            return Err(TokenError::Expired);
        }
        let begins_at = issued_at.unwrap_or(now + leeway);
        let span = expires_at.signed_duration_since(begins_at);
        let is_ahead = expires_at.signed_duration_since(now) > LIFETIME_MAX + leeway;
        if is_ahead || span > LIFETIME_MAX || (issued_at.is_some() && span <= TimeDelta::zero()) {
            return Err(TokenError::LifetimeRefused);
        }
        if valid_from.is_some_and(|from| from.signed_duration_since(now) > leeway) {
            return Err(TokenError::NotYetValid);
        }
        if issued_at.is_some_and(|issued| issued.signed_duration_since(now) > AHEAD_MAX) {
            return Err(TokenError::IssuedInFuture);
        }
        Ok(expires_at)
    }
}
