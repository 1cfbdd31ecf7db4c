//! What the document says of our own token service.

use serde_json::{Value, json};

use crate::api::issue_token;
use crate::openapi::headers::Header;
use crate::openapi::interactions::{Answers, Takes, Words};
use crate::openapi::parameters::Asked;
use crate::openapi::{component, object};
use crate::routes::tokens::OfTokens;

const ISSUE: Words = (
    "issueToken",
    "Issues a short access token to a client that proves who it is, for itself or for a person",
);
const KEYS: Words = (
    "tokenKeys",
    "Tells the public keys that access tokens are verified with",
);
const CONFIGURATION: Words = (
    "smartConfiguration",
    "Tells where access tokens are had, and how",
);

/// The table's line of what is asked.
pub fn line(asked: OfTokens) -> (Words, &'static str, Takes, Answers) {
    match asked {
        OfTokens::Issue => (ISSUE, "Tokens", Takes::TokenRequest, Answers::Token),
        OfTokens::Keys => (KEYS, "Tokens", Takes::Nothing, Answers::TokenKeys),
        OfTokens::Configuration => {
            let answers = Answers::SmartConfiguration;
            (CONFIGURATION, "Tokens", Takes::Nothing, answers)
        }
    }
}

/// The parameters of a request for a token.
pub fn asked() -> Vec<Asked> {
    let says = |name: &&str| {
        let says = match *name {
            "grant_type" => {
                "`client_credentials`, or `urn:ietf:params:oauth:grant-type:token-exchange` with \
                 the id token of a person."
            }
            "client_assertion_type" => "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.",
            "client_assertion" => "The client's JWT: for this endpoint, for five minutes, once.",
            "client_id" => "The client's id, as in its assertion; it may be left out.",
            "scope" => "What the token should be for; all that is registered where it is absent.",
            "subject_token" => "The person's id token.",
            "subject_token_type" => "`urn:ietf:params:oauth:token-type:id_token`.",
            "requested_token_type" => "`urn:ietf:params:oauth:token-type:access_token`.",
            "audience" | "resource" => "The FHIR base URL of this service, if anything.",
            _ => "Not taken.",
        };
        Asked::text(name, says)
    };
    issue_token::NAMES.iter().map(says).collect()
}

/// The statuses of what is asked.
pub fn statuses(asked: OfTokens) -> &'static [u16] {
    match asked {
        OfTokens::Issue => &[200, 400, 401, 404, 406, 413, 415, 503],
        OfTokens::Keys | OfTokens::Configuration => &[200, 304, 404, 406, 415],
    }
}

/// A refusal of the token endpoint's own, in the form of RFC 6749; none for a status that it
/// answers as everything else does. A body that breaks off is refused before it is read.
pub fn refusal(status: u16) -> Option<Value> {
    let meaning = match status {
        400 => "What is asked for is not granted.",
        401 => "The client is not who it says it is.",
        503 => "The service cannot answer: ask again, with a new assertion.",
        _ => return None,
    };
    let mut headers = Header::OF_ALL.to_vec();
    headers.push(Header::NoStore);
    headers.extend((status == 401).then_some(Header::Authenticate));
    headers.extend((status == 503).then_some(Header::RetryAfter));
    let schemas = ["OAuthError", "OperationOutcome"].map(|name| component("schemas", name));
    let [oauth, outcome] = schemas.map(|schema| json!({ "schema": schema }));
    Some(json!({
        "description": meaning,
        "headers": object(headers.iter().map(|header| header.member())),
        "content": { "application/json": oauth, "application/fhir+json": outcome },
    }))
}

/// The schemas of what is answered, by name.
pub fn schemas() -> [(&'static str, Value); 4] {
    let text = || json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    [
        (
            "OAuthError",
            json!({
                "type": "object",
                "required": ["error", "error_description"],
                "properties": { "error": text(), "error_description": text() },
            }),
        ),
        (
            "Token",
            json!({
                "type": "object",
                "required": ["access_token", "token_type", "expires_in", "scope"],
                "properties": {
                    "access_token": text(),
                    "token_type": { "type": "string", "enum": ["Bearer"] },
                    "expires_in": { "type": "integer", "minimum": 1, "maximum": 300 },
                    "scope": text(),
                    "issued_token_type": text(),
                },
            }),
        ),
        (
            "TokenKeys",
            json!({
                "type": "object",
                "required": ["keys"],
                "properties": { "keys": { "type": "array", "items": { "type": "object" } } },
            }),
        ),
        (
            "SmartConfiguration",
            json!({
                "type": "object",
                "required": ["issuer", "jwks_uri", "token_endpoint", "capabilities"],
                "properties": {
                    "issuer": text(),
                    "jwks_uri": text(),
                    "token_endpoint": text(),
                    "scopes_supported": texts,
                    "capabilities": texts,
                },
            }),
        ),
    ]
}
