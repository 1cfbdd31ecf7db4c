//! Bytes as the claims of a token that the issuer itself has signed, to come by what lies behind
//! the signature: whatever is taken is JSON that says, read by another reader, that this issuer
//! made it for us and for a client, for an hour at most, of which this moment is one.
#![no_main]

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use cpis_fhir_tokens::identity::{
    Algorithm, AssuranceLevel, HeldKeys, Jwks, SigningKey, TOKEN_LIFETIME_MAX, Verifier,
    VerifierSettings,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// Those of `src/identity/forgeries/mod.rs`, whose claims are what is changed first.
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://cpis.example/FHIR/R4";
const NOW: i64 = 1_795_000_000;
const LEEWAY: u32 = 10;

struct Issuer {
    key: SigningKey,
    header: String,
    verifier: Verifier,
    now: DateTime<Utc>,
}

static ISSUED: LazyLock<Issuer> = LazyLock::new(|| {
    let key = SigningKey::generate(Algorithm::Es256).expect("openssl makes a key");
    let set = json!({"keys": [key.jwk()]}).to_string();
    let header = json!({"alg": key.algorithm().name(), "kid": key.key_id(), "typ": "JWT"});
    Issuer {
        verifier: Verifier::new(VerifierSettings {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            keys: Arc::new(HeldKeys::fixed(
                Jwks::from_json(&set).expect("it is public"),
            )),
            leeway_seconds: LEEWAY,
            lifetime_max: TOKEN_LIFETIME_MAX,
            required_type: None,
            assurance_min: Some(AssuranceLevel::Two),
        }),
        key,
        header: header.to_string(),
        now: DateTime::from_timestamp(NOW, 0).expect("it is a time"),
    }
});

fuzz_target!(|input: &[u8]| {
    let Ok(claims) = std::str::from_utf8(input) else {
        return;
    };
    let issued = &*ISSUED;
    let token = issued.key.token_of(&issued.header, claims);
    let token = token.expect("openssl signs");
    let Ok(taken) = issued.verifier.verify(&token, issued.now) else {
        return;
    };
    let claims: Value = serde_json::from_str(claims).expect("what is taken is JSON");
    let text = |name: &str| claims[name].as_str();
    assert_eq!(text("iss"), Some(ISSUER));
    assert_eq!(text("sub"), Some(taken.subject.as_str()));
    let client = text("client_id").or(text("azp"));
    assert!(client.is_some() && client == taken.client_id.as_deref());
    let is_ours = |audience: &Value| audience == AUDIENCE;
    assert!(
        is_ours(&claims["aud"])
            || claims["aud"]
                .as_array()
                .is_some_and(|all| { all.iter().any(is_ours) })
    );
    let time = |name: &str| claims[name].as_i64();
    let (began, ends) = (
        time("iat").expect("iat is there"),
        time("exp").expect("exp is there"),
    );
    assert!(ends > NOW - i64::from(LEEWAY) && began <= NOW + 60);
    assert!(ends - began <= TOKEN_LIFETIME_MAX.num_seconds() && ends > began);
    assert!(time("nbf").is_none_or(|from| from <= NOW + i64::from(LEEWAY)));
    // Nobody is spoken for whom the token does not name, and nothing is allowed that it does not.
    match &taken.practitioner {
        Some(person) => {
            let roles = claims["nhsid_nrbac_roles"]
                .as_array()
                .expect("roles are there");
            assert!(
                roles
                    .iter()
                    .any(|role| role["person_roleid"] == person.role_profile_id
                        && role["org_code"] == taken.organisation)
            );
            assert!(taken.assurance >= Some(AssuranceLevel::Two));
        }
        None => assert_eq!(text("organisation"), Some(taken.organisation.as_str())),
    }
    let scope = text("scope").unwrap_or_default();
    assert!(
        taken
            .scopes
            .iter()
            .all(|one| scope.split(' ').any(|named| named == one))
    );
    let after = issued.now + TimeDelta::hours(2);
    assert!(issued.verifier.verify(&token, after).is_err());
});
