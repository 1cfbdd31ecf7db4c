//! Who has looked at a child's plans: `search_audit_events`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{TestService, a_doctor, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const CARE_SETTING: &str = "https://cpis-fhir.invalid/CodeSystem/care-setting";

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service
}

/// One look by each of these doctors, a minute apart.
fn doctors_look(service: &TestService, doctors: impl IntoIterator<Item = u32>) {
    for number in doctors {
        let doctor = service.token_saying(a_doctor(number));
        assert_eq!(service.find_as(&doctor, "Flag", NUMBER).status, 200);
        service.clock.advance(TimeDelta::minutes(1));
    }
}

fn names(events: &[Value]) -> Vec<String> {
    let name = |event: &Value| event["agent"][0]["name"].as_str().unwrap().to_owned();
    events.iter().map(name).collect()
}

#[test]
fn the_25_newest_accesses_are_shown_newest_first_the_present_one_included() {
    let service = service();
    doctors_look(&service, 1..=40);
    let answer = service.find("AuditEvent", NUMBER, &[]);
    assert_eq!(answer.total(), 25);
    let events = answer.matches();
    let mut expected = vec!["Dr Amina Clarke".to_owned()];
    expected.extend((17..=40).rev().map(|number| format!("Dr Number {number}")));
    assert_eq!(names(&events), expected);
    assert_eq!(events[0]["recorded"], "2026-11-22T12:40:00.000Z");
    assert_eq!(events[1]["recorded"], "2026-11-22T12:39:00.000Z");
    assert_eq!(service.accesses(), 41, "all are kept, whatever is shown");
}

#[test]
fn how_many_are_shown_is_a_setting() {
    let service = TestService::with(|settings| settings.history_length = 3);
    service.tell(&[a_plan()]);
    doctors_look(&service, 1..=5);
    assert_eq!(service.find("AuditEvent", NUMBER, &[]).total(), 3);
}

#[test]
fn the_same_author_within_24_hours_is_shown_once_the_first_time_and_every_look_is_kept() {
    let service = service();
    for minutes in [0, 60, 23 * 60 + 59, 24 * 60] {
        service.clock.set("2026-11-22T12:00:00Z".parse().unwrap());
        service.clock.advance(TimeDelta::minutes(minutes));
        service.find("Flag", NUMBER, &[]);
    }
    service.clock.advance(TimeDelta::minutes(1));
    let events = service.find("AuditEvent", NUMBER, &[]).matches();
    let recorded: Vec<&Value> = events.iter().map(|event| &event["recorded"]).collect();
    assert_eq!(
        recorded,
        ["2026-11-23T12:00:00.000Z", "2026-11-22T12:00:00.000Z"]
    );
    assert_eq!(service.accesses(), 5);
}

#[test]
fn another_author_of_the_same_hospital_is_another_story() {
    let service = service();
    doctors_look(&service, [1, 2, 1, 2]);
    let events = service.find("AuditEvent", NUMBER, &[]).matches();
    assert_eq!(
        names(&events),
        ["Dr Amina Clarke", "Dr Number 2", "Dr Number 1"]
    );
}

#[test]
fn scheduled_accesses_are_shown_and_labelled() {
    let service = service();
    let midwife = service.token(SandboxRole::ScheduledClinician);
    service.find_as(&midwife, "EpisodeOfCare", NUMBER);
    service.clock.advance(TimeDelta::minutes(1));
    let answer = service.find("AuditEvent", NUMBER, &[]);
    let care_settings: Vec<Value> = answer
        .matches()
        .iter()
        .map(|event| event["subtype"][1]["code"].clone())
        .collect();
    assert_eq!(care_settings, ["unscheduled", "scheduled"]);
    for (subtype, total) in [
        ("scheduled", 1),
        (&*format!("{CARE_SETTING}|unscheduled"), 1),
        ("search-type", 2),
        ("read", 0),
    ] {
        let narrowed = service.find("AuditEvent", NUMBER, &[("subtype", subtype)]);
        assert_eq!(narrowed.total(), total, "{subtype}");
    }
}

#[test]
fn a_setting_leaves_scheduled_accesses_out_of_what_is_shown_and_not_out_of_the_record() {
    let service = TestService::with(|settings| settings.history_includes_scheduled = false);
    service.tell(&[a_plan()]);
    let midwife = service.token(SandboxRole::ScheduledClinician);
    service.find_as(&midwife, "Flag", NUMBER);
    service.clock.advance(TimeDelta::minutes(1));
    let events = service.find("AuditEvent", NUMBER, &[]).matches();
    assert_eq!(names(&events), ["Dr Amina Clarke"]);
    assert_eq!(service.accesses(), 2);
}

