//! Our own token service: it signs short access tokens, and is the issuer that our own verifier
//! trusts.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::error::ErrorStack;
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use super::claims::VerifiedToken;
use super::error::TokenError;
use super::header::TokenType;
use super::held_keys::HeldKeys;
use super::keys::{Jwks, JwksError};
use super::signing_key::SigningKey;
use super::{Verifier, VerifierSettings};
use crate::domain::caller::Practitioner;
use crate::domain::client::ClientId;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::domain::thumbprint::Thumbprint;

/// How long an access token is good for.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Why the token service cannot start.
#[derive(Debug, Error)]
pub enum TokenServiceError {
    /// The key cannot be used.
    #[error("token_service_key_file: no private key of P-256 or of RSA with 2048 bits, in PEM")]
    Key(#[source] ErrorStack),
    /// The keys beside it cannot be used.
    #[error("token_service_other_keys_file: {0}")]
    OtherKeys(#[from] JwksError),
}

/// Signs access tokens, and says with which keys they are verified.
#[derive(Debug)]
pub struct TokenService {
    key: SigningKey,
    verifier: Verifier,
    issuer: String,
    audience: String,
    key_set: Value,
}

/// An access token, as it is to be signed.
#[derive(Debug)]
pub struct AccessToken<'a> {
    /// Its own id.
    pub id: Uuid,
    /// The client it is given to.
    pub client_id: &'a ClientId,
    /// The organisation it speaks for.
    pub organisation: &'a OdsCode,
    /// The person it speaks for, with the activities of their role; none of software alone.
    pub person: Option<(&'a Practitioner, &'a [String])>,
    /// What it is for.
    pub scopes: &'a Scopes,
    /// The certificate it is bound to.
    pub certificate: Option<Thumbprint>,
    /// When what it was given for ends, where that is sooner than its own end.
    pub until: Option<DateTime<Utc>>,
}

impl TokenService {
    /// The token service of a key in PEM, whose tokens other processes may have signed with keys
    /// that were, or will be, in its place.
    ///
    /// # Errors
    /// [`TokenServiceError`] when a key cannot be used.
    pub fn new(
        (issuer, audience): (String, String),
        pem: &[u8],
        other_keys: Option<&str>,
        leeway_seconds: u32,
    ) -> Result<Self, TokenServiceError> {
        let key = SigningKey::of_any_pem(pem).map_err(TokenServiceError::Key)?;
        let mut keys = vec![key.jwk()];
        if let Some(others) = other_keys {
            Jwks::from_json(others)?;
            let others: Option<Value> = serde_json::from_str(others).ok();
            let others = others.and_then(|set| set.get("keys").cloned());
            if let Some(Value::Array(others)) = others {
                keys.extend(others);
            }
        }
        let key_set = json!({ "keys": keys });
        let verifier = Verifier::new(VerifierSettings {
            issuer: issuer.clone(),
            audience: audience.clone(),
            keys: Arc::new(HeldKeys::fixed(Jwks::from_json(&key_set.to_string())?)),
            leeway_seconds,
            lifetime_max: LIFETIME,
            // Each is signed as one, and of a person who had signed in strongly enough.
            required_type: Some(TokenType::AccessToken),
            assurance_min: None,
        });
        Ok(Self {
            key,
            verifier,
            issuer,
            audience,
            key_set,
        })
    }

    /// Who the tokens say issued them: the service's root, as callers know it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys that tokens are verified with, as a JWKS.
    #[must_use]
    pub fn key_set(&self) -> &Value {
        &self.key_set
    }

    /// Says what a token claims, as [`Verifier::verify`] does.
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`] where it is another issuer's; else what is wrong with it.
    pub fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        self.verifier.verify(token, now)
    }

    /// Signs a token, and says for how long it is good, in seconds.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn sign(
        &self,
        token: &AccessToken<'_>,
        now: DateTime<Utc>,
    ) -> Result<(String, i64), ErrorStack> {
        let end = now + LIFETIME;
        let until = token.until.map_or(end, |until| until.min(end));
        // At least a second, or it would be valid for no time.
        let seconds = until.signed_duration_since(now).num_seconds().max(1);
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now.timestamp(),
            "exp": now.timestamp() + seconds,
            "jti": token.id.to_string(),
            "client_id": token.client_id.as_str(),
            "scope": token.scopes.to_string(),
        });
        let members = claims.as_object_mut().into_iter();
        for members in members {
            let speaker = match token.person {
                Some(person) => of_person(person, token.organisation),
                None => json!({
                    "sub": token.client_id.as_str(),
                    "organisation": token.organisation.as_str(),
                }),
            };
            if let Value::Object(speaker) = speaker {
                members.extend(speaker);
            }
            let bound = token.certificate.map(|bound| bound.to_string());
            members.extend(bound.map(|bound| ("cnf".to_owned(), json!({ "x5t#S256": bound }))));
        }
        let header = json!({
            "alg": self.key.algorithm().name(), "kid": self.key.key_id(), "typ": "at+jwt",
        });
        let signed = self
            .key
            .token_of(&header.to_string(), &claims.to_string())?;
        Ok((signed, seconds))
    }
}

/// The person in the role they selected, and in no other that they hold.
fn of_person((person, activities): (&Practitioner, &[String]), organisation: &OdsCode) -> Value {
    json!({
        "sub": person.user_id,
        "name": person.name,
        "nhsid_useruid": person.user_id,
        "selected_roleid": person.role_profile_id,
        "nhsid_nrbac_roles": [{
            "person_roleid": person.role_profile_id,
            "org_code": organisation.as_str(),
            "role_code": person.job_role_code,
            "role_name": person.job_role_name,
            "activity_codes": activities,
        }],
    })
}
