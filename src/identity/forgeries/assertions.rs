//! Forged client assertions at the token endpoint: each is refused, for the reason it was made to
//! be, by each of the three algorithms, and so is every token that is forged by its form, header or
//! signature.

use serde_json::{Value, json};

use super::{Forger, Forgery, KEYS, NOW, forms, headers, now, signatures, with, without};
use crate::identity::TokenError::{
    ClaimMalformed, ClaimMissing, ClaimOutOfBounds, ClaimsNotJson, Expired, HeaderMemberUnusable,
    IssuedInFuture, LifetimeRefused, NotYetValid, TwoClients, WrongAudience, WrongSignature,
};
use crate::identity::{Assertion, Jwks, PresentedAssertion, SigningKey, TokenError};

pub const ENDPOINT: &str = "https://cpis.example/oauth2/token";

fn claims() -> Value {
    json!({
        "iss": "epr", "sub": "epr", "aud": ENDPOINT, "jti": "one", "iat": NOW - 5,
        "exp": NOW + 290,
    })
}

/// An assertion with nothing wrong with it.
pub fn genuine(by: &Forger) -> String {
    signed(by, &claims())
}

fn signed(by: &Forger, claims: &Value) -> String {
    by.signed(&by.header(), claims)
}

fn claim(by: &Forger, name: &str, value: Value) -> String {
    signed(by, &with(claims(), name, value))
}

fn left_out(by: &Forger, name: &str) -> String {
    signed(by, &without(claims(), name))
}

fn taken(assertion: &str) -> Result<Assertion, TokenError> {
    let keys = KEYS.genuine.each_ref().map(SigningKey::jwk);
    let keys = Jwks::from_json(&json!({ "keys": keys }).to_string()).unwrap();
    PresentedAssertion::read(assertion)?.verify(&keys, ENDPOINT, now(), 10)
}

