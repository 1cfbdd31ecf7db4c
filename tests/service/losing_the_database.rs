//! PostgreSQL stops before, during and after a request: `search_flags`, `search_audit_events`,
//! `read_flag`, `upload_plans`, `batch`, `health`. A doubt is a 503, never "no plan".

use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::settings::{DatabaseUrl, Settings};
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

use crate::support::{Answer, OwnCluster, TestService, a_plan, cluster, file, wait_until};

const NUMBER: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

#[test]
fn a_service_that_starts_before_its_database_says_so_and_serves_once_it_is_there() {
    let own = OwnCluster::new();
    own.service(in_a_hurry).tell(&[a_plan().child(NUMBER)]);
    own.cluster().stop();
    let service = own.service(in_a_hurry);
    assert_unavailable(&service.get(SEARCH));
    assert_eq!(service.ask("GET", "/_ping", &[], b"").status, 200);
    assert_eq!(service.ask("GET", "metadata", &[], b"").status, 200);
    assert_status(&service, 503, "fail");
    own.cluster().restart().unwrap();
    assert_eq!(recovered(&service).total(), 1);
    assert_status(&service, 200, "pass");
}

#[test]
fn whatever_is_asked_while_the_database_is_gone_is_unavailable_and_never_empty() {
    let own = OwnCluster::new();
    let service = own.service(in_a_hurry);
    service.tell(&[a_plan().child(NUMBER)]);
    let flags = service.get(SEARCH);
    let flag = flags.matches()[0]["id"].as_str().unwrap().to_owned();
    let author = flags.matches()[0]["author"]["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = own.number("select count(*) from accesses");
    own.cluster().stop();
    for path in [
        SEARCH.to_owned(),
        "Flag?patient=9990000018".to_owned(),
        "Flag?patient=9990000026&status=inactive".to_owned(),
        format!("EpisodeOfCare?patient={NUMBER}"),
        format!("AuditEvent?patient={NUMBER}"),
        format!("Patient?identifier={NUMBER}"),
        format!("Flag/{flag}"),
        "Flag/019371b8-1c00-7000-8000-000000000001".to_owned(),
        format!("Patient/{NUMBER}/AuditEvent"),
        author,
    ] {
        assert_unavailable(&service.get(&path));
    }
    assert_unavailable(&service.post_form("Flag/_search", &format!("patient={NUMBER}")));
    let csv = file(2, &[a_plan().child("9990000034")]);
    assert_unavailable(&service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes()));
    for entry in entries_of(&batch(&service, &[SEARCH, &format!("Flag/{flag}")])) {
        let status = entry["response"]["status"].as_str().unwrap();
        assert!(status.starts_with("503"), "{status}");
        let outcome = &entry["response"]["outcome"];
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert_eq!(outcome["issue"][0]["code"], "transient");
        assert!(entry.get("resource").is_none());
    }
    own.cluster().restart().unwrap();
    assert_eq!(recovered(&service).total(), 1);
    assert_eq!(own.number("select count(*) from accesses"), before + 1);
    assert_eq!(own.number("select count(*) from uploads"), 1);
}

#[test]
fn a_database_that_freezes_under_a_request_is_given_up_and_taken_up_again() {
    let own = OwnCluster::new();
    let service = own.service(in_a_hurry);
    service.tell(&[a_plan().child(NUMBER)]);
    assert_eq!(service.get(SEARCH).total(), 1);
    own.cluster().pause().unwrap();
    // More requests than connections: those that get none are answered too.
    std::thread::scope(|threads| {
        for _ in 0..10 {
            threads.spawn(|| assert_unavailable(&service.get(SEARCH)));
        }
    });
    assert_eq!(service.ask("GET", "/_ping", &[], b"").status, 200);
    assert_status(&service, 503, "fail");
    own.cluster().resume().unwrap();
    assert_eq!(recovered(&service).total(), 1);
    assert_status(&service, 200, "pass");
}

#[test]
fn a_database_killed_under_a_search_and_an_upload_leaves_neither_half_done() {
    let own = OwnCluster::new();
    let service = own.service(|settings| settings.database_wait_ms = 500);
    service.tell(&[a_plan().child(NUMBER)]);
    let changed = a_plan().child(NUMBER).until("2027-01-01");
    let csv = file(2, &[changed, a_plan().child("9990000034").local_id("H-2")]);
    // Whoever holds these tables keeps both requests in the middle of their work.
    let mut holder = own.owner();
    holder
        .batch_execute("begin; lock table notifications, plan_versions in access exclusive mode")
        .unwrap();
    std::thread::scope(|threads| {
        let search = threads.spawn(|| service.get(SEARCH));
        let upload =
            threads.spawn(|| service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes()));
        let waiting = "select count(*) from pg_stat_activity \
                       where wait_event_type = 'Lock' and datname = current_database()";
        wait_until(|| own.number(waiting) >= 2 || search.is_finished());
        own.cluster().kill();
        assert_unavailable(&search.join().unwrap());
        assert_unavailable(&upload.join().unwrap());
    });
    own.cluster().restart().unwrap();
    assert_eq!(own.number("select count(*) from accesses"), 0);
    assert_eq!(own.number("select count(*) from notifications"), 0);
    assert_eq!(own.number("select count(*) from uploads"), 1);
    assert_eq!(own.number("select count(*) from plans"), 1);
    assert_eq!(recovered(&service).total(), 1);
    let sent_again =
        once_answered(|| service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes()));
    assert!(sent_again.text.contains("CPF02"), "{}", sent_again.text);
    assert_eq!(own.number("select count(*) from plans"), 2);
}

#[test]
fn without_the_intakes_login_callers_are_answered_and_uploads_are_not() {
    let service = TestService::with(|settings| {
        let nobody = cluster().url("cpis_nobody", "postgres");
        settings.intake_database_url = DatabaseUrl::parse(&nobody);
        settings.database_wait_ms = 500;
    });
    assert_status(&service, 200, "warn");
    assert_eq!(service.get("Flag?patient=9990000018").total(), 0);
    let csv = file(1, &[a_plan()]);
    assert_unavailable(&service.upload_as(SandboxRole::LocalAuthority, csv.as_bytes()));
}

/// A service that gives a lost database up soon.
pub fn in_a_hurry(settings: &mut Settings) {
    settings.database_wait_ms = 500;
    settings.request_deadline_ms = 2000;
}

/// Asserts that an answer says nothing of the child either way, and when to ask again.
pub fn assert_unavailable(answer: &Answer) {
    let issue = answer.refusal(503, "UNABLE_TO_CALL_SERVICE");
    assert_eq!(issue["code"], "transient");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(!answer.text.contains("Bundle"), "{}", answer.text);
}

/// Asks until the database is back; nothing is done to help.
fn recovered(service: &TestService) -> Answer {
    once_answered(|| service.get(SEARCH))
}

fn once_answered(ask: impl Fn() -> Answer) -> Answer {
    let mut answer = ask();
    wait_until(|| {
        if answer.status == 200 {
            return true;
        }
        assert_unavailable(&answer);
        answer = ask();
        false
    });
    answer
}

fn assert_status(service: &TestService, status: u16, word: &str) {
    let answer = service.ask("GET", "/_status", &[], b"");
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.json()["status"], word);
}

fn batch(service: &TestService, urls: &[&str]) -> Answer {
    let entries: Vec<Value> = urls
        .iter()
        .map(|url| json!({ "request": { "method": "GET", "url": url } }))
        .collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "batch", "entry": entries });
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    service.ask("POST", "", &headers, bundle.to_string().as_bytes())
}

fn entries_of(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["entry"].as_array().unwrap().clone()
}
