//! One resource by its id, each time a look of its own: `read_flag`, `read_episode_of_care`,
//! `read_patient`, `read_audit_event`, `read_organization`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{TestService, a_doctor, a_plan};

const NUMBER: &str = "9990000026";
const NOBODYS: &str = "019371b8-1c00-7000-8000-000000000001";
const KINDS: [&str; 5] = [
    "Flag",
    "EpisodeOfCare",
    "Patient",
    "AuditEvent",
    "Organization",
];

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service
}

/// What a search found first, with the path it can be read at.
fn found(service: &TestService, kind: &str) -> (String, Value) {
    let resource = service.find(kind, NUMBER, &[]).matches().remove(0);
    let path = format!("{kind}/{}", resource["id"].as_str().unwrap());
    (path, resource)
}

fn authority(service: &TestService) -> String {
    let (_, flag) = found(service, "Flag");
    flag["author"]["reference"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_read_is_what_was_found() {
    let service = service();
    for kind in ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"] {
        let (path, resource) = found(&service, kind);
        let answer = service.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json(), resource);
    }
}

#[test]
fn a_resource_is_answered_with_its_version_and_the_moment_it_last_changed() {
    let service = service();
    let mut paths = vec![authority(&service)];
    for kind in ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"] {
        paths.push(found(&service, kind).0);
    }
    service.clock.advance(TimeDelta::seconds(1));
    for path in paths {
        let answer = service.get(&path);
        let meta = answer.json()["meta"].clone();
        let etag = format!("W/\"{}\"", meta["versionId"].as_str().unwrap());
        assert_eq!(answer.header("etag"), Some(&*etag), "{path}");
        assert_eq!(meta["lastUpdated"], "2026-11-22T12:00:00.000Z");
        let last_modified = answer.header("last-modified");
        assert_eq!(last_modified, Some("Sun, 22 Nov 2026 12:00:00 GMT"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn every_read_of_something_of_a_childs_is_an_access_of_its_own_and_is_told() {
    let service = service();
    for kind in ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"] {
        let path = found(&service, kind).0;
        let told = service.notifications();
        service.clock.advance(TimeDelta::hours(25));
        let doctor = service.token_saying(a_doctor(1));
        assert_eq!(service.get_as(&doctor, &path).status, 200, "{path}");
        let asked = format!(
            "select count(*) from accesses where interaction = 'read' and asked = '{path}' \
             and practitioner_id = '555000001001'"
        );
        assert_eq!(service.number(&asked), 1);
        assert_eq!(service.notifications(), told + 1, "{path}");
    }
}

#[test]
fn a_read_is_shown_in_the_history_as_ihes_patient_read() {
    let service = service();
    let path = found(&service, "Flag").0;
    service.clock.advance(TimeDelta::hours(25));
    service.get(&path);
    service.clock.advance(TimeDelta::minutes(1));
    let events = service.find("AuditEvent", NUMBER, &[("subtype", "read")]);
    let event = &events.matches()[0];
    assert_eq!(event["action"], "R");
    assert_eq!(event["entity"][1]["what"]["reference"], path.as_str());
    assert_eq!(event["entity"][1]["role"]["code"], "4");
    let roles: Vec<&Value> = [2, 3]
        .map(|place: usize| &event["agent"][place]["type"]["coding"][0]["code"])
        .into();
    assert_eq!(
        roles,
        ["110152", "110153"],
        "what is read flows to the client"
    );
}

#[test]
fn an_authority_is_read_without_an_access_by_whoever_may_look_or_upload() {
    let service = service();
    let path = authority(&service);
    let looks = service.accesses();
    for role in [
        SandboxRole::Clinician,
        SandboxRole::ScheduledClinician,
        SandboxRole::LocalAuthority,
        SandboxRole::SecondLocalAuthority,
    ] {
        let answer = service.get_as(&service.token(role), &path);
        assert_eq!(answer.status, 200);
        let organisation = answer.json();
        assert_eq!(organisation["identifier"][0]["value"], "E90001");
        assert_eq!(organisation["type"][0]["coding"][0]["code"], "RO141");
        assert_eq!(
            organisation["contact"][0]["purpose"]["text"],
            "Emergency duty team"
        );
    }
    assert_eq!(service.accesses(), looks);
    let receptionist = service.token(SandboxRole::NoActivity);
    service
        .get_as(&receptionist, &path)
        .refusal(403, "ACCESS_DENIED");
}

#[test]
fn an_id_that_is_nothing_here_is_not_found_and_nothing_is_recorded() {
    let service = service();
    for kind in KINDS {
        for id in [NOBODYS, "abc", NUMBER, "1", "..%2fPatient", "%00", "%C3%A9"] {
            let answer = service.get(&format!("{kind}/{id}"));
            let issue = answer.refusal(404, "RESOURCE_NOT_FOUND");
            assert_eq!(issue["code"], "not-found");
            assert!(!answer.text.contains(NUMBER));
        }
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_resources_id_under_another_kind_is_not_found() {
    let service = service();
    let id = |kind: &str| found(&service, kind).1["id"].as_str().unwrap().to_owned();
    let (flag, patient, event) = (id("Flag"), id("Patient"), id("AuditEvent"));
    for path in [
        format!("Flag/{patient}"),
        format!("Flag/{event}"),
        format!("Patient/{flag}"),
        format!("AuditEvent/{flag}"),
        format!("Organization/{flag}"),
        format!("EpisodeOfCare/{event}"),
    ] {
        service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(service.get(&format!("EpisodeOfCare/{flag}")).status, 200);
}

#[test]
fn what_is_no_longer_shown_is_not_found_and_the_look_is_recorded() {
    let service = TestService::new();
    service.tell(&[a_plan().from("2025-01-01").until("2025-11-23")]);
    let paths =
        ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"].map(|kind| found(&service, kind).0);
    let looks = service.accesses();
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    for path in &paths {
        service.get(path).refusal(404, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(service.accesses(), looks + 4);
}

#[test]
fn an_access_that_a_history_has_just_shown_can_be_read_by_anybody_who_may_look() {
    let service = service();
    for number in 1..=25 {
        let doctor = service.token_saying(a_doctor(number));
        service.find_as(&doctor, "Flag", NUMBER);
        service.clock.advance(TimeDelta::minutes(1));
    }
    let doctor = service.token_saying(a_doctor(25));
    let shown = service.find_as(&doctor, "AuditEvent", NUMBER).matches();
    assert_eq!(shown.len(), 25);
    let oldest = format!("AuditEvent/{}", shown[24]["id"].as_str().unwrap());
    service.clock.advance(TimeDelta::seconds(1));
    assert_eq!(service.get(&oldest).json(), shown[24]);
    service.clock.advance(TimeDelta::seconds(1));
    service.get(&oldest).refusal(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn a_read_by_another_method_is_refused() {
    let service = service();
    let path = found(&service, "Flag").0;
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [("authorization", bearer.as_str())];
    for method in ["PUT", "DELETE", "PATCH", "POST"] {
        let answer = service.ask(method, &path, &headers, b"");
        answer.refusal(405, "UNSUPPORTED_SERVICE");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
}
