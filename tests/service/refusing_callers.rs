//! Who may not look, and what a refusal says: `search_flags`, `search_episodes_of_care`,
//! `search_audit_events`, `search_patients`, `read_flag`, `read_organization`, `upload_plans`,
//! `batch`.

use chrono::TimeDelta;
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, file};

const KNOWN: &str = "9990000026";
const UNKNOWN: &str = "9990000018";

#[test]
fn without_a_token_nothing_is_answered_but_that_one_is_needed() {
    let service = TestService::new();
    for (method, path) in everything_asked() {
        let answer = service.ask(method, &path, &[], b"");
        let issue = answer.refusal(401, "ACCESS_DENIED");
        assert_eq!(issue["code"], "login", "{path}");
        assert_eq!(issue["expression"], json!(["http.Authorization"]), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_role_without_a_viewing_activity_is_refused_and_put_into_the_security_log() {
    let service = TestService::new();
    service.tell(&[a_plan().child(KNOWN)]);
    let token = service.token(SandboxRole::NoActivity);
    let bearer = format!("Bearer {token}");
    let asked = [
        ("GET", format!("Flag?patient={KNOWN}"), "GET /FHIR/R4/Flag"),
        (
            "POST",
            "Flag/_search".to_owned(),
            "POST /FHIR/R4/Flag/_search",
        ),
        ("GET", a_read("Flag"), "GET /FHIR/R4/Flag/{id}"),
        ("GET", a_read("Patient"), "GET /FHIR/R4/Patient/{id}"),
        (
            "GET",
            format!("Patient/{KNOWN}/Flag"),
            "GET /FHIR/R4/Patient/{id}/Flag",
        ),
        (
            "GET",
            a_read("Organization"),
            "GET /FHIR/R4/Organization/{id}",
        ),
        ("POST", String::new(), "POST /FHIR/R4"),
    ];
    for (number, (method, path, route)) in asked.iter().enumerate() {
        let id = format!("60e0b220-8136-4ca5-ae46-1d97ef59d0{number:02}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-request-id", id.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("patient={KNOWN}");
        let answer = service.ask(method, path, &headers, body.as_bytes());
        let issue = answer.refusal(403, "ACCESS_DENIED");
        assert_eq!(issue["code"], "forbidden");
        let logged = format!(
            "select count(*) from security_log where request_id = '{id}' and route = '{route}' \
             and reason = 'no-view-activity' and client_id = 'sandbox-epr' \
             and organisation_code = 'RQX99' and practitioner_id = '555000000104'"
        );
        assert_eq!(service.number(&logged), 1, "{route}");
    }
    let rows = service.number("select count(*) from security_log");
    assert_eq!(rows, i64::try_from(asked.len()).unwrap());
    let of_a_child = format!("select count(*) from security_log l where l::text like '%{KNOWN}%'");
    assert_eq!(service.number(&of_a_child), 0);
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_system_alone_may_not_view_and_its_refusal_names_no_person() {
    let service = TestService::new();
    let token = service.token(SandboxRole::LocalAuthority);
    let answer = service.get_as(&token, &format!("Flag?patient={KNOWN}"));
    answer.refusal(403, "ACCESS_DENIED");
    let logged = "select count(*) from security_log where reason = 'unattended' \
                  and client_id = 'upload-system-E90001' and practitioner_id is null";
    assert_eq!(service.number(logged), 1);
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_person_may_not_upload_even_where_the_token_has_the_scope() {
    let service = TestService::new();
    let mut claims = claims_of(&service.token(SandboxRole::Clinician));
    claims["scope"] = "plans.upload".into();
    claims["nhsid_nrbac_roles"][0]["org_code"] = "E90001".into();
    let scoped = service.token_saying(claims);
    for token in [service.token(SandboxRole::Clinician), scoped] {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        let csv = file(1, &[a_plan().child(KNOWN)]);
        let answer = service.ask("POST", "$upload-plans", &headers, csv.as_bytes());
        answer.refusal(403, "ACCESS_DENIED");
    }
    let logged = "select count(*) from security_log where reason = 'not-a-local-authority' \
                  and route = 'POST /FHIR/R4/$upload-plans'";
    assert_eq!(service.number(logged), 2);
    assert_eq!(service.number("select count(*) from plans"), 0);
}

#[test]
fn an_organisation_that_is_not_registered_may_not_look() {
    let service = TestService::new();
    service.tell(&[a_plan().child(KNOWN)]);
    let mut claims = claims_of(&service.token(SandboxRole::Clinician));
    claims["nhsid_nrbac_roles"][0]["org_code"] = "RZZ99".into();
    let token = service.token_saying(claims);
    let answer = service.get_as(&token, &format!("Flag?patient={KNOWN}"));
    answer.refusal(403, "ACCESS_DENIED");
    let logged = "select count(*) from security_log where reason = 'unknown-organisation' \
                  and organisation_code = 'RZZ99'";
    assert_eq!(service.number(logged), 1);
    assert_eq!(service.accesses(), 0);
}

#[test]
fn two_authorization_headers_are_none_and_the_scheme_may_be_in_any_case() {
    let service = TestService::new();
    let token = service.token(SandboxRole::Clinician);
    let path = format!("Flag?patient={UNKNOWN}");
    let bearer = format!("Bearer {token}");
    let twice = [("authorization", bearer.as_str()); 2];
    service
        .ask("GET", &path, &twice, b"")
        .refusal(401, "ACCESS_DENIED");
    assert_eq!(service.accesses(), 0);
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        let value = format!("{scheme} {token}");
        let answer = service.ask("GET", &path, &[("authorization", &value)], b"");
        assert_eq!(answer.total(), 0, "{scheme}");
    }
    assert_eq!(service.accesses(), 3);
}

#[test]
fn a_token_ends_when_its_time_is_over_however_often_it_was_used() {
    let service = TestService::new();
    let token = service.token(SandboxRole::Clinician);
    let path = format!("Flag?patient={UNKNOWN}");
    assert_eq!(service.get_as(&token, &path).status, 200);
    service.clock.advance(TimeDelta::minutes(59));
    assert_eq!(service.get_as(&token, &path).status, 200);
    // An hour, and the ten seconds by which two clocks may differ.
    service.clock.advance(TimeDelta::seconds(70));
    let answer = service.get_as(&token, &path);
    answer.refusal(401, "ACCESS_DENIED");
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge, Some("Bearer error=\"invalid_token\""));
    assert_eq!(service.accesses(), 2);
}

#[test]
fn every_algorithm_of_the_issuers_keys_is_taken() {
    let service = TestService::new();
    for algorithm in Algorithm::ALL {
        let token = service.token_by(SandboxRole::Clinician, algorithm);
        let answer = service.get_as(&token, &format!("Flag?patient={UNKNOWN}"));
        assert_eq!(answer.total(), 0, "{}", algorithm.name());
    }
}

#[test]
fn a_refusal_is_the_same_whether_the_child_has_a_plan_or_not() {
    let service = TestService::new();
    service.tell(&[a_plan().child(KNOWN)]);
    let expired = service.token(SandboxRole::Clinician);
    service.clock.advance(TimeDelta::hours(2));
    let mut bearers = vec![None, Some(expired)];
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        bearers.push(Some(service.token(role)));
    }
    for token in bearers {
        for way in [
            "Flag?patient=",
            "AuditEvent?patient=",
            "Patient?identifier=",
        ] {
            let asked =
                |number: &str| refused(&service, token.as_deref(), &format!("{way}{number}"));
            let (known, unknown) = (asked(KNOWN), asked(UNKNOWN));
            assert_eq!(known.text, unknown.text, "{way}");
            assert_eq!(without_ids(&known), without_ids(&unknown), "{way}");
            assert!(!known.text.contains(KNOWN) && !known.text.contains("Northshire"));
        }
    }
    assert_eq!(service.accesses(), 0);
}

/// Something asked of every kind of route.
fn everything_asked() -> Vec<(&'static str, String)> {
    let mut asked = vec![
        ("POST", String::new()),
        ("POST", "$upload-plans".to_owned()),
        ("GET", a_read("Organization")),
    ];
    for kind in ["Flag", "EpisodeOfCare", "AuditEvent", "Patient"] {
        asked.push(("GET", format!("{kind}?patient={KNOWN}")));
        asked.push(("POST", format!("{kind}/_search")));
        asked.push(("GET", a_read(kind)));
        if kind != "Patient" {
            asked.push(("GET", format!("Patient/{KNOWN}/{kind}")));
        }
    }
    asked
}

fn a_read(kind: &str) -> String {
    format!("{kind}/019371b8-1c00-7000-8000-000000000001")
}

fn refused(service: &TestService, token: Option<&str>, path: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = bearer
        .iter()
        .map(|bearer| ("authorization", bearer.as_str()))
        .collect();
    let answer = service.ask("GET", path, &headers, b"");
    assert!(matches!(answer.status, 401 | 403), "{}", answer.status);
    answer
}

/// The headers, but for those that differ from request to request.
fn without_ids(answer: &Answer) -> Vec<(String, String)> {
    let differs = |name: &str| matches!(name, "x-request-id" | "date");
    let headers = answer.headers.iter();
    headers
        .filter(|(name, _)| !differs(name))
        .cloned()
        .collect()
}

/// The claims of a token, to change them.
pub fn claims_of(token: &str) -> Value {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .unwrap();
    serde_json::from_slice(&json).unwrap()
}
