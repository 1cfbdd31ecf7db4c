//! Reads the claims of a token whose signature holds: who issued it, for whom, and who it speaks
//! for. A practitioner's token follows NHS CIS2; a local authority's system, which has no
//! practitioner, names its `organisation` and its `scope`.
//!
//! <https://www.rfc-editor.org/rfc/rfc7519#section-4>, and NHS CIS2's scopes and claims:
//! <https://digital.nhs.uk/services/care-identity-service>

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::assurance::AssuranceLevel;
use super::claim_values::{optional_text, required_text, text};
use super::error::TokenError;
use super::header::TokenType;
use super::lifetime::Lifetime;
use super::practitioner;
use super::strict_json;
use crate::domain::caller::Practitioner;
use crate::domain::thumbprint::Thumbprint;

/// Audiences and scopes that one token may name.
const NAMES_MAX: usize = 64;

/// What a genuine token says. Only [`super::Verifier`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Whom the token is about (`sub`).
    pub subject: String,
    /// The software that was given it (`client_id`, in an id token `azp`).
    pub client_id: Option<String>,
    /// The ODS code of the organisation it speaks for, as sent.
    pub organisation: String,
    /// The person, where there is one.
    pub practitioner: Option<Practitioner>,
    /// The activities of the selected role, by code, such as `B0107`.
    pub activities: Vec<String>,
    /// What the token is for (`scope`), such as `plans.upload`.
    pub scopes: Vec<String>,
    /// Its own id (`jti`).
    pub token_id: Option<String>,
    /// The certificate that it must come with (`cnf`), where it is bound to one.
    pub certificate: Option<Thumbprint>,
    /// How strongly the person signed in, where that is said.
    pub assurance: Option<AssuranceLevel>,
    token_type: Option<TokenType>,
    audiences: Vec<String>,
    lifetime: Lifetime,
}

impl VerifiedToken {
    /// When the token stops to hold.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.lifetime.expires_at()
    }

    /// What its header says it is.
    pub(super) fn token_type(&self) -> Option<TokenType> {
        self.token_type
    }

    /// Refuses a token that is meant for somebody else.
    pub(super) fn is_for(&self, audience: &str) -> Result<(), TokenError> {
        match self.audiences.iter().any(|named| named == audience) {
            true => Ok(()),
            false => Err(TokenError::WrongAudience),
        }
    }

    pub(super) fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }
}

/// Written by hand, so that a person's name and ids are not logged with a token by mistake.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedToken")
            .field("client_id", &self.client_id)
            .field("organisation", &self.organisation)
            .finish_non_exhaustive()
    }
}

/// Reads the claims from their JSON, of a token of a type, and holds them to the issuer and to the
/// longest lifetime.
pub fn verified_token(
    (bytes, token_type): (&[u8], Option<TokenType>),
    issuer: &str,
    lifetime_max: TimeDelta,
) -> Result<VerifiedToken, TokenError> {
    let claims = strict_json::object(bytes).ok_or(TokenError::ClaimsNotJson)?;
    if required_text(&claims, "iss")? != issuer {
        return Err(TokenError::WrongIssuer);
    }
    let audiences = audiences(&claims)?;
    let (organisation, practitioner, activities) = speaker(&claims)?;
    Ok(VerifiedToken {
        subject: required_text(&claims, "sub")?,
        client_id: client(&claims)?,
        organisation,
        practitioner,
        activities,
        scopes: scopes(&claims)?,
        token_id: optional_text(&claims, "jti")?,
        certificate: certificate(&claims)?,
        assurance: AssuranceLevel::claimed(&claims)?,
        token_type,
        audiences,
        lifetime: Lifetime::claimed(&claims, lifetime_max)?,
    })
}

/// The software that a token was given to, by whichever claim names it; both must name the same.
fn client(claims: &Map<String, Value>) -> Result<Option<String>, TokenError> {
    let named = optional_text(claims, "client_id")?;
    let authorised = optional_text(claims, "azp")?;
    match (named, authorised) {
        (Some(named), Some(authorised)) if named != authorised => {
            Err(TokenError::ClaimMalformed("azp"))
        }
        (named, authorised) => Ok(named.or(authorised)),
    }
}

/// The certificate that a token is bound to. A binding of another kind is not left out, for then
/// whoever stole the token could use it
/// (<https://www.rfc-editor.org/rfc/rfc8705#section-3.1>).
fn certificate(claims: &Map<String, Value>) -> Result<Option<Thumbprint>, TokenError> {
    const BINDING: &str = "cnf";
    const REFUSED: TokenError = TokenError::ClaimMalformed(BINDING);
    let Some(binding) = claims.get(BINDING) else {
        return Ok(None);
    };
    let binding = binding.as_object().ok_or(REFUSED)?;
    match (binding.len(), binding.get("x5t#S256")) {
        (1, Some(thumbprint)) => {
            let thumbprint = text(thumbprint, BINDING)?;
            let read = Thumbprint::parse(&thumbprint).ok();
            // One spelling only, as everywhere in a token.
            read.filter(|read| read.to_string() == thumbprint)
                .map(Some)
                .ok_or(REFUSED)
        }
        _ => Err(REFUSED),
    }
}

/// `aud` is one text or a list of them.
pub(super) fn audiences(claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    match claims.get("aud") {
        None => Err(TokenError::ClaimMissing("aud")),
        Some(Value::Array(named)) if named.len() > NAMES_MAX => {
            Err(TokenError::ClaimOutOfBounds("aud"))
        }
        Some(Value::Array(named)) => named.iter().map(|one| text(one, "aud")).collect(),
        Some(one) => Ok(vec![text(one, "aud")?]),
    }
}

type Speaker = (String, Option<Practitioner>, Vec<String>);

/// A practitioner in the role they selected, or a system. A token cannot be both, so that a system
/// can never borrow a practitioner's activities.
fn speaker(claims: &Map<String, Value>) -> Result<Speaker, TokenError> {
    match (
        practitioner::is_claimed(claims),
        claims.contains_key("organisation"),
    ) {
        (true, true) => Err(TokenError::PractitionerAndSystem),
        (true, false) => {
            let selected = practitioner::selected(claims)?;
            Ok((
                selected.organisation,
                Some(selected.practitioner),
                selected.activities,
            ))
        }
        (false, _) => {
            let organisation = required_text(claims, "organisation")?;
            required_text(claims, "scope")?;
            Ok((organisation, None, Vec::new()))
        }
    }
}

/// `scope` is words with one space between each (RFC 6749 section 3.3).
fn scopes(claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    let Some(scope) = optional_text(claims, "scope")? else {
        return Ok(Vec::new());
    };
    let scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    if scopes.iter().any(String::is_empty) {
        return Err(TokenError::ClaimMalformed("scope"));
    }
    if scopes.len() > NAMES_MAX {
        return Err(TokenError::ClaimOutOfBounds("scope"));
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{TimeDelta, verified_token};

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = verified_token((&bytes, None), "issuer", TimeDelta::hours(1));
        }
    }
}
