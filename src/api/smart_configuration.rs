//! `GET /.well-known/smart-configuration`, at the root and under the base: where tokens are had,
//! and how, for anybody
//! (<https://hl7.org/fhir/smart-app-launch/STU2/conformance.html#using-well-known>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::api::error::Refusal;
use crate::api::issue_token::TOKEN_PATH;
use crate::api::published::published_json;
use crate::api::read_token_keys::KEYS_PATH;
use crate::api::service::Service;
use crate::domain::scope::{NOTIFICATIONS_SCOPE, UPLOAD_SCOPE};
use crate::fhir::resource_kind::ResourceKind;
use crate::identity::Algorithm;

/// Answers with the configuration.
///
/// # Errors
/// [`Refusal`] when there is no token service.
pub async fn smart_configuration(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let tokens = service.tokens.as_ref().ok_or(Refusal::NoSuchPath)?;
    published_json(&request, &configuration(tokens.issuer()))
}

/// The configuration of a service at this root.
fn configuration(root: &str) -> Value {
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let of_kinds = ResourceKind::ALL
        .iter()
        .flat_map(|kind| ["user", "system"].map(|context| format!("{context}/{}.rs", kind.name())));
    let scopes: Vec<String> = [UPLOAD_SCOPE, NOTIFICATIONS_SCOPE]
        .map(str::to_owned)
        .into_iter()
        .chain(of_kinds)
        .chain(["user/*.rs", "system/*.rs", "system/EpisodeOfCare.cud"].map(str::to_owned))
        .collect();
    json!({
        "issuer": root,
        "jwks_uri": format!("{root}{KEYS_PATH}"),
        "token_endpoint": format!("{root}{TOKEN_PATH}"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "grant_types_supported": [
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "scopes_supported": scopes,
        "tls_client_certificate_bound_access_tokens": true,
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    })
}
