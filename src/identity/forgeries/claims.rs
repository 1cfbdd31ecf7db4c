//! Tokens signed by the issuer's own key that claim what no token may: another type, another time,
//! another audience.

use serde_json::{Value, json};

use super::{AUDIENCE, Forger, Forgery, ISSUER, NOW};
use crate::identity::TokenError::{
    ClaimMalformed, ClaimMissing, ClaimOutOfBounds, ClaimsNotJson, Expired, IssuedInFuture,
    LifetimeRefused, NotYetValid, WrongAudience, WrongIssuer,
};

pub const ALL: &[Forgery] = &[
    ("no exp", ClaimMissing("exp"), |by| by.without_claim("exp")),
    ("exp that is text", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", (NOW + 290).to_string().into())
    }),
    ("exp that is null", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", Value::Null)
    }),
    ("exp that is true", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", true.into())
    }),
    ("exp with a fraction", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", json!(1_795_000_290.5))
    }),
    (
        "exp spelled as serde_json keeps numbers",
        ClaimMalformed("exp"),
        |by| respelled(by, r#"{"$serde_json::private::Number":"1795000290"}"#),
    ),
    ("exp with an exponent", ClaimMalformed("exp"), |by| {
        respelled(by, "1.79500029e9")
    }),
    ("exp below nought", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", (-1).into())
    }),
    ("exp beyond the calendar", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", i64::MAX.into())
    }),
    ("exp beyond 64 bits", ClaimMalformed("exp"), |by| {
        respelled(by, "99999999999999999999999")
    }),
    ("exp that is a list", ClaimMalformed("exp"), |by| {
        by.with_claim("exp", json!([NOW + 290]))
    }),
    ("exp in milliseconds", LifetimeRefused, |by| {
        by.with_claim("exp", ((NOW + 290) * 1000).into())
    }),
    ("exp named twice", ClaimsNotJson, |by| {
        before(by, r#""exp":99999999999,"#)
    }),
    ("exp named twice, once escaped", ClaimsNotJson, |by| {
        before(by, r#""e\u0078p":99999999999,"#)
    }),
    ("expired", Expired, |by| times(by, [-310, -310, -10])),
    ("not valid yet", NotYetValid, |by| times(by, [0, 11, 300])),
    ("issued in the future", IssuedInFuture, |by| {
        times(by, [61, 0, 300])
    }),
    ("valid for a day", LifetimeRefused, |by| {
        times(by, [0, 0, 86_400])
    }),
    ("valid for no time", LifetimeRefused, |by| {
        times(by, [10, 10, 10])
    }),
    ("ends before it begins", LifetimeRefused, |by| {
        times(by, [20, 20, 10])
    }),
    ("no iat", ClaimMissing("iat"), |by| by.without_claim("iat")),
    ("iat that is text", ClaimMalformed("iat"), |by| {
        by.with_claim("iat", NOW.to_string().into())
    }),
    ("nbf that is text", ClaimMalformed("nbf"), |by| {
        by.with_claim("nbf", NOW.to_string().into())
    }),
    ("nbf that is null", ClaimMalformed("nbf"), |by| {
        by.with_claim("nbf", Value::Null)
    }),
    ("no aud", ClaimMissing("aud"), |by| by.without_claim("aud")),
    ("another aud", WrongAudience, |by| {
        by.with_claim("aud", "https://other.example".into())
    }),
    ("aud with a slash behind", WrongAudience, |by| {
        by.with_claim("aud", format!("{AUDIENCE}/").into())
    }),
    ("aud in capitals", WrongAudience, |by| {
        by.with_claim("aud", AUDIENCE.to_uppercase().into())
    }),
    ("aud cut short", WrongAudience, |by| {
        by.with_claim("aud", "https://cpis.example".into())
    }),
    ("no aud in the list", WrongAudience, |by| {
        by.with_claim("aud", json!([]))
    }),
    ("others' aud in the list", WrongAudience, |by| {
        by.with_claim("aud", json!(["a", "b"]))
    }),
    (
        "aud with a number in the list",
        ClaimMalformed("aud"),
        |by| by.with_claim("aud", json!([AUDIENCE, 1])),
    ),
    ("aud that is an object", ClaimMalformed("aud"), |by| {
        by.with_claim("aud", json!({"0": AUDIENCE}))
    }),
    ("a crowd of aud", ClaimOutOfBounds("aud"), |by| {
        by.with_claim("aud", json!(vec![AUDIENCE; 65]))
    }),
    ("no iss", ClaimMissing("iss"), |by| by.without_claim("iss")),
    ("another iss", WrongIssuer, |by| {
        by.with_claim("iss", "https://forger.example".into())
    }),
    ("iss with a slash behind", WrongIssuer, |by| {
        by.with_claim("iss", format!("{ISSUER}/").into())
    }),
    ("iss in capitals", WrongIssuer, |by| {
        by.with_claim("iss", ISSUER.to_uppercase().into())
    }),
    ("iss that is a list", ClaimMalformed("iss"), |by| {
        by.with_claim("iss", json!([ISSUER]))
    }),
    ("no sub", ClaimMissing("sub"), |by| by.without_claim("sub")),
    ("sub that is a number", ClaimMalformed("sub"), |by| {
        by.with_claim("sub", 1.into())
    }),
    ("an empty sub", ClaimMalformed("sub"), |by| {
        by.with_claim("sub", "".into())
    }),
    ("sub with a line end", ClaimOutOfBounds("sub"), |by| {
        by.with_claim("sub", "a\nb".into())
    }),
    ("no client_id", ClaimMissing("client_id"), |by| {
        by.without_claim("client_id")
    }),
    ("a long client_id", ClaimOutOfBounds("client_id"), |by| {
        by.with_claim("client_id", "a".repeat(257).into())
    }),
    ("jti that is a number", ClaimMalformed("jti"), |by| {
        by.with_claim("jti", 1.into())
    }),
    ("scope that is a list", ClaimMalformed("scope"), |by| {
        by.with_claim("scope", json!(["plans.upload"]))
    }),
    ("scope with two spaces", ClaimMalformed("scope"), |by| {
        by.with_claim("scope", "a  b".into())
    }),
    ("claims that are a list", ClaimsNotJson, |by| {
        by.with_claims_spelled("[]")
    }),
    ("claims that are not JSON", ClaimsNotJson, |by| {
        by.with_claims_spelled("exp=1")
    }),
    ("claims twice", ClaimsNotJson, |by| {
        by.with_claims_spelled(&format!("{0}{0}", Forger::claims()))
    }),
    ("claims behind a byte order mark", ClaimsNotJson, |by| {
        by.with_claims_spelled(&format!("\u{feff}{}", Forger::claims()))
    }),
    ("claims in a comment", ClaimsNotJson, |by| {
        by.with_claims_spelled(&format!("/**/{}", Forger::claims()))
    }),
    ("half a surrogate pair", ClaimsNotJson, |by| {
        before(by, r#""x":"\ud800","#)
    }),
    ("iss of a prototype", WrongIssuer, |by| {
        let claims = Forger::claims().to_string();
        by.with_claims_spelled(&claims.replacen("\"iss\":\"", "\"__proto__\":{},\"iss\":\"x", 1))
    }),
];

/// The genuine claims with `members` before their own.
fn before(by: &Forger, members: &str) -> String {
    by.with_claims_spelled(
        &Forger::claims()
            .to_string()
            .replacen('{', &format!("{{{members}"), 1),
    )
}

/// The genuine claims with `exp` spelled as given.
fn respelled(by: &Forger, exp: &str) -> String {
    by.with_claims_spelled(
        &Forger::claims()
            .to_string()
            .replacen(&(NOW + 290).to_string(), exp, 1),
    )
}

/// The genuine claims with `iat`, `nbf` and `exp` so many seconds from now.
fn times(by: &Forger, seconds: [i64; 3]) -> String {
    let mut claims = Forger::claims();
    for (name, seconds) in ["iat", "nbf", "exp"].into_iter().zip(seconds) {
        claims[name] = (NOW + seconds).into();
    }
    by.signed(&by.header(), &claims)
}
