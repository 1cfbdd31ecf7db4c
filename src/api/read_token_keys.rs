//! `GET /.well-known/jwks.json`: the public keys that our own access tokens are verified with, for
//! anybody (<https://www.rfc-editor.org/rfc/rfc7517#section-5>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::published::published_json;
use crate::api::service::Service;

/// Where the keys are, from the root of the server.
pub const KEYS_PATH: &str = "/.well-known/jwks.json";

/// Answers with the keys.
///
/// # Errors
/// [`Refusal`] when there is no token service.
pub async fn read_token_keys(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let tokens = service.tokens.as_ref().ok_or(Refusal::NoSuchPath)?;
    published_json(&request, tokens.key_set())
}
