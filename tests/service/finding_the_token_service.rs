//! Where tokens are had, the keys they are verified with, and what is kept of assertions:
//! `smart_configuration`, `read_token_keys`, `issue_token`.

use chrono::TimeDelta;

use crate::support::{TestService, a_client};

#[test]
fn what_is_published_leads_a_client_to_a_token_and_a_reader_to_the_keys() {
    let service = TestService::new();
    for path in [
        "/.well-known/smart-configuration",
        ".well-known/smart-configuration",
    ] {
        let told = service.ask("GET", path, &[], b"").json();
        assert_eq!(told["token_endpoint"], service.token_endpoint());
        assert_eq!(told["issuer"], service.root);
        assert_eq!(
            told["jwks_uri"],
            format!("{}/.well-known/jwks.json", service.root)
        );
    }
    let told = service.ask("GET", "/.well-known/jwks.json", &[], b"");
    assert_eq!(told.header("content-type"), Some("application/json"));
    let keys = told.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["alg"], "ES256");
    assert_eq!(keys[0].get("d"), None);
}

#[test]
fn without_a_key_there_is_no_token_service() {
    let service = TestService::with(|settings| settings.token_service_key_file = None);
    for path in ["/.well-known/smart-configuration", "/.well-known/jwks.json"] {
        service
            .ask("GET", path, &[], b"")
            .refusal(404, "UNSUPPORTED_SERVICE");
    }
    let asked = service.ask_for_token("a.b.c", &[]);
    asked.refusal(404, "UNSUPPORTED_SERVICE");
}

#[test]
fn assertions_are_forgotten_once_they_would_be_refused_as_expired() {
    let service = TestService::new();
    service.register_client(&a_client("la", &["E90001"], &["plans.upload"]));
    TestService::issued(&service.ask_for_token(&service.assertion("la", "1"), &[]));
    let forget = |minutes: i64| {
        let url = crate::support::cluster().url("cpis_owner", &service.database);
        let now = service.now() + TimeDelta::minutes(minutes);
        cpis_fhir::store::operator::Operator::connect(&url)
            .unwrap()
            .run(|postgres| cpis_fhir::store::used_assertions::forget_expired(postgres, now))
            .unwrap();
        service.number("select count(*) from used_assertions")
    };
    assert_eq!(forget(14), 1);
    assert_eq!(forget(16), 0);
}
