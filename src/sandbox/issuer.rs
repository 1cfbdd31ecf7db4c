//! The sandbox's issuer of tokens: three real key pairs, made when it first starts and kept, so
//! that a token is verified in the sandbox exactly as a real issuer's is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use openssl::error::ErrorStack;
use serde_json::{Value, json};
use thiserror::Error;
use uuid::{NoContext, Timestamp, Uuid};

use super::private_file::{is_open_to_others, make_folder, write_new_private, write_public};
use super::role::SandboxRole;
use crate::identity::{Algorithm, SigningKey};

/// The issuer that sandbox tokens name, unless told otherwise: a host that cannot be.
pub const SANDBOX_ISSUER: &str = "https://sandbox.cpis.invalid";

/// The audience that sandbox tokens are for, unless told otherwise.
pub const SANDBOX_AUDIENCE: &str = "https://sandbox.cpis.invalid/FHIR/R4";

/// The public keys' file, in the issuer's folder.
pub const KEY_SET_FILE: &str = "jwks.json";

/// Why the issuer cannot start or sign.
#[derive(Debug, Error)]
pub enum IssuerError {
    /// The folder or one of its files cannot be read or written.
    #[error("the sandbox issuer's file {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A private key that others could have read is not a key to sign with.
    #[error("the sandbox issuer's key {0} can be read by others: remove it, and a new one is made")]
    KeyOpenToOthers(PathBuf),
    /// openssl cannot make, read or use a key.
    #[error("the sandbox issuer's keys: {0}")]
    Key(#[from] ErrorStack),
}

/// Signs tokens with the sandbox's own keys.
#[derive(Debug)]
pub struct Issuer {
    keys: [SigningKey; 3],
    issuer: String,
    audience: String,
}

impl Issuer {
    /// Opens the issuer whose keys are in `folder`, making folder and keys where they are not
    /// there yet: private keys in PEM for their owner only, and `jwks.json` for all.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a private key that is no key or not private.
    pub fn open(folder: &Path) -> Result<Self, IssuerError> {
        make_folder(folder).map_err(|cause| file_error(folder, cause))?;
        let [rs512, ps256, es256] = Algorithm::ALL;
        let keys = [
            kept_key(folder, "rs512.pem", rs512)?,
            kept_key(folder, "ps256.pem", ps256)?,
            kept_key(folder, "es256.pem", es256)?,
        ];
        let issuer = Self {
            keys,
            issuer: SANDBOX_ISSUER.to_owned(),
            audience: SANDBOX_AUDIENCE.to_owned(),
        };
        let key_set = folder.join(KEY_SET_FILE);
        write_public(&key_set, issuer.jwks_json().as_bytes())
            .map_err(|cause| file_error(&key_set, cause))?;
        Ok(issuer)
    }

    /// The same keys, under another issuer's name and for another audience.
    #[must_use]
    pub fn named(self, issuer: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            ..self
        }
    }

    /// The issuer that its tokens name.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience that its tokens are for.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The public keys, as a JWKS.
    #[must_use]
    pub fn jwks_json(&self) -> String {
        json!({"keys": self.keys.each_ref().map(SigningKey::jwk)}).to_string()
    }

    /// A token for `role`, valid from `now` for `lifetime`, with an id of its own.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn token(
        &self,
        role: SandboxRole,
        algorithm: Algorithm,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> Result<String, IssuerError> {
        let mut claims = role.claims();
        if let Value::Object(members) = &mut claims {
            members.insert("iss".to_owned(), self.issuer.as_str().into());
            members.insert("aud".to_owned(), self.audience.as_str().into());
            members.insert("iat".to_owned(), now.timestamp().into());
            members.insert("exp".to_owned(), (now + lifetime).timestamp().into());
            members.insert("jti".to_owned(), token_id(now).to_string().into());
        }
        self.sign(&claims, algorithm)
    }

    /// An id token of the person of a role, issued to a client, which may exchange it.
    ///
    /// # Errors
    /// As [`Self::token`].
    pub fn id_token(
        &self,
        role: SandboxRole,
        client_id: &str,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> Result<String, IssuerError> {
        let mut claims = role.claims();
        if let Value::Object(members) = &mut claims {
            members.remove("client_id");
            members.insert("iss".to_owned(), self.issuer.as_str().into());
            members.insert("aud".to_owned(), client_id.into());
            members.insert("iat".to_owned(), now.timestamp().into());
            members.insert("exp".to_owned(), (now + lifetime).timestamp().into());
        }
        self.sign(&claims, Algorithm::Rs512)
    }

    /// Signs any claims at all, so that tests can sign wrong ones.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn sign(&self, claims: &Value, algorithm: Algorithm) -> Result<String, IssuerError> {
        let [rs512, ps256, es256] = &self.keys;
        let key = match algorithm {
            Algorithm::Rs512 => rs512,
            Algorithm::Ps256 => ps256,
            Algorithm::Es256 => es256,
        };
        Ok(key.token(claims)?)
    }
}

fn token_id(now: DateTime<Utc>) -> Uuid {
    let seconds = now.timestamp().unsigned_abs();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

/// The private key in a file of a folder, made where it is not there yet: in PEM, for its owner.
///
/// # Errors
/// As [`Issuer::open`].
pub fn kept_key(
    folder: &Path,
    name: &str,
    algorithm: Algorithm,
) -> Result<SigningKey, IssuerError> {
    let path = folder.join(name);
    let failed = |cause| file_error(&path, cause);
    if !path.try_exists().map_err(failed)? {
        let pem = SigningKey::generate(algorithm)?.pem()?;
        write_new_private(&path, &pem).map_err(failed)?;
    }
    if is_open_to_others(&path).map_err(failed)? {
        return Err(IssuerError::KeyOpenToOthers(path));
    }
    Ok(SigningKey::from_pem(
        algorithm,
        &fs::read(&path).map_err(failed)?,
    )?)
}

fn file_error(path: &Path, cause: io::Error) -> IssuerError {
    IssuerError::File {
        path: path.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests;
