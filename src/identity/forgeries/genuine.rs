//! Tokens with nothing wrong with them, and for how long and as what they are taken.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value, json};

use super::{AUDIENCE, Forger, NOW, now, settings, verifier, with, without};
use crate::identity::{
    HeldKeys, Jwks, TokenError, TokenType, VerifiedToken, Verifier, VerifierSettings,
};

fn verified(claims: &Value) -> VerifiedToken {
    let forger = &Forger::each()[0];
    verifier()
        .verify(&forger.signed(&forger.header(), claims), now())
        .unwrap()
        .as_ref()
        .clone()
}

#[test]
fn a_genuine_token_says_who_is_asking_whatever_the_algorithm() {
    for forger in Forger::each() {
        let token = verifier().verify(&forger.genuine(), now()).unwrap();
        let practitioner = token.practitioner.as_ref().unwrap();
        assert_eq!(practitioner.role_profile_id, "555000000201");
        assert_eq!(
            (
                token.organisation.as_str(),
                token.client_id.as_deref().unwrap()
            ),
            ("RQX99", "epr")
        );
        assert_eq!(token.token_id.as_deref(), Some("one"));
        assert_eq!(token.activities, ["B0107"]);
    }
}

#[test]
fn the_selected_role_is_the_one_believed_and_no_other() {
    let mut claims = Forger::claims();
    claims["nhsid_nrbac_roles"][1]["org_code"] = "RYH99".into();
    claims["nhsid_nrbac_roles"][1]
        .as_object_mut()
        .unwrap()
        .remove("activity_codes");
    claims["selected_roleid"] = "555000000202".into();
    let token = verified(&claims);
    assert_eq!(token.organisation, "RYH99");
    assert!(token.activities.is_empty());
}

#[test]
fn a_systems_token_and_one_of_several_audiences_are_taken() {
    let token = verified(&Forger::system_claims());
    assert_eq!(
        (token.organisation.as_str(), token.practitioner.as_ref()),
        ("E90001", None)
    );
    assert_eq!(token.scopes, ["plans.upload"]);
}

#[test]
fn claims_and_header_members_that_mean_nothing_here_are_let_be() {
    assert_eq!(
        verified(&with(Forger::claims(), "amr", json!(["N3_SMARTCARD"])))
            .subject
            .len(),
        12
    );
    for forger in Forger::each() {
        for token in [
            forger.without_header("typ"),
            forger.with_header("typ", "at+jwt".into()),
            forger.with_header("typ", "application/at+jwt".into()),
        ] {
            assert!(verifier().verify(&token, now()).is_ok());
        }
    }
}

#[test]
fn a_token_is_of_the_type_that_its_door_needs_and_an_access_token_is_no_id_token() {
    let of_its_own = Verifier::new(VerifierSettings {
        required_type: Some(TokenType::AccessToken),
        ..settings()
    });
    const REFUSED: TokenError = TokenError::HeaderMemberUnusable("typ");
    for forger in Forger::each() {
        for access in ["at+jwt", "application/at+jwt"] {
            let token = forger.with_header("typ", access.into());
            assert!(of_its_own.verify(&token, now()).is_ok());
            let exchanged = verifier().verify_id_token(&token, "epr", now());
            assert_eq!(exchanged, Err(REFUSED));
        }
        for other in [forger.genuine(), forger.without_header("typ")] {
            assert_eq!(of_its_own.verify(&other, now()), Err(REFUSED));
            assert!(verifier().verify_id_token(&other, "epr", now()).is_ok());
        }
        for wrong in [
            "jwt",
            "AT+JWT",
            "at+jwt ",
            "application/jwt",
            "id+jwt",
            "logout+jwt",
            "",
        ] {
            let token = forger.with_header("typ", wrong.into());
            assert_eq!(verifier().verify(&token, now()), Err(REFUSED), "{wrong}");
        }
    }
}

/// `aud` is the client, or it is us and another claim names the client; and none names another.
#[test]
fn an_id_token_speaks_for_nobody_but_to_the_client_that_it_was_issued_to() {
    let forger = &Forger::each()[0];
    let exchanged = |aud: &str, named: &[(&str, &str)]| {
        let mut claims = without(with(Forger::claims(), "aud", aud.into()), "client_id");
        for (name, client) in named {
            claims = with(claims, name, (*client).into());
        }
        let token = forger.signed(&forger.header(), &claims);
        verifier().verify_id_token(&token, "epr", now()).map(|_| ())
    };
    for name in ["azp", "client_id"] {
        assert_eq!(exchanged(AUDIENCE, &[(name, "epr")]), Ok(()));
        assert_eq!(exchanged("epr", &[(name, "epr")]), Ok(()));
        for audience in [AUDIENCE, "epr"] {
            let refused = exchanged(audience, &[(name, "other")]);
            assert_eq!(
                refused,
                Err(TokenError::AnotherClients),
                "{name} {audience}"
            );
        }
        let refused = exchanged("other", &[(name, "epr")]);
        assert_eq!(refused, Err(TokenError::WrongAudience), "{name}");
    }
    assert_eq!(exchanged("epr", &[]), Ok(()));
    for audience in [AUDIENCE, "other"] {
        let refused = exchanged(audience, &[]);
        assert_eq!(refused, Err(TokenError::WrongAudience), "{audience}");
    }
}

#[test]
fn a_token_seen_before_is_refused_once_its_key_is_taken_back() {
    let [forger, other, _] = Forger::each();
    let set = |keys: &[&Forger]| {
        let keys: Vec<_> = keys.iter().map(|by| by.key.jwk()).collect();
        Jwks::from_json(&json!({ "keys": keys }).to_string()).unwrap()
    };
    let until = DateTime::from_timestamp(NOW + 3_600, 0).unwrap();
    let keys = Arc::new(HeldKeys::default());
    let verifier = Verifier::new(VerifierSettings {
        keys: Arc::clone(&keys),
        ..settings()
    });
    let genuine = forger.genuine();
    keys.hold(set(&[&forger, &other]), until);
    assert!(verifier.verify(&genuine, now()).is_ok());
    keys.hold(set(&[&other]), until);
    let refused = verifier.verify(&genuine, now());
    assert_eq!(refused, Err(TokenError::UnknownKey));
}

#[test]
fn a_token_seen_before_still_expires_and_still_begins() {
    let verifier = verifier();
    let genuine = Forger::each()[0].genuine();
    let at = |seconds: i64| DateTime::from_timestamp(NOW + seconds, 0).unwrap();
    assert!(verifier.verify(&genuine, at(0)).is_ok());
    assert!(verifier.verify(&genuine, at(299)).is_ok());
    assert_eq!(verifier.verify(&genuine, at(300)), Err(TokenError::Expired));
    assert_eq!(
        verifier.verify(&genuine, at(-21)),
        Err(TokenError::NotYetValid)
    );
    assert!(verifier.verify(&genuine, at(0)).is_ok());
}
