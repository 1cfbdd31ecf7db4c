//! Tokens whose header would change who is believed, or how.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::{Forger, Forgery, with};
use crate::identity::TokenError::{
    AlgorithmNotTheKeys, AlgorithmRefused, HeaderMemberRefused, HeaderMemberUnusable,
    HeaderNotJson, NotSigned, UnknownKey,
};

pub const ALL: &[Forgery] = &[
    ("no algorithm and no signature", NotSigned, |by| {
        unsigned(by, "none")
    }),
    ("no algorithm and a signature", AlgorithmRefused, |by| {
        by.with_header("alg", "none".into())
    }),
    ("none in capitals", AlgorithmRefused, |by| {
        by.with_header("alg", "NONE".into())
    }),
    ("none in mixed case", AlgorithmRefused, |by| {
        by.with_header("alg", "nOnE".into())
    }),
    ("our algorithm and no signature", NotSigned, |by| {
        unsigned(by, by.key.algorithm().name())
    }),
    (
        "HMAC with the public key as the secret",
        AlgorithmRefused,
        |by| hmac(by, "HS256"),
    ),
    (
        "HMAC under our algorithm's name in lower case",
        AlgorithmRefused,
        |by| hmac(by, "rs512"),
    ),
    ("HS512", AlgorithmRefused, |by| hmac(by, "HS512")),
    ("RS256", AlgorithmRefused, |by| {
        by.with_header("alg", "RS256".into())
    }),
    ("RS384", AlgorithmRefused, |by| {
        by.with_header("alg", "RS384".into())
    }),
    ("PS512", AlgorithmRefused, |by| {
        by.with_header("alg", "PS512".into())
    }),
    ("ES256K", AlgorithmRefused, |by| {
        by.with_header("alg", "ES256K".into())
    }),
    ("ES384", AlgorithmRefused, |by| {
        by.with_header("alg", "ES384".into())
    }),
    ("EdDSA", AlgorithmRefused, |by| {
        by.with_header("alg", "EdDSA".into())
    }),
    ("RSA-OAEP, which encrypts", AlgorithmRefused, |by| {
        by.with_header("alg", "RSA-OAEP".into())
    }),
    ("dir, which encrypts", AlgorithmRefused, |by| {
        by.with_header("alg", "dir".into())
    }),
    ("an algorithm with a space behind", AlgorithmRefused, |by| {
        by.with_header("alg", format!("{} ", by.key.algorithm().name()).into())
    }),
    ("an algorithm in lower case", AlgorithmRefused, |by| {
        by.with_header("alg", by.key.algorithm().name().to_lowercase().into())
    }),
    ("the algorithm of another key", AlgorithmNotTheKeys, |by| {
        by.with_header("alg", by.other_key.algorithm().name().into())
    }),
    ("the key of another algorithm", AlgorithmNotTheKeys, |by| {
        by.with_header("kid", by.other_key.key_id().into())
    }),
    ("an algorithm left out", HeaderMemberUnusable("alg"), |by| {
        by.without_header("alg")
    }),
    (
        "an algorithm that is null",
        HeaderMemberUnusable("alg"),
        |by| by.with_header("alg", Value::Null),
    ),
    ("a list of algorithms", HeaderMemberUnusable("alg"), |by| {
        by.with_header("alg", json!([by.key.algorithm().name()]))
    }),
    ("a key id left out", HeaderMemberUnusable("kid"), |by| {
        by.without_header("kid")
    }),
    ("a key id that is null", HeaderMemberUnusable("kid"), |by| {
        by.with_header("kid", Value::Null)
    }),
    (
        "a key id that is a number",
        HeaderMemberUnusable("kid"),
        |by| by.with_header("kid", 0.into()),
    ),
    ("a list of key ids", HeaderMemberUnusable("kid"), |by| {
        by.with_header("kid", json!([by.key.key_id()]))
    }),
    ("an unknown key id", UnknownKey, |by| {
        by.with_header("kid", "unknown".into())
    }),
    ("an empty key id", UnknownKey, |by| {
        by.with_header("kid", "".into())
    }),
    ("a key id with a space behind", UnknownKey, |by| {
        by.with_header("kid", format!("{} ", by.key.key_id()).into())
    }),
    ("a key id cut short", UnknownKey, |by| {
        by.with_header("kid", by.key.key_id().get(1..).unwrap().into())
    }),
    ("a key id that is a path", UnknownKey, |by| {
        by.with_header("kid", "../../../../dev/null".into())
    }),
    ("a key id that is SQL", UnknownKey, |by| {
        by.with_header("kid", "x' union select 'secret' --".into())
    }),
    ("crit", HeaderMemberRefused("crit"), |by| {
        by.with_header("crit", json!(["exp"]))
    }),
    ("an empty crit", HeaderMemberRefused("crit"), |by| {
        by.with_header("crit", json!([]))
    }),
    ("b64", HeaderMemberRefused("b64"), |by| {
        by.with_header("b64", false.into())
    }),
    (
        "a key of the sender's own",
        HeaderMemberRefused("jwk"),
        |by| {
            let header = with(by.header(), "jwk", by.foreign_key.jwk());
            by.foreign_key
                .token_of(&header.to_string(), &Forger::claims().to_string())
                .unwrap()
        },
    ),
    ("a URL of keys", HeaderMemberRefused("jku"), |by| {
        by.with_header("jku", "https://forger.example/jwks.json".into())
    }),
    ("a URL of a certificate", HeaderMemberRefused("x5u"), |by| {
        by.with_header("x5u", "https://forger.example/key.pem".into())
    }),
    ("a certificate", HeaderMemberRefused("x5c"), |by| {
        by.with_header("x5c", json!(["MIIB"]))
    }),
    ("a null certificate", HeaderMemberRefused("x5c"), |by| {
        by.with_header("x5c", Value::Null)
    }),
    ("a content type", HeaderMemberRefused("cty"), |by| {
        by.with_header("cty", "JWT".into())
    }),
    ("compression", HeaderMemberRefused("zip"), |by| {
        by.with_header("zip", "DEF".into())
    }),
    ("encryption", HeaderMemberRefused("enc"), |by| {
        by.with_header("enc", "A256GCM".into())
    }),
    ("another type", HeaderMemberUnusable("typ"), |by| {
        by.with_header("typ", "JOSE".into())
    }),
    ("a proof's type", HeaderMemberUnusable("typ"), |by| {
        by.with_header("typ", "dpop+jwt".into())
    }),
    (
        "a type that is a number",
        HeaderMemberUnusable("typ"),
        |by| by.with_header("typ", 1.into()),
    ),
    ("a header that is a list", HeaderNotJson, |by| {
        spelled(by, "[]")
    }),
    ("a header that is not JSON", HeaderNotJson, |by| {
        spelled(by, "alg=none")
    }),
    ("a header that is null", HeaderNotJson, |by| {
        spelled(by, "null")
    }),
    ("an algorithm named twice", HeaderNotJson, |by| {
        before(by, r#""alg":"none","#)
    }),
    (
        "an algorithm named twice, once escaped",
        HeaderNotJson,
        |by| before(by, r#""\u0061lg":"none","#),
    ),
    ("a key id named twice", HeaderNotJson, |by| {
        before(by, r#""kid":"other","#)
    }),
    ("two headers", HeaderNotJson, |by| {
        spelled(by, &format!("{0}{0}", by.header()))
    }),
    ("a header nested too deep", HeaderNotJson, |by| {
        before(
            by,
            &format!("\"x\":{}{},", "[".repeat(500), "]".repeat(500)),
        )
    }),
];

fn spelled(by: &Forger, header: &str) -> String {
    by.key
        .token_of(header, &Forger::claims().to_string())
        .unwrap()
}

/// The genuine header with `members` before its own.
fn before(by: &Forger, members: &str) -> String {
    spelled(
        by,
        &by.header()
            .to_string()
            .replacen('{', &format!("{{{members}"), 1),
    )
}

fn signed_part(by: &Forger, algorithm: &str) -> String {
    let header = with(by.header(), "alg", algorithm.into());
    let parts = [header, Forger::claims()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    parts.join(".")
}

fn unsigned(by: &Forger, algorithm: &str) -> String {
    signed_part(by, algorithm) + "."
}

/// The old confusion: a public key, known to all, used as the secret of an HMAC.
fn hmac(by: &Forger, algorithm: &str) -> String {
    let signed = signed_part(by, algorithm);
    let secret = PKey::hmac(by.key.jwk().to_string().as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &secret).unwrap();
    let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
