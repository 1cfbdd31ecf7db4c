//! Nothing about a child is told before it is on record what is told: the digest of the exact body.

use std::sync::Mutex;

use cpis_fhir::domain::access::{Access, Interaction};
use cpis_fhir::domain::caller::{Practitioner, Viewer};
use cpis_fhir::domain::care_setting::CareSetting;
use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, TestService, a_plan};

const CHILD: &str = "9990000026";

/// A path, the headers it is asked with, and the status of the answer.
type Asked<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

/// The request ids by which a test finds what it asked again.
fn request_id(number: u128) -> Uuid {
    Uuid::from_u128((0xA75 << 100) | (7 << 76) | (8 << 60) | number)
}

/// GET of a path as the clinician, under a request id of the test's own.
fn ask(service: &TestService, id: Uuid, path: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let id = id.to_string();
    let mut all = vec![("authorization", bearer.as_str()), ("x-request-id", &id)];
    all.extend(headers);
    service.ask("GET", path, &all, b"")
}

/// What is on record of the answer to a request: the access, the status and the digests.
fn on_record(service: &TestService, id: Uuid) -> Vec<(Uuid, i16, String, String)> {
    let rows = service.texts(&format!(
        "select a.access_id || ' ' || a.status || ' ' || encode(a.body_digest, 'hex') || ' ' \
         || encode(a.access_digest, 'hex') from access_answers a \
         join accesses l on l.id = a.access_id and l.recorded_at = a.recorded_at \
         where l.request_id = '{id}' order by a.access_id"
    ));
    let row = |row: &String| {
        let mut parts = row.split(' ');
        let mut next = || parts.next().unwrap();
        (
            next().parse().unwrap(),
            next().parse().unwrap(),
            next().to_owned(),
            next().to_owned(),
        )
    };
    rows.iter().map(row).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asserts that an answer is on record for so many looks, each with the digest of its exact body.
fn assert_on_record(service: &TestService, id: Uuid, answer: &Answer, looks: usize) {
    let on_record = on_record(service, id);
    assert_eq!(on_record.len(), looks, "{}", answer.text);
    let key = service.audit_key();
    for (access_id, status, body_digest, _) in on_record {
        assert_eq!(status, i16::try_from(answer.status).unwrap());
        let digest = key.of_answer(access_id, status, answer.text.as_bytes());
        assert_eq!(body_digest, hex(&digest), "{}", answer.text);
    }
}

#[test]
fn every_answer_about_a_child_is_on_record_with_the_digest_of_its_exact_body() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let flag = service.get(&format!("Flag?patient={CHILD}"));
    let flag = flag.json()["entry"][0]["resource"].clone();
    let read = format!("Flag/{}", flag["id"].as_str().unwrap());
    let version = format!("W/\"{}\"", flag["meta"]["versionId"].as_str().unwrap());
    let patient = flag["subject"]["reference"].as_str().unwrap();
    let searches = format!("Flag?patient={CHILD}");
    let xml = [("accept", "application/fhir+xml")];
    let held = [("if-none-match", version.as_str())];
    let asked: [Asked<'_>; 10] = [
        (&searches, &[], 200),
        (&searches, &xml, 200),
        (&read, &[], 200),
        (&read, &held, 304),
        (&format!("{read}/_history"), &[], 200),
        (&format!("{patient}/$everything"), &[], 200),
        (&format!("AuditEvent?patient={CHILD}"), &[], 200),
        (&format!("EpisodeOfCare?patient={CHILD}"), &xml, 200),
        // Nothing is known of this one, which is told as well.
        ("Flag?patient=9990000018", &[], 200),
        // A look that finds something, and no version of that number.
        (&format!("{read}/_history/99"), &xml, 404),
    ];
    for (number, (path, headers, status)) in asked.into_iter().enumerate() {
        let id = request_id(u128::try_from(number).unwrap());
        let answer = ask(&service, id, path, headers);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert_on_record(&service, id, &answer, 1);
    }
}

#[test]
fn each_look_of_a_batch_is_on_record_with_the_digest_of_the_whole_answer() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        { "request": { "method": "GET", "url": format!("Flag?patient={CHILD}") } },
        { "request": { "method": "GET", "url": "Flag?patient=9990000018" } },
        { "request": { "method": "GET", "url": "Flag" } },
    ]});
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let id = request_id(100);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
        ("x-request-id", &id.to_string()),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_on_record(&service, id, &answer, 2);
}

