//! How uploads are matched at the Personal Demographics Service, and what its failures come to.

use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::settings::matching::{MatchingSettings, PeerUrl};
use openssl::rsa::Rsa;
use uuid::Uuid;

use crate::support::{
    Answer, Fault, PlanLine, TAKEN, TOKEN, TestService, a_plan, file, outcome, patient,
};
use crate::support::{Pds, nhs_numbers, write_private};

/// A service that asks this one, changed as told.
fn service(pds: &Pds, change: impl FnOnce(&mut MatchingSettings)) -> TestService {
    let mut matching = pds.settings();
    change(&mut matching);
    TestService::with(|settings| settings.matching = matching)
}

const ADA: (&str, &[&str], &str) = ("OKONKWO", &["Ada", "Grace"], "2015-04-01");

fn upload(service: &TestService, sequence: i64, plans: &[PlanLine]) -> Answer {
    let csv = file(sequence, plans);
    service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes())
}

#[test]
fn each_number_is_asked_for_once_as_the_services_specification_says() {
    let pds = Pds::new();
    pds.knows("9990000026", "9990000026", ADA);
    let service = service(&pds, |matching| {
        matching.pds_organisation = cpis_fhir::domain::ods_code::OdsCode::parse("X26").ok();
    });
    let plans = [
        a_plan(),
        a_plan().from("2026-02-10"),
        a_plan().child("9990000034"),
    ];
    let acknowledgement = service.uploaded(&plans);
    assert_eq!(
        acknowledgement.results(),
        [TAKEN, TAKEN, ("CPR01", "nhs_number", "9990000034")]
    );
    let asked = pds.asked();
    let mut paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    paths.sort_unstable();
    let base = "/personal-demographics/FHIR/R4/Patient";
    assert_eq!(
        paths,
        [format!("{base}/9990000026"), format!("{base}/9990000034")]
    );
    for one in &asked {
        assert_eq!(one.headers["accept"], "application/fhir+json");
        assert_eq!(one.headers["nhsd-end-user-organisation-ods"], "X26");
        assert!(Uuid::try_parse(&one.headers["x-request-id"]).is_ok());
        assert_eq!(
            one.headers["x-correlation-id"],
            asked[0].headers["x-correlation-id"]
        );
        assert!(!one.headers.contains_key("authorization"));
    }
    assert_ne!(
        asked[0].headers["x-request-id"],
        asked[1].headers["x-request-id"]
    );
}

#[test]
fn an_application_proves_itself_with_a_signed_assertion_and_asks_again_when_its_token_is_refused() {
    let pds = Pds::new();
    pds.knows("9990000026", "9990000026", ADA);
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key.pem");
    let key = Rsa::generate(2048).unwrap();
    write_private(&key_file, key.private_key_to_pem().unwrap());
    let service = service(&pds, |matching| {
        matching.pds_token_url = PeerUrl::parse(&format!("{}{TOKEN}", pds.root));
        matching.pds_client_id = Some("an-api-key".into());
        matching.pds_key_id = Some("test-1".into());
        matching.pds_key_file = Some(key_file);
    });
    let other = a_plan().child("9990000034");
    pds.fails(Fault::Status(401, 1));
    assert_eq!(service.uploaded(&[a_plan()]).results(), [TAKEN]);
    assert_eq!(
        upload(&service, 2, &[other]).acknowledgement().code,
        "CPF04"
    );
    let asked = pds.asked_everything();
    let of_tokens: Vec<_> = asked.iter().filter(|asked| asked.path == TOKEN).collect();
    assert_eq!(of_tokens.len(), 2);
    let bearers: Vec<_> = asked
        .iter()
        .filter_map(|asked| asked.headers.get("authorization"))
        .collect();
    assert_eq!(
        bearers,
        ["Bearer token-1", "Bearer token-2", "Bearer token-2"]
    );
    for asked in of_tokens {
        assert_is_assertion_of(&key, &asked.body, &format!("{}{TOKEN}", pds.root));
    }
}

fn assert_is_assertion_of(key: &Rsa<openssl::pkey::Private>, form: &str, audience: &str) {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Verifier;

    let form: std::collections::HashMap<_, _> = url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let (signed, signature) = form["client_assertion"].rsplit_once('.').unwrap();
    let key = PKey::from_rsa(key.clone()).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha512(), &key).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(
        verifier
            .verify_oneshot(&signature, signed.as_bytes())
            .unwrap()
    );
    let (header, claims) = signed.split_once('.').unwrap();
    let part = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (part(header), part(claims));
    assert_eq!(
        (&header["alg"], &header["kid"]),
        (&"RS512".into(), &"test-1".into())
    );
    for name in ["iss", "sub"] {
        assert_eq!(claims[name], "an-api-key");
    }
    assert_eq!(claims["aud"], audience);
    let noon = "2026-11-22T12:00:00Z"
        .parse::<chrono::DateTime<chrono::Utc>>()
        .unwrap();
    let lifetime = claims["exp"].as_i64().unwrap() - noon.timestamp();
    assert!((60..=300).contains(&lifetime), "{lifetime}");
    assert!(claims["jti"].is_string());
}

