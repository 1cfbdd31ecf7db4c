//! What can be wrong with a token, and the name under which each is in the security log. Each token
//! is signed once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use super::askers::{Asker, Proves};
use crate::support::TestService;

/// A fault: what it is, the values of the header, and the name of its refusal.
type Fault = (&'static str, Vec<String>, &'static str);

/// The bearers of a role's token with each fault there is.
pub fn faults(service: &TestService, role: SandboxRole) -> Vec<Asker> {
    let good = service.token(role);
    let parts = <[&str; 3]>::try_from(good.split('.').collect::<Vec<_>>()).unwrap();
    let faults = of_form(&good, parts)
        .into_iter()
        .chain(of_header(parts))
        .chain(of_claims(service, parts));
    faults
        .map(|(name, proofs, reason)| Asker {
            name: format!("{role:?}, {name}"),
            proofs,
            proves: Proves::Nothing(reason),
        })
        .collect()
}

fn bearer(token: &str) -> Vec<String> {
    vec![format!("Bearer {token}")]
}

fn of_form(good: &str, [header, claims, signature]: [&str; 3]) -> Vec<Fault> {
    let long = format!("{good}{}", "A".repeat(17_000));
    let signed_otherwise = format!("{header}.{claims}.{}", turned(signature));
    let changed = format!("{header}.{}.{signature}", more_scopes(claims));
    vec![
        ("no header", Vec::new(), "no-token"),
        ("another scheme", vec![format!("Basic {good}")], "no-token"),
        ("no scheme", vec![good.to_owned()], "no-token"),
        (
            "two tokens",
            [bearer(good), bearer(good)].concat(),
            "no-token",
        ),
        (
            "two parts",
            bearer(&format!("{header}.{claims}")),
            "token-unreadable",
        ),
        (
            "no signature",
            bearer(&format!("{header}.{claims}.")),
            "token-signature",
        ),
        ("padding", bearer(&format!("{good}=")), "token-unreadable"),
        ("much too long", bearer(&long), "token-unreadable"),
        (
            "another signature",
            bearer(&signed_otherwise),
            "token-signature",
        ),
        ("changed claims", bearer(&changed), "token-signature"),
    ]
}

fn of_header([header, claims, signature]: [&str; 3]) -> Vec<Fault> {
    let elsewhere = json!("https://keys.example/");
    let faults = [
        ("alg none", "alg", json!("none"), "token-algorithm"),
        (
            "a symmetric algorithm",
            "alg",
            json!("HS256"),
            "token-algorithm",
        ),
        (
            "another key's algorithm",
            "alg",
            json!("PS256"),
            "token-algorithm",
        ),
        ("an unknown key", "kid", json!("another"), "token-key"),
        ("a place of keys", "jku", elsewhere.clone(), "token-header"),
        (
            "a key of its own",
            "jwk",
            json!({ "kty": "EC" }),
            "token-header",
        ),
        (
            "a certificate of its own",
            "x5c",
            json!(["MIIB"]),
            "token-header",
        ),
        ("a place of certificates", "x5u", elsewhere, "token-header"),
        ("something critical", "crit", json!(["exp"]), "token-header"),
    ];
    let faults = faults.into_iter().map(|(name, member, value, reason)| {
        let header = with_member(header, member, value);
        (
            name,
            bearer(&format!("{header}.{claims}.{signature}")),
            reason,
        )
    });
    faults.collect()
}

fn of_claims(service: &TestService, [_, claims, _]: [&str; 3]) -> Vec<Fault> {
    let now = service.now().timestamp();
    let faults = [
        ("an hour ago", "exp", json!(now - 11), "token-expired"),
        ("tomorrow", "nbf", json!(now + 3_000), "token-time"),
        ("from the future", "iat", json!(now + 120), "token-time"),
        ("for two hours", "exp", json!(now + 7_300), "token-time"),
        (
            "of another issuer",
            "iss",
            json!("https://issuer.example"),
            "token-issuer",
        ),
        (
            "for another audience",
            "aud",
            json!("https://other.example"),
            "token-audience",
        ),
        ("without a subject", "sub", Value::Null, "token-claims"),
        ("of no client", "client_id", json!(7), "token-claims"),
        (
            "bound in another way",
            "cnf",
            json!({ "jkt": "a" }),
            "token-claims",
        ),
    ];
    let faults = faults.into_iter().map(|(name, member, value, reason)| {
        let claims = with_claim(claims, member, value, now);
        (name, bearer(&service.token_saying(claims)), reason)
    });
    faults.collect()
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn with_member(header: &str, member: &str, value: Value) -> String {
    let mut header = decoded(header);
    header[member] = value;
    encoded(&header)
}

/// A signature with its first character turned into another.
fn turned(signature: &str) -> String {
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{first}{}", &signature[1..])
}

fn more_scopes(claims: &str) -> String {
    let mut claims = decoded(claims);
    claims["scope"] = json!("plans.upload notifications.read");
    encoded(&claims)
}

/// The claims with another value, begun an hour before the one that ends too early.
fn with_claim(claims: &str, member: &str, value: Value, now: i64) -> Value {
    let mut claims = decoded(claims);
    if member == "exp" && value.as_i64() < Some(now) {
        claims["iat"] = json!(now - 3_600);
    }
    claims[member] = value;
    if claims[member].is_null() {
        claims.as_object_mut().unwrap().remove(member);
    }
    claims
}
