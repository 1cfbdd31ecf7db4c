//! A private key that signs tokens: the token service's own, or one of the sandbox's issuer.
//!
//! <https://www.rfc-editor.org/rfc/rfc7518#section-3>

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sha::sha256;
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::{Value, json};

use super::algorithm::Algorithm;

const RSA_BITS: u32 = 2048;
const P256_OCTETS: i32 = 32;

/// A private key, the algorithm it signs with, and its public half as a JWK.
pub struct SigningKey {
    algorithm: Algorithm,
    key: PKey<Private>,
    key_id: String,
    public_members: Value,
}

impl SigningKey {
    /// Makes a new key: RSA of 2048 bits, or P-256.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn generate(algorithm: Algorithm) -> Result<Self, ErrorStack> {
        let key = match algorithm {
            Algorithm::Rs512 | Algorithm::Ps256 => PKey::from_rsa(Rsa::generate(RSA_BITS)?)?,
            Algorithm::Es256 => PKey::from_ec_key(EcKey::generate(p256()?.as_ref())?)?,
        };
        Self::new(algorithm, key)
    }

    /// Reads a key that [`Self::pem`] wrote.
    ///
    /// # Errors
    /// The PEM holds no private key, or not one that the algorithm signs with.
    pub fn from_pem(algorithm: Algorithm, pem: &[u8]) -> Result<Self, ErrorStack> {
        Self::new(algorithm, PKey::private_key_from_pem(pem)?)
    }

    /// Reads a private key of any kind that tokens are signed with: ES256 of P-256, PS256 of RSA.
    ///
    /// # Errors
    /// As [`Self::from_pem`], also for a key of another kind or of fewer than 2048 bits.
    pub fn of_any_pem(pem: &[u8]) -> Result<Self, ErrorStack> {
        let key = PKey::private_key_from_pem(pem)?;
        let is_rsa = key.id() == Id::RSA;
        let is_strong = !is_rsa || key.bits() >= RSA_BITS;
        let is_p256 = || {
            let curve = key.ec_key().ok().map(|key| key.group().curve_name());
            curve == Some(Some(Nid::X9_62_PRIME256V1))
        };
        match is_strong && (is_rsa || is_p256()) {
            true if is_rsa => Self::new(Algorithm::Ps256, key),
            true => Self::new(Algorithm::Es256, key),
            // The queue of openssl's errors is empty: it had no quarrel with the key.
            false => Err(ErrorStack::get()),
        }
    }

    /// The `kid` is the key's thumbprint (RFC 7638), so another key never has the same.
    fn new(algorithm: Algorithm, key: PKey<Private>) -> Result<Self, ErrorStack> {
        let public_members = match algorithm {
            Algorithm::Rs512 | Algorithm::Ps256 => rsa_members(&key)?,
            Algorithm::Es256 => p256_members(&key)?,
        };
        let key_id = URL_SAFE_NO_PAD.encode(sha256(public_members.to_string().as_bytes()));
        Ok(Self {
            algorithm,
            key,
            key_id,
            public_members,
        })
    }

    /// The key as PKCS #8 in PEM: a secret.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.key.private_key_to_pem_pkcs8()
    }

    /// The algorithm that the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key's `kid`.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public half, as an entry of a JWKS.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.public_members.clone();
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".to_owned(), self.key_id.clone().into());
            members.insert("alg".to_owned(), self.algorithm.name().into());
            members.insert("use".to_owned(), "sig".into());
        }
        jwk
    }

    /// Signs `claims` under a header that names the algorithm and the key.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn token(&self, claims: &Value) -> Result<String, ErrorStack> {
        let header = json!({"alg": self.algorithm.name(), "kid": self.key_id, "typ": "JWT"});
        self.token_of(&header.to_string(), &claims.to_string())
    }

    /// Signs a header and claims exactly as they are written, right or wrong.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn token_of(&self, header: &str, claims: &str) -> Result<String, ErrorStack> {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = URL_SAFE_NO_PAD.encode(self.signature(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}"))
    }

    /// The signature of `message`, as JOSE writes it.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        match self.algorithm {
            Algorithm::Rs512 => {
                let mut signer = Signer::new(MessageDigest::sha512(), &self.key)?;
                signer.set_rsa_padding(Padding::PKCS1)?;
                signer.sign_oneshot_to_vec(message)
            }
            Algorithm::Ps256 => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
                signer.set_rsa_padding(Padding::PKCS1_PSS)?;
                signer.set_rsa_mgf1_md(MessageDigest::sha256())?;
                signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                signer.sign_oneshot_to_vec(message)
            }
            Algorithm::Es256 => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
                let numbers = EcdsaSig::from_der(&signer.sign_oneshot_to_vec(message)?)?;
                let (r, s) = (numbers.r(), numbers.s());
                Ok([r.to_vec_padded(P256_OCTETS)?, s.to_vec_padded(P256_OCTETS)?].concat())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn p256() -> Result<EcGroup, ErrorStack> {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)
}

/// The members that a thumbprint is of, in its order: by name.
fn rsa_members(key: &PKey<Private>) -> Result<Value, ErrorStack> {
    let rsa = key.rsa()?;
    let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    Ok(json!({"e": encoded(&rsa.e().to_vec()), "kty": "RSA", "n": encoded(&rsa.n().to_vec())}))
}

fn p256_members(key: &PKey<Private>) -> Result<Value, ErrorStack> {
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    let mut context = BigNumContext::new()?;
    key.ec_key()?.public_key().affine_coordinates(
        p256()?.as_ref(),
        &mut x,
        &mut y,
        &mut context,
    )?;
    let x = URL_SAFE_NO_PAD.encode(x.to_vec_padded(P256_OCTETS)?);
    let y = URL_SAFE_NO_PAD.encode(y.to_vec_padded(P256_OCTETS)?);
    Ok(json!({"crv": "P-256", "kty": "EC", "x": x, "y": y}))
}