#[test]
fn while_the_service_cannot_be_asked_nothing_is_taken_in_and_the_same_file_succeeds_later() {
    let pds = Pds::new();
    pds.knows("9990000026", "9990000026", ADA);
    let service = service(&pds, |matching| matching.pds_wait_ms = 300);
    let before = service.held();
    for fault in [
        Fault::Status(500, 3),
        Fault::Status(429, 3),
        Fault::Status(403, 1),
        Fault::Slow(Duration::from_millis(700)),
        Fault::Garbage,
        Fault::Huge,
        Fault::Elsewhere,
    ] {
        pds.fails(fault.clone());
        let answer = upload(&service, 1, &[a_plan()]);
        assert_eq!(answer.status, 503, "{fault:?} {}", answer.text);
        assert!(answer.header("retry-after").is_some());
        let diagnostics = answer.json()["issue"][0]["diagnostics"].to_string();
        assert!(
            diagnostics.contains("CPF05 PDS Error - PDS Unavailable"),
            "{diagnostics}"
        );
        assert!(!answer.text.contains("9990000026"));
        assert_eq!(service.held(), before, "{fault:?}");
        assert!(
            pds.asked()
                .iter()
                .all(|asked| !asked.path.contains("elsewhere"))
        );
    }
    pds.fails(Fault::None);
    assert_eq!(
        upload(&service, 1, &[a_plan()]).acknowledgement().code,
        "CPF02"
    );
}

#[test]
fn a_fault_that_passes_is_not_noticed_and_the_question_keeps_its_id() {
    let pds = Pds::new();
    pds.knows("9990000026", "9990000026", ADA);
    let service = service(&pds, |_| {});
    pds.fails(Fault::Status(429, 2));
    assert_eq!(service.uploaded(&[a_plan()]).results(), [TAKEN]);
    let asked = pds.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(
        asked[0].headers["x-request-id"],
        asked[2].headers["x-request-id"]
    );
}

#[test]
fn an_answer_of_another_person_is_never_taken_for_the_child() {
    let pds = Pds::new();
    let service = service(&pds, |_| {});
    pds.fails(Fault::OtherPerson("9990000034".into()));
    let acknowledgement = service.uploaded(&[a_plan()]);
    assert_eq!(
        acknowledgement.results(),
        [("CPR05", "nhs_number", "9990000026")]
    );
    // Nor is who does not know that person told their number.
    assert!(!acknowledgement.records[0].reason.contains("9990000034"));
    assert_eq!(service.plans(), 0);
}

#[test]
fn a_restricted_patient_is_sensitive_and_a_wrong_address_is_not_nobody() {
    let pds = Pds::new();
    pds.answers("9990000026", 200, patient("9990000026", ADA, "R"));
    let service = service(&pds, |_| {});
    assert_eq!(service.uploaded(&[a_plan()]).results(), [("CPR02", "", "")]);
    pds.answers("9990000034", 404, outcome("SOMETHING_ELSE"));
    let answer = upload(&service, 2, &[a_plan().child("9990000034")]);
    assert_eq!(answer.status, 503, "{}", answer.text);
}

#[test]
fn what_agreed_is_not_asked_again_until_its_days_are_over_or_the_record_changes() {
    let pds = Pds::new();
    let numbers: Vec<String> = nhs_numbers().take(250).collect();
    let plans: Vec<PlanLine> = (1..)
        .zip(&numbers)
        .map(|(place, number)| {
            pds.knows(number, number, ADA);
            a_plan().child(number).local_id(&format!("H-{place}"))
        })
        .collect();
    let service = service(&pds, |matching| matching.matching_days = 40);
    assert_eq!(upload(&service, 1, &plans).acknowledgement().code, "CPF02");
    assert_eq!(pds.asked().len(), 250);
    assert_eq!(upload(&service, 2, &plans).acknowledgement().code, "CPF02");
    assert!(pds.asked().is_empty());
    let rate = "select string_agg(compared || ' ' || matched, ', ' order by sequence) from uploads";
    assert_eq!(service.texts(rate), ["250 250, 250 250"]);
    // Sent again, or out of its turn, a file is answered without anybody being asked for.
    assert_eq!(upload(&service, 2, &plans).acknowledgement().code, "CPF02");
    assert_eq!(upload(&service, 9, &[a_plan()]).status, 409);
    assert!(pds.asked().is_empty());
    // Another name is another record.
    let mut renamed = plans.clone();
    renamed[7].given = "Ada".into();
    assert_eq!(
        upload(&service, 3, &renamed).acknowledgement().code,
        "CPF02"
    );
    assert_eq!(pds.asked().len(), 1);
    // They come due one after another, the last after 40 days.
    service.clock.advance(TimeDelta::days(35));
    assert_eq!(upload(&service, 4, &plans).acknowledgement().code, "CPF02");
    assert!((50..200).contains(&pds.asked().len()));
    service.clock.advance(TimeDelta::days(41));
    assert_eq!(upload(&service, 5, &plans).acknowledgement().code, "CPF02");
    assert_eq!(pds.asked().len(), 250);
}

#[test]
fn a_file_whose_time_ran_out_goes_on_where_it_stopped_when_it_is_sent_again() {
    let pds = Pds::new();
    let numbers: Vec<String> = nhs_numbers().take(250).collect();
    let plans: Vec<PlanLine> = (1..)
        .zip(&numbers)
        .map(|(place, number)| {
            pds.knows(number, number, ADA);
            a_plan().child(number).local_id(&format!("H-{place}"))
        })
        .collect();
    let service = service(&pds, |matching| {
        matching.pds_requests_per_second = 100;
        matching.matching_seconds_max = 2;
    });
    assert_eq!(upload(&service, 1, &plans).status, 503);
    assert_eq!(service.plans(), 0);
    assert!(service.number("select count(*) from matchings") >= 100);
    let taken_in = (0..5).any(|_| upload(&service, 1, &plans).status == 200);
    assert!(taken_in);
    assert_eq!(service.plans(), 250);
}
