//! Verifies a signature with openssl: the algorithm is the key's, and each has one form only.
//!
//! <https://www.rfc-editor.org/rfc/rfc7518#section-3>

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};

use super::algorithm::Algorithm;

/// Octets of each of the two numbers of an ES256 signature.
const P256_OCTETS: usize = 32;

/// Whether `signature`, as JOSE writes it, is that of `message`. Whatever openssl finds wrong with
/// its form is the same answer: no.
pub fn holds(algorithm: Algorithm, key: &PKey<Public>, message: &[u8], signature: &[u8]) -> bool {
    let verdict = match algorithm {
        Algorithm::Rs512 | Algorithm::Ps256 if signature.len() != key.size() => Ok(false),
        Algorithm::Rs512 => holds_by_pkcs1(key, message, signature),
        Algorithm::Ps256 => holds_by_pss(key, message, signature),
        Algorithm::Es256 => holds_by_ecdsa(key, message, signature),
    };
    verdict.unwrap_or(false)
}

fn holds_by_pkcs1(
    key: &PKey<Public>,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    let mut verifier = Verifier::new(MessageDigest::sha512(), key)?;
    verifier.set_rsa_padding(Padding::PKCS1)?;
    verifier.verify_oneshot(signature, message)
}

fn holds_by_pss(key: &PKey<Public>, message: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
    let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
    verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
    verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
    verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    verifier.verify_oneshot(signature, message)
}

/// JOSE writes the two numbers one after the other, 32 octets each; openssl wants DER.
fn holds_by_ecdsa(
    key: &PKey<Public>,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    let Some((r, s)) = signature.split_at_checked(P256_OCTETS) else {
        return Ok(false);
    };
    if s.len() != P256_OCTETS {
        return Ok(false);
    }
    let numbers =
        EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
    let mut verifier = Verifier::new(MessageDigest::sha256(), key)?;
    verifier.verify_oneshot(&numbers.to_der()?, message)
}
