//! Tokens of our own token service, from the client's assertion to what they open: `issue_token`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chrono::TimeDelta;
use cpis_fhir::domain::caller::Practitioner;
use cpis_fhir::domain::care_setting::ViewActivities;
use cpis_fhir::domain::client::Unattended;
use serde_json::{Value, json};

use crate::support::{CLIENT_KEYS, TestService, a_client, a_plan, file};

const NUMBER: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

#[test]
fn a_client_exchanges_a_persons_id_token_and_looks_in_the_persons_name() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    service.register_client(&a_client("epr", &["RQX99"], &["user/*.rs"]));
    let issued = service.exchange(
        &service.assertion("epr", "1"),
        &service.id_token("epr"),
        &[],
    );
    let said = issued.json();
    assert_eq!(issued.header("cache-control"), Some("no-store"));
    assert_eq!(said["token_type"], "Bearer");
    assert_eq!(said["expires_in"], 300);
    assert_eq!(said["scope"], "user/*.rs");
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(said["issued_token_type"], kind);
    let token = TestService::issued(&issued);
    assert_eq!(service.get_as(&token, SEARCH).total(), 1);
    let by = "select client_id || ' ' || practitioner_id || ' ' || organisation_code from accesses";
    assert_eq!(service.texts(by), ["epr 555000000901 RQX99"]);
    service.clock.advance(TimeDelta::seconds(310));
    service.get_as(&token, SEARCH).refusal(401, "ACCESS_DENIED");
}

#[test]
fn software_alone_is_given_no_token_to_look_with_unless_somebody_answers_for_it() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let mut client = a_client("monitor", &["RQX99"], &["system/Flag.rs"]);
    service.register_client(&client);
    let refused = service.ask_for_token(&service.assertion("monitor", "1"), &[]);
    assert_refused(
        &refused.json(),
        (refused.status, 400),
        "unauthorized_client",
        "named person",
    );
    client.unattended = Some(Unattended {
        activities: ViewActivities::among(["B0107"]),
        responsible: Practitioner {
            user_id: "555000000105".into(),
            name: "Grace Underhill".into(),
            role_profile_id: "555000000205".into(),
            job_role_code: "S8000:G8000:R5105".into(),
            job_role_name: "Caldicott Guardian".into(),
        },
    });
    service.register_client(&client);
    service.clock.advance(TimeDelta::seconds(60));
    let issued = service.ask_for_token(&service.assertion("monitor", "2"), &[]);
    let token = TestService::issued(&issued);
    assert_eq!(service.get_as(&token, SEARCH).total(), 1);
    let by = "select client_id || ' ' || practitioner_name || ' ' || job_role_name from accesses";
    let named = "monitor Grace Underhill Caldicott Guardian, answering for an unattended system";
    assert_eq!(service.texts(by), [named]);
    assert_eq!(service.notifications(), 1);
    client.unattended = None;
    service.register_client(&client);
    service.clock.advance(TimeDelta::seconds(60));
    service.get_as(&token, SEARCH).refusal(403, "ACCESS_DENIED");
}

#[test]
fn a_local_authoritys_system_uploads_with_a_token_for_that_and_for_nothing_else() {
    let service = TestService::new();
    let scopes = ["plans.upload", "notifications.read"];
    service.register_client(&a_client("la", &["E90001"], &scopes));
    let asked = [("scope", "plans.upload")];
    let issued = service.ask_for_token(&service.assertion("la", "1"), &asked);
    assert_eq!(issued.json()["scope"], "plans.upload");
    let bearer = format!("Bearer {}", TestService::issued(&issued));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "text/csv"),
    ];
    let csv = file(1, &[a_plan().child(NUMBER)]);
    let told = service.ask("POST", "$upload-plans", &headers, csv.as_bytes());
    assert!(told.text.contains("CPF02"), "{}", told.text);
    let told = service.ask("GET", "Communication", &headers, b"");
    told.refusal(403, "ACCESS_DENIED");
    let looked = service.ask("GET", SEARCH, &headers, b"");
    looked.refusal(403, "ACCESS_DENIED");
}

#[test]
fn an_assertion_that_reaches_two_servers_a_hundred_times_at_once_is_taken_once() {
    let service = TestService::new();
    let other = service.another_server();
    service.register_client(&a_client("la", &["E90001"], &["plans.upload"]));
    let assertion = service.assertion("la", "only");
    let taken = AtomicUsize::new(0);
    let body = crate::support::form(&[
        ("grant_type", "client_credentials"),
        ("client_assertion_type", crate::support::JWT_BEARER),
        ("client_assertion", &assertion),
    ]);
    thread::scope(|scope| {
        for place in 0..100 {
            let root = if place % 2 == 0 {
                &service.root
            } else {
                &other
            };
            let (service, body, taken) = (&service, &body, &taken);
            scope.spawn(move || {
                let url = format!("{root}/oauth2/token");
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                let answer = service.ask("POST", &url, &headers, body.as_bytes());
                match answer.status {
                    200 => drop(taken.fetch_add(1, Ordering::SeqCst)),
                    status => {
                        let refused = answer.json();
                        assert_refused(&refused, (status, 401), "invalid_client", "used before");
                    }
                }
            });
        }
    });
    assert_eq!(taken.load(Ordering::SeqCst), 1);
    assert_eq!(service.number("select count(*) from used_assertions"), 1);
}

