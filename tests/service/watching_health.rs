//! What the operator sees: `health`, `metadata`, and a log line for each request that leads to its
//! access and says nothing of the child.

use std::time::Duration;

use actix_web::rt::System;
use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::SERVER;
use cpis_fhir::store::{Side, Store, StoreSettings};
use serde_json::Value;
use tracing::{Instrument as _, info, info_span};

use crate::support::{Answer, TestService, a_plan, cluster, lines};

const NUMBER: &str = "9990000026";

#[test]
fn the_service_says_that_it_is_alive_and_ready_to_anybody() {
    let service = TestService::new();
    let ping = service.ask("GET", "/_ping", &[], b"");
    assert_eq!(ping.status, 200);
    assert_eq!(ping.json()["status"], "pass");
    assert_eq!(ping.json()["version"], env!("CARGO_PKG_VERSION"));
    let status = service.ask("GET", "/_status", &[], b"");
    assert_eq!(status.status, 200);
    assert_eq!(status.header("cache-control"), Some("no-store"));
    let status = status.json();
    assert_eq!(status["status"], "pass");
    for side in ["query:status", "intake:status", "answers:writer"] {
        assert_eq!(status["checks"][side][0]["status"], "pass", "{side}");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn what_anybody_is_told_of_health_does_not_change_with_a_look_at_a_child_with_a_plan() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let told = || {
        let mut status = service.ask("GET", "/_status", &[], b"").json();
        // How long the database took to answer is of the moment, and of nobody.
        for side in ["query:status", "intake:status"] {
            let check = status["checks"][side][0].as_object_mut().unwrap();
            assert!(check.remove("observedValue").is_some(), "{side}");
        }
        status
    };
    let before = told();
    service.look(0, NUMBER);
    assert_eq!(service.number("select count(*) from notifications"), 1);
    service.clock.advance(TimeDelta::days(2));
    assert_eq!(told(), before);
}

#[test]
fn a_request_is_one_json_line_with_its_id_its_route_and_its_status() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let read = "Flag/019371b8-1c00-7000-8000-000000000001";
    for (number, path, route, status) in [
        (1, format!("Flag?patient={NUMBER}"), "/FHIR/R4/Flag", 200),
        (
            2,
            format!("Patient/{NUMBER}/Flag"),
            "/FHIR/R4/Patient/{id}/Flag",
            200,
        ),
        (3, read.to_owned(), "/FHIR/R4/Flag/{id}", 404),
        (
            4,
            "Flag?patient=9990000027".to_owned(),
            "/FHIR/R4/Flag",
            400,
        ),
        (5, format!("nothing/{NUMBER}?{NUMBER}"), "none", 404),
        (6, "metadata".to_owned(), "/FHIR/R4/metadata", 200),
    ] {
        let id = format!("60e0b220-8136-4ca5-ae46-2d97ef59d0{number:02}");
        let answer = asked(&service, &path, &id);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-request-id"), Some(id.as_str()));
        let answered: Vec<Value> = lines_of(&id)
            .into_iter()
            .filter(|line| line["message"] == "answered")
            .collect();
        assert_eq!(answered.len(), 1, "{path}");
        let line = &answered[0];
        assert_eq!(line["span"]["route"], route);
        assert_eq!(line["span"]["method"], "GET");
        assert_eq!(line["status"], status);
        assert!(line["latency_ms"].is_number());
        assert!(!line.to_string().contains("patient="), "{line}");
    }
}

#[test]
fn a_request_without_an_id_is_given_one_and_its_access_keeps_it() {
    let service = TestService::new();
    let answer = service.get(&format!("Flag?patient={NUMBER}"));
    let id = answer.header("x-request-id").unwrap();
    let kept = format!("select count(*) from accesses where request_id = '{id}'");
    assert_eq!(service.number(&kept), 1);
    assert_eq!(lines_of(id).len(), 1);
}

#[test]
fn a_failure_of_the_database_is_one_line_under_the_requests_id_and_says_nothing_of_the_child() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    service.execute("alter table notifications rename to mislaid");
    let id = "60e0b220-8136-4ca5-ae46-3d97ef59d001";
    asked(&service, &format!("Flag?patient={NUMBER}"), id).refusal(503, "UNABLE_TO_CALL_SERVICE");
    let errors: Vec<Value> = lines_of(id)
        .into_iter()
        .filter(|line| line["level"] == "ERROR")
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["message"], "The database cannot answer");
    assert!(
        errors[0]["cause"]
            .as_str()
            .unwrap()
            .contains("statement failed")
    );
    assert_eq!(errors[0]["span"]["route"], "/FHIR/R4/Flag");
}

#[test]
fn what_is_logged_on_the_databases_threads_is_under_the_requests_id() {
    let service = TestService::new();
    let store = Store::open(
        StoreSettings {
            url: cluster().url(SERVER, &service.database).into(),
            connections: 1,
            wait: Duration::from_secs(30),
            deadline: Duration::from_secs(30),
        },
        Side::Query,
    );
    let id = "60e0b220-8136-4ca5-ae46-4d97ef59d001";
    let span = info_span!("request", request_id = id);
    let work = store.run(|_postgres| {
        info!("at work");
        Ok(())
    });
    System::new().block_on(work.instrument(span)).unwrap();
    let at_work = lines_of(id);
    assert_eq!(at_work.len(), 1);
    assert_eq!(at_work[0]["message"], "at work");
}

#[test]
fn a_refused_caller_is_a_warning_under_the_requests_id() {
    let service = TestService::new();
    let id = "60e0b220-8136-4ca5-ae46-5d97ef59d001";
    let bearer = format!("Bearer {}", service.token(SandboxRole::NoActivity));
    let headers = [("authorization", bearer.as_str()), ("x-request-id", id)];
    let answer = service.ask("GET", &format!("Flag?patient={NUMBER}"), &headers, b"");
    answer.refusal(403, "ACCESS_DENIED");
    let warnings = lines_of(id);
    let warned = warnings
        .iter()
        .find(|line| line["level"] == "WARN")
        .unwrap();
    assert_eq!(warned["reason"], "no-view-activity");
    assert!(!warned.to_string().contains("Joan"));
}

fn asked(service: &TestService, path: &str, id: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [("authorization", bearer.as_str()), ("x-request-id", id)];
    service.ask("GET", path, &headers, b"")
}

/// The lines logged under a request's id; each is JSON by itself.
fn lines_of(id: &str) -> Vec<Value> {
    lines()
        .lines()
        .filter(|line| line.contains(id))
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["span"]["request_id"] == id)
        .collect()
}
