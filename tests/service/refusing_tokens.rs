//! Tokens of every wrong kind, over HTTP: `search_flags`, `upload_plans`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cpis_fhir::identity::{Algorithm, SigningKey};
use cpis_fhir::sandbox::role::SandboxRole;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Value, json};

use crate::refusing_callers::claims_of;
use crate::support::{TestService, a_plan, form};

const NUMBER: &str = "9990000026";

#[test]
fn a_token_of_any_wrong_kind_is_refused_and_says_what_is_wrong_and_nothing_of_itself() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let forgeries = forgeries(&service);
    assert!(forgeries.len() > 25, "{}", forgeries.len());
    for (name, token) in forgeries {
        for path in [
            format!("Flag?patient={NUMBER}"),
            format!("Patient/{NUMBER}/Flag"),
        ] {
            let answer = service.get_as(&token, &path);
            let issue = answer.refusal(401, "ACCESS_DENIED");
            let words = issue["diagnostics"].as_str().unwrap();
            assert!(
                words.starts_with("the bearer token is not accepted: "),
                "{name}: {words}"
            );
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer error=\"invalid_token\""),
                "{name}"
            );
            for secret in [NUMBER, "Amina", "555000000101", token.as_str()] {
                assert!(secret.is_empty() || !answer.text.contains(secret), "{name}");
            }
        }
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_credential_that_is_no_bearer_token_is_none() {
    let service = TestService::new();
    let token = service.token(SandboxRole::Clinician);
    let values = [
        String::new(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        format!("Bearer\t{token}"),
        format!("DPoP {token}"),
        "Bearer".to_owned(),
    ];
    for value in values {
        let answer = service.ask(
            "GET",
            &format!("Flag?patient={NUMBER}"),
            &[("authorization", &value)],
            b"",
        );
        answer.refusal(401, "ACCESS_DENIED");
    }
    let elsewhere = form(&[("patient", NUMBER), ("access_token", &token)]);
    let answer = service.ask("GET", &format!("Flag?{elsewhere}"), &[], b"");
    answer.refusal(401, "ACCESS_DENIED");
    let cookie = format!("access_token={token}");
    let answer = service.ask(
        "GET",
        "Flag?patient=9990000026",
        &[("cookie", &cookie)],
        b"",
    );
    answer.refusal(401, "ACCESS_DENIED");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn an_upload_under_a_forged_token_changes_nothing() {
    let service = TestService::new();
    let genuine = service.token(SandboxRole::LocalAuthority);
    let mut claims = claims_of(&genuine);
    claims["iss"] = "https://forger.example".into();
    for token in [service.token_saying(claims), unsigned(&genuine, "none")] {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        let csv = crate::support::file(1, &[a_plan().child(NUMBER)]);
        let answer = service.ask("POST", "$upload-plans", &headers, csv.as_bytes());
        answer.refusal(401, "ACCESS_DENIED");
    }
    assert_eq!(service.number("select count(*) from uploads"), 0);
}

/// A name, and a token that is wrong in the way it says.
fn forgeries(service: &TestService) -> Vec<(&'static str, String)> {
    let genuine = service.token(SandboxRole::Clinician);
    let mut forgeries = unproven(service, &genuine);
    forgeries.extend(untrue(service, &genuine));
    forgeries
}

/// Tokens whose signature proves nothing.
fn unproven(service: &TestService, genuine: &str) -> Vec<(&'static str, String)> {
    vec![
        ("no token at all", "abc".to_owned()),
        ("not base64", "a.b!.c".to_owned()),
        ("a letter too many", format!("{genuine}A")),
        ("cut short", genuine[..genuine.len() - 8].to_owned()),
        ("without its signature", unsigned(genuine, "ES256")),
        ("alg none", unsigned(genuine, "none")),
        ("alg None", unsigned(genuine, "None")),
        (
            "longer than 16 KiB",
            format!("{genuine}{}", "A".repeat(20_000)),
        ),
        (
            "another's claims under its signature",
            grafted(service, genuine),
        ),
        (
            "HS256 by a secret that anybody may know",
            by_secret(genuine),
        ),
        ("a foreign key", foreign(genuine, None)),
        (
            "a foreign key under the issuer's key id",
            foreign(genuine, Some(genuine)),
        ),
        (
            "an algorithm that is not its key's",
            renamed(genuine, "alg", "RS512".into()),
        ),
        (
            "a key of its own in the header",
            renamed(genuine, "jwk", json!({"kty": "EC"})),
        ),
        (
            "an address of keys in the header",
            renamed(genuine, "jku", "https://a.b".into()),
        ),
        (
            "a key id that is a path",
            renamed(genuine, "kid", "../../../etc/passwd".into()),
        ),
    ]
}

/// Tokens that the issuer's own key has signed, and that claim what no token may.
fn untrue(service: &TestService, genuine: &str) -> Vec<(&'static str, String)> {
    let mut forgeries = Vec::new();
    let now = service.now().timestamp();
    for (name, claim, value) in [
        ("another issuer", "iss", json!("https://forger.example")),
        ("another audience", "aud", json!("https://other.example")),
        ("no audience", "aud", json!([])),
        ("ended", "exp", json!(now - 11)),
        ("valid for a day", "exp", json!(now + 86_400)),
        ("ended before it began", "exp", json!(now - 3600)),
        ("an end that is text", "exp", json!((now + 60).to_string())),
        ("issued in the future", "iat", json!(now + 61)),
        ("not valid yet", "nbf", json!(now + 60)),
        ("no user id", "nhsid_useruid", Value::Null),
        ("a role that is not held", "selected_roleid", json!("1")),
        ("no role", "nhsid_nrbac_roles", json!([])),
        ("no name", "name", json!("")),
        ("a person and a system", "organisation", json!("E90001")),
        ("a client id with a line end", "client_id", json!("a\r\nb")),
    ] {
        let mut claims = claims_of(genuine);
        if claim == "exp" {
            claims["iat"] = json!((now - 3000).min(value.as_i64().unwrap_or(now) + 10));
        }
        claims[claim] = value;
        forgeries.push((name, service.token_saying(claims)));
    }
    let mut claims = claims_of(genuine);
    claims["nhsid_nrbac_roles"][0]["org_code"] = "rqx99; drop table plans".into();
    forgeries.push((
        "an organisation that is no ODS code",
        service.token_saying(claims),
    ));
    forgeries
}

fn parts(token: &str) -> [&str; 3] {
    let mut parts = token.split('.');
    std::array::from_fn(|_| parts.next().unwrap())
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn header_of(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts(token)[0]).unwrap()).unwrap()
}

fn unsigned(token: &str, algorithm: &str) -> String {
    let mut header = header_of(token);
    header["alg"] = algorithm.into();
    format!("{}.{}.", encoded(&header), parts(token)[1])
}

/// The same claims and signature under a header that says something else.
fn renamed(token: &str, member: &str, value: Value) -> String {
    let mut header = header_of(token);
    header[member] = value;
    let [_, claims, signature] = parts(token);
    format!("{}.{claims}.{signature}", encoded(&header))
}

fn grafted(service: &TestService, token: &str) -> String {
    let [header, _, signature] = parts(token);
    let other = service.token(SandboxRole::BothSettingsClinician);
    format!("{header}.{}.{signature}", parts(&other)[1])
}

fn by_secret(token: &str) -> String {
    let mut header = header_of(token);
    header["alg"] = "HS256".into();
    let signed = format!("{}.{}", encoded(&header), parts(token)[1]);
    let secret = PKey::hmac(header["kid"].to_string().as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &secret).unwrap();
    let code = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(code))
}

/// The same claims, signed by somebody else's key: under its own id, or under the issuer's.
fn foreign(token: &str, named_as: Option<&str>) -> String {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = claims_of(token);
    match named_as {
        None => key.token(&claims).unwrap(),
        Some(other) => key
            .token_of(&header_of(other).to_string(), &claims.to_string())
            .unwrap(),
    }
}
