//! What the token endpoint refuses, in the form of RFC 6749
//! (<https://www.rfc-editor.org/rfc/rfc6749#section-5.2>), and not as an `OperationOutcome`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;
use thiserror::Error;
use tracing::{error, warn};

use crate::identity::TokenError;
use crate::store::StoreError;

/// Why no token is issued.
#[derive(Debug, Error)]
pub enum OAuthError {
    /// A parameter is missing, repeated or of another value than it can have.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The client is not who it says it is.
    #[error("the client assertion is not accepted: {0}")]
    InvalidClient(TokenError),
    /// No such client, or no longer.
    #[error("no client is registered with the token service under the assertion's `iss`")]
    UnknownClient,
    /// The assertion was used before.
    #[error("the client assertion was used before: each has a `jti` of its own, and is sent once")]
    UsedBefore,
    /// The person's token proves nothing.
    #[error("the subject token is not accepted: {0}")]
    InvalidGrant(TokenError),
    /// The person's token is good, and not for this.
    #[error("{0}")]
    RefusedGrant(&'static str),
    /// The client may not have what it asks for.
    #[error("{0}")]
    UnauthorizedClient(&'static str),
    /// Another grant.
    #[error("grant_type is client_credentials, or urn:ietf:params:oauth:grant-type:token-exchange")]
    UnsupportedGrantType,
    /// A scope that there is not, or that the client is not registered for.
    #[error("{0}")]
    InvalidScope(&'static str),
    /// Another resource than this service.
    #[error("tokens are for this service's FHIR base URL and nothing else")]
    InvalidTarget,
    /// The database gave no answer that can be trusted.
    #[error("the service cannot answer now: ask again, with a new assertion")]
    Unavailable(#[from] StoreError),
    /// The token could not be signed.
    #[error("the service failed to sign its answer")]
    Unsigned,
}

impl OAuthError {
    /// The error's name in OAuth.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient(_) | Self::UnknownClient | Self::UsedBefore => "invalid_client",
            Self::InvalidGrant(_) | Self::RefusedGrant(_) => "invalid_grant",
            Self::UnauthorizedClient(_) => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope(_) => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::Unavailable(_) | Self::Unsigned => "temporarily_unavailable",
        }
    }

    /// The refusal's name in the security log; none where the service failed.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::InvalidClient(error) => Some(error.code()),
            Self::UnknownClient => Some("unknown-client"),
            Self::UsedBefore => Some("assertion-used-before"),
            Self::InvalidRequest(_) => Some("invalid-request"),
            Self::InvalidGrant(_) | Self::RefusedGrant(_) => Some("invalid-grant"),
            Self::UnauthorizedClient(_) => Some("unauthorized-client"),
            Self::UnsupportedGrantType => Some("unsupported-grant-type"),
            Self::InvalidScope(_) => Some("invalid-scope"),
            Self::InvalidTarget => Some("invalid-target"),
            Self::Unavailable(_) | Self::Unsigned => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidClient(_) | Self::UnknownClient | Self::UsedBefore => {
                StatusCode::UNAUTHORIZED
            }
            Self::Unavailable(_) | Self::Unsigned => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The refusal as a response, and a line of it in the log.
    #[must_use]
    pub fn response(&self) -> HttpResponse {
        match self {
            Self::Unavailable(cause) => error!(cause = %cause, "No token can be issued"),
            _ => warn!(code = self.code(), reason = %self, "Refused to issue a token"),
        }
        let mut response = HttpResponse::build(self.status());
        response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"));
        match self.status() {
            // A challenge stands in every 401, though a client is proven by its assertion.
            StatusCode::UNAUTHORIZED => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((RETRY_AFTER, "5"));
            }
            _ => {}
        }
        response.json(json!({ "error": self.code(), "error_description": self.to_string() }))
    }
}
