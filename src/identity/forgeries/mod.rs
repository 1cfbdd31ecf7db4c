//! Forged tokens: each is refused, for the reason it was made to be, by each of the three
//! algorithms; and the genuine token that each was made from is taken.
//!
//! After the attacks of RFC 8725 and those published against JWT libraries.
//! <https://www.rfc-editor.org/rfc/rfc8725#section-2>
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop"
)]

mod assertions;
mod claims;
mod forms;
mod genuine;
mod headers;
mod mutations;
mod people;
mod seeds;
mod signatures;

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Algorithm, AssuranceLevel, HeldKeys, Jwks, SigningKey, TOKEN_LIFETIME_MAX, TokenError,
    Verifier, VerifierSettings,
};

pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "https://cpis.example/FHIR/R4";

/// When every forged token is looked at, in seconds since 1970.
pub const NOW: i64 = 1_795_000_000;

/// A forgery: its name, why it must be refused, and how it is made.
pub type Forgery = (&'static str, TokenError, fn(&Forger) -> String);

struct Keys {
    genuine: [SigningKey; 3],
    foreign: [SigningKey; 3],
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let made = || Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    Keys {
        genuine: made(),
        foreign: made(),
    }
});

/// Who forges: has the issuer's key of one algorithm, to make tokens wrong in one way only, and a
/// key of the same algorithm that the issuer never had.
pub struct Forger {
    pub key: &'static SigningKey,
    pub other_key: &'static SigningKey,
    pub foreign_key: &'static SigningKey,
}

impl Forger {
    fn each() -> [Self; 3] {
        [0, 1, 2].map(|index| Self {
            key: &KEYS.genuine[index],
            other_key: &KEYS.genuine[(index + 1) % 3],
            foreign_key: &KEYS.foreign[index],
        })
    }

    pub fn header(&self) -> Value {
        json!({"alg": self.key.algorithm().name(), "kid": self.key.key_id(), "typ": "JWT"})
    }

    /// A practitioner's claims, with nothing wrong with them.
    pub fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "555000000101", "client_id": "epr",
            "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 290, "jti": "one",
            "name": "Dr Amina Clarke", "nhsid_useruid": "555000000101",
            "selected_roleid": "555000000201", "acr": "AAL2_OR_AAL3_ANY",
            "authentication_assurance_level": "2",
            "nhsid_nrbac_roles": [Self::role("555000000201"), Self::role("555000000202")],
        })
    }

    pub fn role(id: &str) -> Value {
        json!({
            "person_orgid": "555000000301", "person_roleid": id, "org_code": "RQX99",
            "role_name": "Clinical Practitioner Access Role", "role_code": "S8000:G8000:R8000",
            "activities": ["View CP-IS Flag"], "activity_codes": ["B0107"],
        })
    }

    /// A local authority's system's claims, with nothing wrong with them.
    pub fn system_claims() -> Value {
        json!({
            "iss": ISSUER, "aud": [AUDIENCE, "another"], "sub": "system", "client_id": "upload",
            "iat": NOW, "exp": NOW + 300, "organisation": "E90001", "scope": "plans.upload",
        })
    }

    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        self.key
            .token_of(&header.to_string(), &claims.to_string())
            .unwrap()
    }

    pub fn genuine(&self) -> String {
        self.signed(&self.header(), &Self::claims())
    }

    pub fn with_header(&self, name: &str, value: Value) -> String {
        self.signed(&with(self.header(), name, value), &Self::claims())
    }

    pub fn without_header(&self, name: &str) -> String {
        self.signed(&without(self.header(), name), &Self::claims())
    }

    pub fn with_claim(&self, name: &str, value: Value) -> String {
        self.signed(&self.header(), &with(Self::claims(), name, value))
    }

    pub fn without_claim(&self, name: &str) -> String {
        self.signed(&self.header(), &without(Self::claims(), name))
    }

    /// The genuine token, its claims spelled as they are given.
    pub fn with_claims_spelled(&self, claims: &str) -> String {
        self.key
            .token_of(&self.header().to_string(), claims)
            .unwrap()
    }
}

pub fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

pub fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn held(set: &Value) -> Arc<HeldKeys> {
    Arc::new(HeldKeys::fixed(Jwks::from_json(&set.to_string()).unwrap()))
}

/// A verifier that knows the issuer's three keys.
pub fn verifier() -> Verifier {
    Verifier::new(settings())
}

fn settings() -> VerifierSettings {
    let keys = KEYS.genuine.each_ref().map(SigningKey::jwk);
    VerifierSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys: held(&json!({"keys": keys})),
        leeway_seconds: 10,
        lifetime_max: TOKEN_LIFETIME_MAX,
        required_type: None,
        assurance_min: Some(AssuranceLevel::Two),
    }
}

fn all() -> Vec<Forgery> {
    [
        forms::ALL,
        headers::ALL,
        signatures::ALL,
        claims::ALL,
        people::ALL,
    ]
    .concat()
}

#[test]
fn every_forgery_is_refused_for_its_own_reason_whatever_the_algorithm() {
    let verifier = verifier();
    assert!(all().len() >= 100, "{}", all().len());
    for forger in Forger::each() {
        assert!(verifier.verify(&forger.genuine(), now()).is_ok());
        for (name, reason, forge) in all() {
            let algorithm = forger.key.algorithm();
            let forged = forge(&forger);
            assert_eq!(
                verifier.verify(&forged, now()),
                Err(reason),
                "{name} by {algorithm:?}"
            );
            assert_eq!(
                verifier.verify(&forged, now()),
                Err(reason),
                "{name}, again"
            );
        }
    }
}

#[test]
fn forgeries_have_names_of_their_own() {
    let mut names: Vec<_> = all().into_iter().map(|(name, _, _)| name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