pub const ALL: &[Forgery] = &[
    ("no iss", ClaimMissing("iss"), |by| left_out(by, "iss")),
    ("no sub", ClaimMissing("sub"), |by| left_out(by, "sub")),
    ("no aud", ClaimMissing("aud"), |by| left_out(by, "aud")),
    ("no jti", ClaimMissing("jti"), |by| left_out(by, "jti")),
    ("no exp", ClaimMissing("exp"), |by| left_out(by, "exp")),
    ("iss of a list", ClaimMalformed("iss"), |by| {
        claim(by, "iss", json!(["epr"]))
    }),
    ("another's sub", TwoClients, |by| {
        claim(by, "sub", "other".into())
    }),
    ("another's iss", TwoClients, |by| {
        claim(by, "iss", "other".into())
    }),
    ("sub in capitals", TwoClients, |by| {
        claim(by, "sub", "EPR".into())
    }),
    ("sub with a space behind", TwoClients, |by| {
        claim(by, "sub", "epr ".into())
    }),
    ("sub that is a number", ClaimMalformed("sub"), |by| {
        claim(by, "sub", 1.into())
    }),
    ("an empty sub", ClaimMalformed("sub"), |by| {
        claim(by, "sub", "".into())
    }),
    ("for another endpoint", WrongAudience, |by| {
        claim(by, "aud", "https://other.example/oauth2/token".into())
    }),
    ("for the root", WrongAudience, |by| {
        claim(by, "aud", "https://cpis.example".into())
    }),
    ("for the base", WrongAudience, |by| {
        claim(by, "aud", "https://cpis.example/FHIR/R4".into())
    }),
    ("for the endpoint and a slash", WrongAudience, |by| {
        claim(by, "aud", format!("{ENDPOINT}/").into())
    }),
    ("for the endpoint in capitals", WrongAudience, |by| {
        claim(by, "aud", ENDPOINT.to_uppercase().into())
    }),
    ("for the endpoint without TLS", WrongAudience, |by| {
        claim(by, "aud", ENDPOINT.replace("https", "http").into())
    }),
    ("for us and another", WrongAudience, |by| {
        claim(by, "aud", json!([ENDPOINT, "https://other.example"]))
    }),
    ("for us twice", WrongAudience, |by| {
        claim(by, "aud", json!([ENDPOINT, ENDPOINT]))
    }),
    ("for nobody", WrongAudience, |by| {
        claim(by, "aud", json!([]))
    }),
    ("for an object", ClaimMalformed("aud"), |by| {
        claim(by, "aud", json!({ "0": ENDPOINT }))
    }),
    ("jti that is a number", ClaimMalformed("jti"), |by| {
        claim(by, "jti", 1.into())
    }),
    ("jti that is null", ClaimMalformed("jti"), |by| {
        claim(by, "jti", Value::Null)
    }),
    ("an empty jti", ClaimMalformed("jti"), |by| {
        claim(by, "jti", "".into())
    }),
    ("jti of spaces", ClaimMalformed("jti"), |by| {
        claim(by, "jti", "  ".into())
    }),
    ("a long jti", ClaimOutOfBounds("jti"), |by| {
        claim(by, "jti", "a".repeat(257).into())
    }),
    ("jti with a NUL", ClaimOutOfBounds("jti"), |by| {
        claim(by, "jti", "a\0b".into())
    }),
    ("exp that is text", ClaimMalformed("exp"), |by| {
        claim(by, "exp", (NOW + 290).to_string().into())
    }),
    ("exp that is null", ClaimMalformed("exp"), |by| {
        claim(by, "exp", Value::Null)
    }),
    ("exp with a fraction", ClaimMalformed("exp"), |by| {
        claim(by, "exp", json!(1_795_000_290.5))
    }),
    ("exp below nought", ClaimMalformed("exp"), |by| {
        claim(by, "exp", (-1).into())
    }),
    ("exp beyond the calendar", ClaimMalformed("exp"), |by| {
        claim(by, "exp", i64::MAX.into())
    }),
    ("expired", Expired, |by| times(by, [-310, -310, -10])),
    ("valid for more than five minutes", LifetimeRefused, |by| {
        times(by, [0, 0, 301])
    }),
    ("valid for a day", LifetimeRefused, |by| {
        times(by, [0, 0, 86_400])
    }),
    ("valid for no time", LifetimeRefused, |by| {
        times(by, [10, 10, 10])
    }),
    ("ends before it begins", LifetimeRefused, |by| {
        times(by, [20, 0, 10])
    }),
    ("issued long ago for long", LifetimeRefused, |by| {
        times(by, [-3000, -3000, 100])
    }),
    (
        "valid for a day, and iat left unsaid",
        LifetimeRefused,
        |by| {
            let claims = without(claims(), "iat");
            signed(by, &with(claims, "exp", (NOW + 86_400).into()))
        },
    ),
    ("not valid yet", NotYetValid, |by| times(by, [0, 11, 200])),
    ("issued in the future", IssuedInFuture, |by| {
        times(by, [61, 0, 200])
    }),
    ("iat that is text", ClaimMalformed("iat"), |by| {
        claim(by, "iat", NOW.to_string().into())
    }),
    ("nbf that is null", ClaimMalformed("nbf"), |by| {
        claim(by, "nbf", Value::Null)
    }),
    ("sub named twice", ClaimsNotJson, |by| {
        before(by, r#""sub":"other","#)
    }),
    ("jti named twice, once escaped", ClaimsNotJson, |by| {
        before(by, r#""jt\u0069":"two","#)
    }),
    ("exp named twice", ClaimsNotJson, |by| {
        before(by, r#""exp":99999999999,"#)
    }),
    (
        "signed as an access token",
        HeaderMemberUnusable("typ"),
        |by| by.signed(&with(by.header(), "typ", "at+jwt".into()), &claims()),
    ),
    (
        "signed as an access token's media type",
        HeaderMemberUnusable("typ"),
        |by| {
            by.signed(
                &with(by.header(), "typ", "application/at+jwt".into()),
                &claims(),
            )
        },
    ),
    ("a person's access token", WrongAudience, |by| {
        let token = with(Forger::claims(), "iss", "555000000101".into());
        signed(by, &token)
    }),
    ("a foreign key under our key's id", WrongSignature, |by| {
        by.foreign_key
            .token_of(&by.header().to_string(), &claims().to_string())
            .unwrap()
    }),
    (
        "another of the keys under this key's id",
        WrongSignature,
        |by| {
            by.other_key
                .token_of(&by.header().to_string(), &claims().to_string())
                .unwrap()
        },
    ),
];

fn before(by: &Forger, members: &str) -> String {
    let claims = claims().to_string();
    by.with_claims_spelled(&claims.replacen('{', &format!("{{{members}"), 1))
}

fn times(by: &Forger, seconds: [i64; 3]) -> String {
    let mut claims = claims();
    for (name, seconds) in ["iat", "nbf", "exp"].into_iter().zip(seconds) {
        claims[name] = (NOW + seconds).into();
    }
    signed(by, &claims)
}

#[test]
fn every_forged_assertion_is_refused_for_what_is_wrong_with_it() {
    assert!(ALL.len() >= 50, "{}", ALL.len());
    for forger in Forger::each() {
        let algorithm = forger.key.algorithm();
        for (name, wrong, forged) in ALL {
            assert_eq!(taken(&forged(&forger)), Err(*wrong), "{name} {algorithm:?}");
        }
    }
}

#[test]
fn every_token_that_is_forged_by_form_header_or_signature_is_no_assertion_either() {
    let others = [forms::ALL, headers::ALL, signatures::ALL].concat();
    assert!(others.len() + ALL.len() >= 140, "{}", others.len());
    for forger in Forger::each() {
        for (name, wrong, forged) in &others {
            assert_eq!(taken(&forged(&forger)), Err(*wrong), "{name}");
        }
    }
}

#[test]
fn the_assertion_that_they_were_made_from_is_taken() {
    for forger in Forger::each() {
        let proven = taken(&signed(&forger, &claims())).unwrap();
        assert_eq!(proven.token_id, "one");
        assert_eq!(proven.expires_at.timestamp(), NOW + 290);
        // As SMART has it, without iat; and for a list of us alone.
        let bare = with(without(claims(), "iat"), "aud", json!([ENDPOINT]));
        assert!(taken(&signed(&forger, &bare)).is_ok());
    }
}

proptest::proptest! {
    #[test]
    fn no_text_proves_a_client(text: String) {
        assert!(taken(&text).is_err());
    }

    #[test]
    fn no_assertion_is_taken_with_any_run_of_it_exchanged(
        index in 0_usize..3,
        place in proptest::prelude::any::<proptest::sample::Index>(),
        length in 0_usize..8,
        new in "[A-Za-z0-9_.=-]{0,8}",
    ) {
        let genuine = signed(&Forger::each()[index], &claims());
        let place = place.index(genuine.len());
        let end = genuine.len().min(place + length);
        let changed = [&genuine[..place], &new, &genuine[end..]].concat();
        assert!(changed == genuine || taken(&changed).is_err());
    }

    #[test]
    fn any_claims_under_a_genuine_signature_are_read_or_refused(claims: String) {
        let _ = taken(&Forger::each()[2].with_claims_spelled(&claims));
    }
}