#[test]
fn there_is_a_history_only_where_there_is_a_visible_plan() {
    let service = TestService::new();
    doctors_look(&service, 1..=2);
    let answer = service.find("AuditEvent", NUMBER, &[]);
    assert_eq!(answer.total(), 0);
    assert!(answer.json().get("entry").is_none());
    assert_eq!(service.accesses(), 3);
    service.tell(&[a_plan().from("2025-01-01").until("2025-11-23")]);
    let looks_before_the_plan_was_told = service.find("AuditEvent", NUMBER, &[]);
    assert_eq!(looks_before_the_plan_was_told.total(), 3);
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    assert_eq!(service.find("AuditEvent", NUMBER, &[]).total(), 0);
    assert_eq!(service.accesses(), 5);
}

#[test]
fn one_childs_history_says_nothing_of_another_child() {
    let service = service();
    service.tell(&[a_plan().child("9990000034").local_id("H-2")]);
    let doctor = service.token_saying(a_doctor(1));
    service.find_as(&doctor, "Flag", "9990000034");
    let answer = service.find("AuditEvent", NUMBER, &[]);
    assert_eq!(names(&answer.matches()), ["Dr Amina Clarke"]);
    assert!(!answer.text.contains("9990000034"));
}

#[test]
fn an_access_can_be_asked_for_by_time_author_role_and_outcome() {
    let service = service();
    doctors_look(&service, 1..=3);
    for (name, value, total) in [
        ("date", "ge2026-11-22T12:01:00Z", 3),
        ("date", "lt2026-11-22T12:01:00Z", 1),
        ("date", "2026-11-22", 4),
        ("date", "2026-11-21", 0),
        ("altid", "555000001002", 1),
        (
            "agent:identifier",
            "https://fhir.nhs.uk/Id/ods-organization-code|RQX99",
            4,
        ),
        (
            "agent.identifier",
            "https://fhir.nhs.uk/Id/sds-role-profile-id|555000002003",
            1,
        ),
        ("agent-role", "S8000:G8000:R8000", 4),
        ("outcome", "0", 4),
        ("outcome", "8", 0),
        ("action", "E", 4),
        ("type", "rest", 4),
    ] {
        let answer = service.find("AuditEvent", NUMBER, &[(name, value)]);
        assert_eq!(answer.total(), total, "{name}={value}");
    }
    let oldest_first = service.find("AuditEvent", NUMBER, &[("_sort", "date")]);
    assert_eq!(names(&oldest_first.matches())[0], "Dr Number 1");
}

#[test]
fn an_access_has_the_shape_of_ihes_patient_query() {
    let service = service();
    let answer = service.find("AuditEvent", NUMBER, &[]);
    let event = &answer.matches()[0];
    assert_eq!(event["type"]["code"], "rest");
    assert_eq!(event["subtype"][0]["code"], "search-type");
    assert_eq!(event["action"], "E");
    assert_eq!(event["outcome"], "0");
    let agents = event["agent"].as_array().unwrap();
    let askers = agents.iter().filter(|agent| agent["requestor"] == true);
    assert_eq!(askers.count(), 1);
    assert_eq!(agents[0]["type"]["coding"][0]["code"], "IRCP");
    assert_eq!(agents[0]["who"]["identifier"]["value"], "555000000201");
    assert_eq!(agents[0]["altId"], "555000000101");
    assert_eq!(
        agents[0]["role"][0]["coding"][0]["code"],
        "S8000:G8000:R8000"
    );
    assert_eq!(agents[1]["who"]["identifier"]["value"], "RQX99");
    for (place, role) in [(2, "110153"), (3, "110152")] {
        assert_eq!(agents[place]["type"]["coding"][0]["code"], role);
        assert!(agents[place]["network"]["address"].is_string());
    }
    assert_eq!(
        agents[3]["who"]["identifier"]["value"],
        service.base.as_str()
    );
    assert_the_entities_of_a_query(event, answer.header("x-request-id").unwrap());
}

fn assert_the_entities_of_a_query(event: &Value, request_id: &str) {
    let entities = event["entity"].as_array().unwrap();
    assert_eq!(entities[0]["what"]["identifier"]["value"], NUMBER);
    assert_eq!(entities[0]["type"]["code"], "1");
    assert_eq!(entities[0]["role"]["code"], "1");
    assert_eq!(entities[1]["role"]["code"], "24");
    assert!(entities[1].get("what").is_none() && entities[1].get("name").is_none());
    let query = decoded(entities[1]["query"].as_str().unwrap());
    let expected = format!(
        "AuditEvent?{}",
        form(&[("patient:identifier", &nhs(NUMBER))])
    );
    assert_eq!(query, expected);
    assert_eq!(entities[2]["type"]["code"], "XrequestId");
    assert_eq!(entities[2]["what"]["identifier"]["value"], request_id);
}

fn decoded(base64: &str) -> String {
    String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
}
