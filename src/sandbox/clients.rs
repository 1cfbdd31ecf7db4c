//! The sandbox's registered clients: made-up software, one for each way in which a client can be
//! registered, and the keys that they would keep to themselves.

use std::path::{Path, PathBuf};

use serde_json::json;
use thiserror::Error;

use super::issuer::{IssuerError, kept_key};
use super::private_file::write_public;
use crate::domain::caller::Practitioner;
use crate::domain::care_setting::ViewActivities;
use crate::domain::client::{Client, ClientId, ClientIdError, ClientKeys, FrontDoor, Unattended};
use crate::domain::ods_code::{OdsCode, OdsCodeError};
use crate::domain::scope::{ScopeError, Scopes};
use crate::identity::Algorithm;

/// The file of the private key that the sandbox's token service signs with.
pub const TOKEN_SERVICE_KEY_FILE: &str = "token-service.pem";

/// The file of the private key that the sandbox's clients of the token service share.
pub const CLIENT_KEY_FILE: &str = "client.pem";

/// The file of its public half, a JWKS.
pub const CLIENT_KEY_SET_FILE: &str = "client-jwks.json";

/// Why the sandbox's clients could not be made.
#[derive(Debug, Error)]
pub enum SandboxClientError {
    /// A key cannot be read or made.
    #[error("{0}")]
    Key(#[from] IssuerError),
    /// An id of the sandbox is none.
    #[error("{0}")]
    Id(#[from] ClientIdError),
    /// A code of the sandbox is none.
    #[error("{0}")]
    Code(#[from] OdsCodeError),
    /// A scope of the sandbox is none.
    #[error("{0}")]
    Scope(#[from] ScopeError),
}

/// A client of the sandbox: its id, its name, its door, the organisations it asks for, its scopes,
/// and whether it looks unattended.
type Line = (
    &'static str,
    &'static str,
    FrontDoor,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const CLIENTS: [Line; 8] = [
    (
        "sandbox-epr",
        "An electronic patient record that has its tokens from the outside issuer",
        FrontDoor::Issuer,
        &["RQX99", "RYH99", "RMB99"],
        &[],
        false,
    ),
    (
        "upload-system-E90001",
        "A local authority's system that tells its plans, with tokens of the outside issuer",
        FrontDoor::Issuer,
        &["E90001"],
        &[],
        false,
    ),
    (
        "upload-system-E90002",
        "The same of another local authority",
        FrontDoor::Issuer,
        &["E90002"],
        &[],
        false,
    ),
    (
        "notified-system-E90001",
        "A local authority's system that reads what it is told, with tokens of the outside issuer",
        FrontDoor::Issuer,
        &["E90001"],
        &[],
        false,
    ),
    (
        "notified-system-E90002",
        "The same of another local authority",
        FrontDoor::Issuer,
        &["E90002"],
        &[],
        false,
    ),
    (
        "sandbox-exchanging-epr",
        "An electronic patient record that exchanges its users' id tokens",
        FrontDoor::TokenService,
        &["RQX99", "RYH99", "RMB99"],
        &["user/*.rs"],
        false,
    ),
    (
        "sandbox-authority",
        "A local authority's system that has its tokens from the token service",
        FrontDoor::TokenService,
        &["E90001"],
        &["plans.upload", "notifications.read"],
        false,
    ),
    (
        "sandbox-unattended",
        "A system that looks unattended, for which a person answers",
        FrontDoor::TokenService,
        &["RQX99"],
        &["system/Flag.rs", "system/Patient.r"],
        true,
    ),
];

/// The key of the sandbox's token service, made where it is not there yet.
///
/// # Errors
/// [`IssuerError`] when it cannot be read or made.
pub fn token_service_key(folder: &Path) -> Result<PathBuf, IssuerError> {
    kept_key(folder, TOKEN_SERVICE_KEY_FILE, Algorithm::Es256)?;
    Ok(folder.join(TOKEN_SERVICE_KEY_FILE))
}

/// The clients, whose one key is made where it is not there yet.
///
/// # Errors
/// [`SandboxClientError`] when it cannot be read or made.
pub fn clients(folder: &Path) -> Result<Vec<Client>, SandboxClientError> {
    let key = kept_key(folder, CLIENT_KEY_FILE, Algorithm::Es256)?;
    let set = json!({ "keys": [key.jwk()] }).to_string();
    let path = folder.join(CLIENT_KEY_SET_FILE);
    write_public(&path, set.as_bytes()).map_err(|cause| IssuerError::File { path, cause })?;
    let client = |line: &Line| client(line, &set);
    CLIENTS.iter().map(client).collect()
}

fn client(
    (id, name, front_door, organisations, scopes, is_unattended): &Line,
    set: &str,
) -> Result<Client, SandboxClientError> {
    let signs = *front_door == FrontDoor::TokenService;
    let codes = organisations.iter().map(|code| OdsCode::parse(code));
    Ok(Client {
        id: ClientId::parse(id)?,
        name: (*name).to_owned(),
        front_door: *front_door,
        keys: signs.then(|| ClientKeys::Set(set.to_owned())),
        organisations: codes.collect::<Result<_, _>>()?,
        scopes: Scopes::known(scopes.iter().copied())?,
        certificate: None,
        unattended: is_unattended.then(unattended),
        is_revoked: false,
    })
}

fn unattended() -> Unattended {
    Unattended {
        activities: ViewActivities::among([ViewActivities::NOTIFYING]),
        responsible: Practitioner {
            user_id: "555000000105".to_owned(),
            name: "Grace Underhill".to_owned(),
            role_profile_id: "555000000205".to_owned(),
            job_role_code: "S8000:G8000:R5105".to_owned(),
            job_role_name: "Caldicott Guardian".to_owned(),
        },
    }
}
