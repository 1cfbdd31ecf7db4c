//! The signed header of every request to MESH: who asks, when, and proof that it is they, good once
//! (the specification's "MESH Authorization header").

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rand::rand_bytes;
use openssl::sign::Signer;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::MeshError;
use super::secret::Secret;
use crate::domain::channel;

/// How often the nonce was used before: each is used once.
const NONCE_COUNT: u32 = 0;

/// Who asks, and what proves it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Our mailbox.
    pub mailbox: channel::Mailbox,
    /// The mailbox's password.
    pub password: Secret,
    /// The key that every mailbox of the environment shares.
    pub shared_key: Secret,
}

impl Credentials {
    /// The header's value for one request at a moment.
    ///
    /// # Errors
    /// [`MeshError::Unsigned`] when the system gives no random bytes.
    pub fn header(&self, at: DateTime<Utc>) -> Result<String, MeshError> {
        let mut random = [0; 16];
        rand_bytes(&mut random)
            .and_then(|()| {
                let nonce = uuid::Builder::from_random_bytes(random).into_uuid();
                self.signed(nonce, NONCE_COUNT, at)
            })
            .map_err(|_unsigned| MeshError::Unsigned)
    }

    fn signed(&self, nonce: Uuid, count: u32, at: DateTime<Utc>) -> Result<String, ErrorStack> {
        let (mailbox, password) = (&self.mailbox, self.password.expose());
        let minute = at.format("%Y%m%d%H%M");
        let proven = Zeroizing::new(format!("{mailbox}:{nonce}:{count}:{password}:{minute}"));
        let key = PKey::hmac(self.shared_key.expose().as_bytes())?;
        let digest =
            Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(proven.as_bytes())?;
        let mut header = format!("NHSMESH {mailbox}:{nonce}:{count}:{minute}:");
        for octet in digest {
            // Writing to a string does not fail.
            let _ = write!(header, "{octet:02x}");
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests;
