//! The issuer's public keys, from a JWKS: each for one algorithm, and none that is weak or private.
//!
//! <https://www.rfc-editor.org/rfc/rfc7517>, <https://www.rfc-editor.org/rfc/rfc7518#section-6>

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use serde_json::{Map, Value};
use thiserror::Error;

use super::algorithm::Algorithm;
use super::{signature, strict_json};

/// Keys that one set may hold: an issuer has two or three at a time.
const KEYS_MAX: usize = 64;

/// The longest `kid`, in bytes.
const KEY_ID_BYTES_MAX: usize = 256;

/// RSA moduli taken, in bits: below is weak, above is slow enough to be an attack.
const RSA_BITS: std::ops::RangeInclusive<i32> = 2048..=8192;

/// The only public exponent taken, 65537, as base64url.
const RSA_EXPONENT: &str = "AQAB";

/// Members that only a private or a shared key has.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a JWKS was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwksError {
    /// Not a JSON object with a list of `keys`.
    #[error("the key set is not a JSON object with a list named `keys`, each member named once")]
    NotAKeySet,
    /// No key, or too many.
    #[error("the key set has {0} keys; one to {KEYS_MAX} are needed")]
    KeyCount(usize),
    /// One key cannot be used.
    #[error("entry {entry} of the key set: {wrong}")]
    Entry {
        /// Which, counted from 1.
        entry: usize,
        /// What is wrong with it.
        wrong: &'static str,
    },
}

/// An issuer's public keys, by `kid`.
#[derive(Debug)]
pub struct Jwks {
    keys: HashMap<String, VerificationKey>,
    digest: [u8; 32],
}

/// Two sets are the same that were written in the same way.
impl PartialEq for Jwks {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Jwks {
    /// Reads a JWKS. All of it must be usable: a key left out in silence would be found missing
    /// only when its first token came.
    ///
    /// # Errors
    /// The first entry that cannot be used, by its place, and why.
    pub fn from_json(json: &str) -> Result<Self, JwksError> {
        Self::read(json, |_wrong| false).map(|(keys, _)| keys)
    }

    /// Reads a JWKS as it is published for everybody, without those of its keys that are for other
    /// uses; and says how many those are.
    ///
    /// # Errors
    /// [`JwksError`] when no key is left, or the set holds what none may: a private key, or two of
    /// one `kid`.
    pub fn published(json: &str) -> Result<(Self, usize), JwksError> {
        Self::read(json, |wrong| wrong != PRIVATE)
    }

    fn read(
        json: &str,
        may_be_left_out: impl Fn(Wrong) -> bool,
    ) -> Result<(Self, usize), JwksError> {
        let set = strict_json::object(json.as_bytes()).ok_or(JwksError::NotAKeySet)?;
        let entries = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(JwksError::NotAKeySet)?;
        if entries.is_empty() || entries.len() > KEYS_MAX {
            return Err(JwksError::KeyCount(entries.len()));
        }
        let mut keys = HashMap::new();
        for (entry, value) in (1..).zip(entries) {
            let (key_id, key) = match named_key(value) {
                Ok(named) => named,
                Err(wrong) if may_be_left_out(wrong) => continue,
                Err(wrong) => return Err(JwksError::Entry { entry, wrong }),
            };
            if keys.insert(key_id, key).is_some() {
                return Err(JwksError::Entry {
                    entry,
                    wrong: "its `kid` is an earlier entry's",
                });
            }
        }
        if keys.is_empty() {
            return Err(JwksError::KeyCount(0));
        }
        let left_out = entries.len() - keys.len();
        let digest = sha256(json.as_bytes());
        Ok((Self { keys, digest }, left_out))
    }

    /// The key of exactly this `kid`.
    pub(super) fn find(&self, key_id: &str) -> Option<&VerificationKey> {
        self.keys.get(key_id)
    }
}

/// One public key, and the one algorithm that it is for.
pub struct VerificationKey {
    algorithm: Algorithm,
    key: PKey<Public>,
}

impl VerificationKey {
    /// The algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is this key's of `message`.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        signature::holds(self.algorithm, &self.key, message, signature)
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("VerificationKey")
            .field(&self.algorithm)
            .finish()
    }
}

