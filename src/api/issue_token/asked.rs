//! What is sent to the token endpoint.

use std::collections::HashMap;

use crate::api::oauth_error::OAuthError;
use crate::domain::scope::{ScopeError, Scopes};
use crate::secrets::SecretText;

/// The parameters that are read; what else is sent counts for nothing (RFC 6749, 3.2).
pub const NAMES: [&str; 11] = [
    GRANT_TYPE,
    "client_assertion_type",
    "client_assertion",
    "client_id",
    "scope",
    "subject_token",
    "subject_token_type",
    "requested_token_type",
    "actor_token",
    "audience",
    "resource",
];

const GRANT_TYPE: &str = "grant_type";

/// A client's own grant.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The exchange of a person's token.
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// How a client proves who it is.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A request for a token.
pub struct TokenRequest {
    /// The client's assertion.
    pub assertion: String,
    /// The client's id, where it is sent beside.
    pub client_id: Option<String>,
    /// What the token should be for; all that the client may have, where nothing is said.
    pub scopes: Option<Scopes>,
    /// The id token of a person, where it is to be exchanged.
    pub subject_token: Option<SecretText>,
    /// For what the token should be, where that is said.
    pub targets: Vec<String>,
}

impl TokenRequest {
    /// Reads a form.
    ///
    /// # Errors
    /// [`OAuthError`] when a parameter is missing, repeated or of another value than it can have.
    pub fn read(body: &[u8]) -> Result<Self, OAuthError> {
        let mut sent = once(body)?;
        let subject_token = match sent.remove(GRANT_TYPE).as_deref() {
            None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
            Some(CLIENT_CREDENTIALS) => None,
            Some(TOKEN_EXCHANGE) => Some(subject_token(&mut sent)?),
            Some(_) => return Err(OAuthError::UnsupportedGrantType),
        };
        if sent.remove("client_assertion_type").as_deref() != Some(JWT_BEARER) {
            return Err(OAuthError::InvalidRequest(
                "client_assertion_type is urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ));
        }
        let assertion = sent.remove("client_assertion");
        let assertion = assertion.ok_or(OAuthError::InvalidRequest("client_assertion is missing"));
        let scopes = sent.remove("scope").map(|text| scopes(&text));
        let targets = ["audience", "resource"];
        Ok(Self {
            assertion: assertion?,
            client_id: sent.remove("client_id"),
            scopes: scopes.transpose().map_err(|_unknown| {
                OAuthError::InvalidScope(
                    "a scope is plans.upload, notifications.read, or SMART's of version 2 for \
                     user or system, such as system/Flag.rs",
                )
            })?,
            subject_token,
            targets: targets
                .iter()
                .filter_map(|name| sent.remove(*name))
                .collect(),
        })
    }

    /// What the answer says of its kind of token, where that is to be said.
    pub fn issued_token_type(&self) -> Option<&'static str> {
        self.subject_token.as_ref().map(|_exchanged| ACCESS_TOKEN)
    }
}

/// Each parameter once; one without a value counts as not sent.
fn once(body: &[u8]) -> Result<HashMap<String, String>, OAuthError> {
    let mut sent = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if !NAMES.contains(&name.as_ref()) || value.is_empty() {
            continue;
        }
        if sent.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(OAuthError::InvalidRequest(
                "a parameter is sent more than once",
            ));
        }
    }
    Ok(sent)
}

fn subject_token(sent: &mut HashMap<String, String>) -> Result<SecretText, OAuthError> {
    if sent.remove("subject_token_type").as_deref() != Some(ID_TOKEN) {
        return Err(OAuthError::InvalidRequest(
            "subject_token_type is urn:ietf:params:oauth:token-type:id_token",
        ));
    }
    let wanted = sent.remove("requested_token_type");
    if wanted.is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return Err(OAuthError::InvalidRequest(
            "requested_token_type is urn:ietf:params:oauth:token-type:access_token",
        ));
    }
    if sent.contains_key("actor_token") {
        return Err(OAuthError::InvalidRequest(
            "actor_token is not taken: the client acts, and is known by its assertion",
        ));
    }
    let token = sent.remove("subject_token").map(SecretText::from);
    token.ok_or(OAuthError::InvalidRequest("subject_token is missing"))
}

fn scopes(text: &str) -> Result<Scopes, ScopeError> {
    Scopes::known(text.split(' '))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::TokenRequest;

    fn code(body: &str) -> String {
        match TokenRequest::read(body.as_bytes()) {
            Ok(_) => "taken".to_owned(),
            Err(refused) => refused.to_string(),
        }
    }

    #[test]
    fn a_parameter_that_is_missing_repeated_or_another_is_named() {
        let assertion = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:\
                         jwt-bearer&client_assertion=a";
        let own = format!("grant_type=client_credentials&{assertion}");
        assert_eq!(code(&own), "taken");
        assert_eq!(
            code(&format!(
                "{own}&scope=system/Flag.rs+plans.upload&other=1&other=2"
            )),
            "taken"
        );
        for (body, named) in [
            ("", "grant_type is missing"),
            ("grant_type=password", "grant_type is client_credentials"),
            ("grant_type=client_credentials", "client_assertion_type"),
            (
                &format!("{own}&grant_type=client_credentials"),
                "more than once",
            ),
            (&format!("{own}&scope=openid"), "a scope is"),
            (
                &format!("{own}&scope=plans.upload++plans.upload"),
                "a scope is",
            ),
            (
                &format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&{assertion}"),
                "subject_token_type",
            ),
        ] {
            assert!(code(body).contains(named), "{body}: {}", code(body));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = TokenRequest::read(&body);
        }
    }
}
