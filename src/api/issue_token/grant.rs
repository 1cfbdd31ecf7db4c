//! What a client is granted: for itself, or for a person whose id token it brings. A person must be
//! named for a disclosure, so that software alone is given no scope to look with, unless the
//! register says who answers for it.

use chrono::{DateTime, Utc};

use crate::api::issue_token::asked::TokenRequest;
use crate::api::issuer_tokens::proven_by_issuer;
use crate::api::oauth_error::OAuthError;
use crate::api::service::Service;
use crate::domain::caller::Practitioner;
use crate::domain::client::Client;
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::{Scope, ScopeContext, Scopes};
use crate::identity::TokenError;

/// What a token is to say.
pub struct Granted {
    /// The organisation it speaks for.
    pub organisation: OdsCode,
    /// The person it speaks for, and the activities of their role.
    pub person: Option<(Practitioner, Vec<String>)>,
    /// What it is for.
    pub scopes: Scopes,
    /// When the person's own token ends.
    pub until: Option<DateTime<Utc>>,
}

/// What a proven client is granted of what it asks for.
///
/// # Errors
/// [`OAuthError`] when it may not have it.
pub async fn granted(
    service: &Service,
    client: &Client,
    asked: &TokenRequest,
    now: DateTime<Utc>,
) -> Result<Granted, OAuthError> {
    if asked.targets.iter().any(|target| *target != service.base) {
        return Err(OAuthError::InvalidTarget);
    }
    match &asked.subject_token {
        None => to_software(client, asked),
        Some(token) => to_person(service, client, (asked, token.expose()), now).await,
    }
}

fn to_software(client: &Client, asked: &TokenRequest) -> Result<Granted, OAuthError> {
    let organisation = client.own_organisation().cloned();
    let organisation = organisation.ok_or(OAuthError::UnauthorizedClient(
        "the client is not registered for one organisation, which it would speak for without a \
         person",
    ))?;
    let scopes = scopes(client, asked, |scope| {
        !matches!(
            scope,
            Scope::Smart {
                context: ScopeContext::User,
                ..
            }
        )
    })?;
    // Scopes that narrow an authority's system are nobody's to look with.
    let is_authority = scopes.covers(&Scope::Upload) || scopes.covers(&Scope::Notifications);
    if !is_authority && client.unattended.is_none() {
        return Err(OAuthError::UnauthorizedClient(
            "child protection information is disclosed to a named person: exchange the person's id \
             token, or be registered for unattended access with a person who answers for it",
        ));
    }
    Ok(Granted {
        organisation,
        person: None,
        scopes,
        until: None,
    })
}

async fn to_person(
    service: &Service,
    client: &Client,
    (asked, token): (&TokenRequest, &str),
    now: DateTime<Utc>,
) -> Result<Granted, OAuthError> {
    let verified = proven_by_issuer(service, now, |issuer| {
        issuer.verify_id_token(token, client.id.as_str(), now)
    });
    let verified = verified.await.map_err(OAuthError::InvalidGrant)?;
    let person = verified.practitioner.clone();
    let person = person.ok_or(OAuthError::RefusedGrant(
        "the subject token names no person",
    ))?;
    let organisation =
        OdsCode::parse(&verified.organisation)
            .ok()
            .ok_or(OAuthError::InvalidGrant(TokenError::ClaimMalformed(
                "org_code",
            )))?;
    if !client.may_ask_for(&organisation) {
        return Err(OAuthError::RefusedGrant(
            "the person's selected role is at an organisation that the client is not registered \
             for",
        ));
    }
    let scopes = scopes(client, asked, |scope| {
        matches!(
            scope,
            Scope::Smart {
                context: ScopeContext::User,
                ..
            }
        )
    })?;
    Ok(Granted {
        organisation,
        person: Some((person, verified.activities.clone())),
        scopes,
        until: Some(verified.expires_at()),
    })
}

/// The scopes asked for, each of which the client must be registered for; or all of those, where
/// none is named. Only those that fit the grant count.
fn scopes(
    client: &Client,
    asked: &TokenRequest,
    fits: impl Fn(&Scope) -> bool,
) -> Result<Scopes, OAuthError> {
    const NONE: OAuthError = OAuthError::InvalidScope(
        "no scope is left that the client is registered for and that fits the grant: user/ scopes \
         are for a person, all others for software",
    );
    let scopes = match &asked.scopes {
        None => client.scopes.only(&fits),
        Some(asked)
            if asked
                .iter()
                .all(|one| fits(one) && client.scopes.covers(one)) =>
        {
            asked.clone()
        }
        Some(_) => return Err(NONE),
    };
    match scopes.is_empty() {
        true => Err(NONE),
        false => Ok(scopes),
    }
}