#[test]
fn what_looks_at_no_child_is_no_answer_on_record() {
    let service = TestService::new();
    for path in ["metadata", "Flag", "Organization?_id=1", "Flag/none"] {
        ask(&service, request_id(1), path, &[]);
    }
    assert_eq!(service.number("select count(*) from access_answers"), 0);
}

#[test]
fn an_answer_that_cannot_be_put_on_record_is_not_told_and_stands_as_a_look_without_an_answer() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.execute("revoke insert on access_answers from cpis_query");
    let (in_json, in_xml) = (request_id(1), request_id(2));
    let search = format!("Flag?patient={CHILD}");
    for (id, accept, begins) in [
        (
            in_json,
            "application/fhir+json",
            "{\"resourceType\":\"OperationOutcome\"",
        ),
        (in_xml, "application/fhir+xml", "<OperationOutcome"),
    ] {
        let answer = ask(&service, id, &search, &[("accept", accept)]);
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(answer.header("content-type").unwrap().starts_with(accept));
        assert!(answer.text.contains(begins), "{}", answer.text);
        assert!(!answer.text.contains(CHILD), "{}", answer.text);
        assert!(on_record(&service, id).is_empty());
    }
    assert_eq!(service.accesses(), 2);
    service.execute("grant insert on access_answers to cpis_query");
    let answer = ask(&service, request_id(3), &search, &[]);
    assert_eq!(answer.total(), 1);
    assert_on_record(&service, request_id(3), &answer, 1);
}

#[test]
fn many_answers_at_once_are_each_on_record_once() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let answered = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for caller in 0..16 {
            let (service, answered) = (&service, &answered);
            threads.spawn(move || {
                for look in 0..8 {
                    let id = request_id(1000 + caller * 100 + look);
                    let path = format!("Flag?patient={CHILD}&_count={}", 1 + look);
                    let answer = ask(service, id, &path, &[]);
                    assert_eq!(answer.status, 200, "{}", answer.text);
                    answered.lock().unwrap().push((id, answer));
                }
            });
        }
    });
    let answered = answered.into_inner().unwrap();
    assert_eq!(answered.len(), 128);
    for (id, answer) in &answered {
        assert_on_record(&service, *id, answer, 1);
    }
    assert_eq!(service.number("select count(*) from access_answers"), 128);
}

#[test]
fn an_access_is_bound_to_its_answer_with_all_that_is_on_record_of_it() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    ask(
        &service,
        request_id(1),
        &format!("Flag?patient={CHILD}"),
        &[],
    );
    let row = service.texts(
        "select value from accesses, json_each_text(row_to_json(accesses)) with ordinality \
         where key <> 'transaction_id' order by ordinality",
    );
    let [
        number,
        recorded_at,
        id,
        request,
        interaction,
        asked,
        client_id,
        organisation,
        organisation_name,
        user_id,
        name,
        role_profile_id,
        job_role_code,
        job_role_name,
        care_setting,
    ] = row.try_into().unwrap();
    let mut access = Access {
        id: id.parse().unwrap(),
        nhs_number: NhsNumber::parse(&number).unwrap(),
        at: recorded_at.parse().unwrap(),
        request_id: request.parse().unwrap(),
        interaction: Interaction::parse(&interaction).unwrap(),
        asked,
        viewer: Viewer {
            client_id,
            organisation: OdsCode::parse(&organisation).unwrap(),
            organisation_name,
            practitioner: Practitioner {
                user_id,
                name,
                role_profile_id,
                job_role_code,
                job_role_name,
            },
            care_setting: CareSetting::parse(&care_setting).unwrap(),
        },
    };
    let key = service.audit_key();
    let (_, _, _, kept) = on_record(&service, request_id(1)).remove(0);
    assert_eq!(hex(&key.of_access(&access)), kept);
    access.viewer.practitioner.name.push('a');
    assert_ne!(hex(&key.of_access(&access)), kept);
}

#[test]
fn a_session_that_would_not_wait_for_the_log_can_put_no_answer_on_record() {
    let service = TestService::new();
    let refused = |setting: &str| {
        let sql = format!(
            "set synchronous_commit = {setting}; insert into access_answers values \
             (gen_random_uuid(), now(), 200, sha256(''), sha256(''))"
        );
        service.refusal(&sql)
    };
    for setting in ["off", "local"] {
        let words = refused(setting);
        assert!(words.contains("durable before it is told"), "{words}");
    }
    service.execute(
        "set synchronous_commit = on; insert into access_answers values \
         (gen_random_uuid(), now(), 200, sha256(''), sha256(''))",
    );
}
