//! Tokens whose signature is not the key's, or not in its one form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};

use super::forms::part;
use super::{Forger, Forgery, with};
use crate::identity::Algorithm;
use crate::identity::TokenError::WrongSignature;

pub const ALL: &[Forgery] = &[
    ("claims changed after signing", WrongSignature, |by| {
        let claims = with(Forger::claims(), "selected_roleid", "555000000202".into());
        part(by, 1, |_| URL_SAFE_NO_PAD.encode(claims.to_string()))
    }),
    ("header changed after signing", WrongSignature, |by| {
        let header = with(by.header(), "typ", "at+jwt".into());
        part(by, 0, |_| URL_SAFE_NO_PAD.encode(header.to_string()))
    }),
    ("the signature of another token", WrongSignature, |by| {
        let other = by.with_claim("jti", "two".into());
        part(by, 2, |_| other.rsplit_once('.').unwrap().1.to_owned())
    }),
    ("a foreign key under our key's id", WrongSignature, |by| {
        by.foreign_key
            .token_of(&by.header().to_string(), &Forger::claims().to_string())
            .unwrap()
    }),
    (
        "another of the issuer's keys under our key's id",
        WrongSignature,
        |by| {
            by.other_key
                .token_of(&by.header().to_string(), &Forger::claims().to_string())
                .unwrap()
        },
    ),
    ("a signature of noughts", WrongSignature, |by| {
        octets(by, |old| vec![0; old.len()])
    }),
    ("a signature of ones", WrongSignature, |by| {
        octets(by, |old| vec![0xff; old.len()])
    }),
    ("a signature of one octet", WrongSignature, |by| {
        octets(by, |_| vec![0])
    }),
    ("a signature cut short", WrongSignature, |by| {
        octets(by, |old| old[1..].to_vec())
    }),
    ("a signature cut behind", WrongSignature, |by| {
        octets(by, |old| old[..old.len() - 1].to_vec())
    }),
    ("a nought before the signature", WrongSignature, |by| {
        octets(by, |old| [&[0], old].concat())
    }),
    ("a nought behind the signature", WrongSignature, |by| {
        octets(by, |old| [old, &[0]].concat())
    }),
    ("the signature twice", WrongSignature, |by| {
        octets(by, |old| [old, old].concat())
    }),
    ("the signature backwards", WrongSignature, |by| {
        octets(by, |old| old.iter().rev().copied().collect())
    }),
    ("the signature as text of base64", WrongSignature, |by| {
        octets(by, |old| URL_SAFE_NO_PAD.encode(old).into_bytes())
    }),
    (
        "the signature in DER, or of a shorter digest",
        WrongSignature,
        otherwise_encoded,
    ),
    (
        "another salt, digest or half",
        WrongSignature,
        otherwise_signed,
    ),
];

/// The genuine token with the octets of its signature changed.
fn octets(by: &Forger, change: impl Fn(&[u8]) -> Vec<u8>) -> String {
    part(by, 2, |signature| {
        URL_SAFE_NO_PAD.encode(change(&URL_SAFE_NO_PAD.decode(signature).unwrap()))
    })
}

/// RSA: a signature by the key itself, with SHA-256 under PKCS #1. EC: the signature itself, as
/// openssl and not JOSE writes it.
fn otherwise_encoded(by: &Forger) -> String {
    match by.key.algorithm() {
        Algorithm::Rs512 | Algorithm::Ps256 => {
            resigned(by, MessageDigest::sha256(), Padding::PKCS1, None)
        }
        Algorithm::Es256 => octets(by, |old| {
            let number = |octets| openssl::bn::BigNum::from_slice(octets).unwrap();
            let (r, s) = (number(&old[..32]), number(&old[32..]));
            EcdsaSig::from_private_components(r, s)
                .unwrap()
                .to_der()
                .unwrap()
        }),
    }
}

/// RSA: by the key itself, under PSS with a salt of no octets. EC: the two numbers exchanged.
fn otherwise_signed(by: &Forger) -> String {
    match by.key.algorithm() {
        Algorithm::Rs512 | Algorithm::Ps256 => {
            let salt = Some(RsaPssSaltlen::custom(0));
            resigned(by, MessageDigest::sha256(), Padding::PKCS1_PSS, salt)
        }
        Algorithm::Es256 => octets(by, |old| [&old[32..], &old[..32]].concat()),
    }
}

fn resigned(
    by: &Forger,
    digest: MessageDigest,
    padding: Padding,
    salt: Option<RsaPssSaltlen>,
) -> String {
    let genuine = by.genuine();
    let (signed, _) = genuine.rsplit_once('.').unwrap();
    let key = PKey::private_key_from_pem(&by.key.pem().unwrap()).unwrap();
    let mut signer = Signer::new(digest, &key).unwrap();
    signer.set_rsa_padding(padding).unwrap();
    if let Some(salt) = salt {
        signer.set_rsa_pss_saltlen(salt).unwrap();
    }
    let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
