//! A key set is taken whole, or refused by the entry at fault.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop"
)]

use std::sync::LazyLock;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{Algorithm, Jwks, JwksError, Rsa, URL_SAFE_NO_PAD};
use crate::identity::SigningKey;

static KEYS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap().jwk())
});

/// Why a set is refused whose second entry is the RSA or the EC key with one member changed.
fn wrong(index: usize, name: &str, value: Value) -> &'static str {
    let mut keys = KEYS.clone();
    keys[index][name] = value;
    keys.swap(1, index);
    match Jwks::from_json(&json!({"keys": keys}).to_string()) {
        Err(JwksError::Entry { entry: 2, wrong }) => wrong,
        other => unreachable!("{name}: {other:?}"),
    }
}

fn encoded(octets: &[u8]) -> Value {
    URL_SAFE_NO_PAD.encode(octets).into()
}

#[test]
fn a_set_of_public_keys_is_taken_and_each_is_found_by_its_exact_id() {
    let mut keys = KEYS.clone();
    keys[0].as_object_mut().unwrap().remove("use");
    keys[1]["key_ops"] = json!(["verify"]);
    keys[2]["x5t"] = "ignored".into();
    let set = Jwks::from_json(&json!({"keys": keys}).to_string()).unwrap();
    for (key, algorithm) in keys.iter().zip(Algorithm::ALL) {
        let key_id = key["kid"].as_str().unwrap();
        assert_eq!(set.find(key_id).unwrap().algorithm(), algorithm);
        assert!(set.find(&key_id.to_lowercase()).is_none());
    }
}

#[test]
fn what_is_no_set_is_refused() {
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(
            Jwks::from_json(text).unwrap_err(),
            JwksError::NotAKeySet,
            "{text}"
        );
    }
    assert_eq!(
        Jwks::from_json(r#"{"keys":[]}"#).unwrap_err(),
        JwksError::KeyCount(0)
    );
    let many = json!({"keys": vec![&KEYS[0]; 65]}).to_string();
    assert_eq!(Jwks::from_json(&many).unwrap_err(), JwksError::KeyCount(65));
    let one = Jwks::from_json(r#"{"keys":["a"]}"#)
        .unwrap_err()
        .to_string();
    assert_eq!(one, "entry 1 of the key set: it is not a JSON object");
}

#[test]
fn a_key_without_an_id_of_its_own_or_without_an_algorithm_is_refused() {
    assert_eq!(wrong(1, "kid", 1.into()), "it has no `kid` that is text");
    for value in ["", &"a".repeat(257)] {
        assert_eq!(
            wrong(1, "kid", value.into()),
            "its `kid` is empty or longer than 256 bytes"
        );
    }
    assert_eq!(
        wrong(1, "kid", KEYS[0]["kid"].clone()),
        "its `kid` is an earlier entry's"
    );
    for value in [
        Value::Null,
        "none".into(),
        "HS256".into(),
        "RS256".into(),
        "rs512".into(),
    ] {
        assert_eq!(
            wrong(1, "alg", value),
            "its `alg` is not RS512, PS256 or ES256"
        );
    }
}

#[test]
fn a_key_that_is_not_for_signatures_is_refused() {
    assert_eq!(wrong(1, "use", "enc".into()), "its `use` is not `sig`");
    assert_eq!(wrong(1, "use", Value::Null), "its `use` is not `sig`");
    assert_eq!(
        wrong(1, "key_ops", json!(["sign"])),
        "its `key_ops` do not name `verify`"
    );
}

#[test]
fn a_key_of_another_type_than_its_algorithms_is_refused() {
    let mismatch = "its `kty` is not the one its `alg` needs (RSA or EC)";
    assert_eq!(wrong(1, "kty", "EC".into()), mismatch);
    assert_eq!(wrong(2, "alg", "PS256".into()), mismatch);
    assert_eq!(wrong(1, "kty", "oct".into()), mismatch);
}

#[test]
fn a_private_or_shared_key_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(
            wrong(1, name, "AQAB".into()).contains("private or shared"),
            "{name}"
        );
    }
}

#[test]
fn a_weak_or_malformed_rsa_key_is_refused() {
    let weak = encoded(&Rsa::generate(1024).unwrap().n().to_vec());
    let length = "its `n` is shorter than 2048 bits or longer than 8192";
    assert_eq!(wrong(1, "n", weak), length);
    assert_eq!(wrong(1, "n", encoded(&[0xff; 1025])), length);
    let modulus = URL_SAFE_NO_PAD
        .decode(KEYS[1]["n"].as_str().unwrap())
        .unwrap();
    let malformed = "its `n` is not an RSA modulus in base64url";
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let padded = encoded(&[&[0], modulus.as_slice()].concat());
    for value in [
        Value::Null,
        "".into(),
        "+/==".into(),
        padded,
        encoded(&even),
    ] {
        assert_eq!(wrong(1, "n", value), malformed);
    }
    for value in ["Aw", "AQ", "", "AAEAAQ"] {
        assert_eq!(wrong(1, "e", value.into()), "its `e` is not AQAB (65537)");
    }
}

#[test]
fn a_point_that_is_not_on_p256_is_refused() {
    assert_eq!(wrong(2, "crv", "P-384".into()), "its `crv` is not P-256");
    for value in [Value::Null, encoded(&[1; 31]), encoded(&[1; 33])] {
        assert_eq!(
            wrong(2, "x", value),
            "its `x` and `y` are not 32 octets each in base64url"
        );
    }
    assert_eq!(
        wrong(2, "y", encoded(&[1; 32])),
        "its point is not on P-256"
    );
    assert_eq!(
        wrong(2, "x", encoded(&[0xff; 32])),
        "its point is not on P-256"
    );
}