#[test]
fn a_client_that_is_revoked_or_loses_its_key_is_refused_within_a_minute() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let mut client = a_client("epr", &["RQX99"], &["user/*.rs"]);
    service.register_client(&client);
    let issued = service.exchange(
        &service.assertion("epr", "1"),
        &service.id_token("epr"),
        &[],
    );
    let token = TestService::issued(&issued);
    assert_eq!(service.get_as(&token, SEARCH).total(), 1);
    client.is_revoked = true;
    service.register_client(&client);
    service.clock.advance(TimeDelta::seconds(60));
    let refused = service.get_as(&token, SEARCH);
    refused.refusal(401, "ACCESS_DENIED");
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    let refused = service.exchange(
        &service.assertion("epr", "2"),
        &service.id_token("epr"),
        &[],
    );
    assert_refused(
        &refused.json(),
        (refused.status, 401),
        "invalid_client",
        "no client",
    );
    let logged = "select count(*) from security_log where reason = 'unknown-client'";
    // By its token, and at the token endpoint.
    assert_eq!(service.number(logged), 2);
    client.is_revoked = false;
    let left = json!({ "keys": [CLIENT_KEYS[0].jwk()] }).to_string();
    client.keys = Some(cpis_fhir::domain::client::ClientKeys::Set(left));
    service.register_client(&client);
    service.clock.advance(TimeDelta::seconds(60));
    let refused = service.exchange(
        &service.assertion("epr", "3"),
        &service.id_token("epr"),
        &[],
    );
    assert_refused(
        &refused.json(),
        (refused.status, 401),
        "invalid_client",
        "key is not one",
    );
}

#[test]
fn a_person_is_spoken_for_only_by_the_client_that_their_token_was_issued_to() {
    let service = TestService::new();
    for client in ["epr", "other"] {
        service.register_client(&a_client(client, &["RQX99"], &["user/*.rs"]));
    }
    service.register_client(&a_client("elsewhere", &["RYH99"], &["user/*.rs"]));
    let of_system = service.token(cpis_fhir::sandbox::role::SandboxRole::LocalAuthority);
    let access = service.token(cpis_fhir::sandbox::role::SandboxRole::Clinician);
    for (client, id_token, said) in [
        ("other", service.id_token("epr"), "another audience"),
        (
            "elsewhere",
            service.id_token("elsewhere"),
            "not registered for",
        ),
        ("epr", of_system, "another client"),
        ("epr", access, "to another"),
        ("epr", "a.b.c".to_owned(), "three base64url parts"),
    ] {
        let assertion = service.assertion(client, said);
        let refused = service.exchange(&assertion, &id_token, &[]);
        assert_refused(
            &refused.json(),
            (refused.status, 400),
            "invalid_grant",
            said,
        );
    }
}

#[test]
fn what_a_client_is_not_registered_for_it_is_not_given() {
    let service = TestService::new();
    service.register_client(&a_client("la", &["E90001"], &["plans.upload"]));
    service.register_client(&a_client("two", &["E90001", "E90002"], &["plans.upload"]));
    service.register_client(&a_client("none", &[], &["plans.upload"]));
    for (client, asked, error) in [
        ("la", ("scope", "notifications.read"), "invalid_scope"),
        ("la", ("scope", "system/Flag.rs"), "invalid_scope"),
        ("la", ("scope", "user/Flag.rs"), "invalid_scope"),
        ("la", ("scope", "openid"), "invalid_scope"),
        (
            "la",
            ("resource", "https://other.example"),
            "invalid_target",
        ),
        (
            "la",
            ("grant_type", "client_credentials"),
            "invalid_request",
        ),
        ("two", ("scope", "plans.upload"), "unauthorized_client"),
        ("none", ("scope", "plans.upload"), "unauthorized_client"),
    ] {
        let assertion = service.assertion(client, &format!("{client} {}", asked.1));
        let refused = service.ask_for_token(&assertion, &[asked]);
        assert_refused(&refused.json(), (refused.status, 400), error, "");
    }
    let assertion = service.assertion("la", "beside");
    let refused = service.ask_for_token(&assertion, &[("client_id", "two")]);
    assert_refused(
        &refused.json(),
        (refused.status, 401),
        "invalid_client",
        "same client",
    );
}

/// Asserts a refusal in the form of RFC 6749, with a word of what is wrong.
fn assert_refused(answer: &Value, statuses: (u16, u16), error: &str, said: &str) {
    assert_eq!(statuses.0, statuses.1, "{answer}");
    assert_eq!(answer["error"], error, "{answer}");
    let words = answer["error_description"].as_str().unwrap();
    assert!(words.contains(said), "{words}");
}