type Wrong = &'static str;

const PRIVATE: Wrong = "it holds a private or shared key; only public keys belong in the set";

fn named_key(value: &Value) -> Result<(String, VerificationKey), Wrong> {
    let members = value.as_object().ok_or("it is not a JSON object")?;
    if PRIVATE_MEMBERS
        .iter()
        .any(|name| members.contains_key(*name))
    {
        return Err(PRIVATE);
    }
    let key_id = text(members, "kid").ok_or("it has no `kid` that is text")?;
    if key_id.is_empty() || key_id.len() > KEY_ID_BYTES_MAX {
        return Err("its `kid` is empty or longer than 256 bytes");
    }
    for_signatures(members)?;
    let algorithm = text(members, "alg").and_then(Algorithm::named);
    let algorithm = algorithm.ok_or("its `alg` is not RS512, PS256 or ES256")?;
    let key = match (algorithm, text(members, "kty")) {
        (Algorithm::Rs512 | Algorithm::Ps256, Some("RSA")) => rsa_key(members)?,
        (Algorithm::Es256, Some("EC")) => p256_key(members)?,
        _ => return Err("its `kty` is not the one its `alg` needs (RSA or EC)"),
    };
    Ok((key_id.to_owned(), VerificationKey { algorithm, key }))
}

fn for_signatures(members: &Map<String, Value>) -> Result<(), Wrong> {
    if members.get("use").is_some_and(|purpose| purpose != "sig") {
        return Err("its `use` is not `sig`");
    }
    let verifies = |operations: &Value| {
        operations
            .as_array()
            .is_some_and(|named| named.iter().any(|one| one == "verify"))
    };
    if members
        .get("key_ops")
        .is_some_and(|operations| !verifies(operations))
    {
        return Err("its `key_ops` do not name `verify`");
    }
    Ok(())
}

fn rsa_key(members: &Map<String, Value>) -> Result<PKey<Public>, Wrong> {
    const UNUSABLE: Wrong = "its `n` is not an RSA modulus in base64url";
    if text(members, "e") != Some(RSA_EXPONENT) {
        return Err("its `e` is not AQAB (65537)");
    }
    let modulus = octets(members, "n").ok_or(UNUSABLE)?;
    if modulus.first().is_none_or(|octet| *octet == 0) {
        return Err(UNUSABLE);
    }
    let modulus = BigNum::from_slice(&modulus).ok().ok_or(UNUSABLE)?;
    if !RSA_BITS.contains(&modulus.num_bits()) {
        return Err("its `n` is shorter than 2048 bits or longer than 8192");
    }
    if !modulus.is_odd() {
        return Err(UNUSABLE);
    }
    openssl_rsa_key(modulus).ok().ok_or(UNUSABLE)
}

fn openssl_rsa_key(modulus: BigNum) -> Result<PKey<Public>, ErrorStack> {
    PKey::from_rsa(Rsa::from_public_components(
        modulus,
        BigNum::from_u32(65_537)?,
    )?)
}

fn p256_key(members: &Map<String, Value>) -> Result<PKey<Public>, Wrong> {
    if text(members, "crv") != Some("P-256") {
        return Err("its `crv` is not P-256");
    }
    let coordinates = octets(members, "x").zip(octets(members, "y"));
    match coordinates.filter(|(x, y)| x.len() == 32 && y.len() == 32) {
        None => Err("its `x` and `y` are not 32 octets each in base64url"),
        Some((x, y)) => openssl_p256_key(&x, &y)
            .ok()
            .ok_or("its point is not on P-256"),
    }
}

fn openssl_p256_key(x: &[u8], y: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
    let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
    key.check_key()?;
    PKey::from_ec_key(key)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

fn octets(members: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(members, name)?).ok()
}

#[cfg(test)]
mod tests;
