//! Plans as plans of care: `search_care_plans`, `read_care_plan`.

use serde_json::{Value, json};

use crate::searching_episodes_of_care::service;

const NUMBER: &str = "9990000026";

fn kinds(resources: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = resources
        .iter()
        .map(|resource| resource["resourceType"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn a_childs_plans_are_found_as_plans_of_care_by_their_first_day() {
    let service = service();
    let answer = service.find("CarePlan", NUMBER, &[]);
    assert_eq!(answer.total(), 3);
    let told: Vec<Value> = answer
        .matches()
        .iter()
        .map(|plan| {
            json!([
                plan["status"],
                plan["intent"],
                plan["category"][0]["coding"][0]["code"],
                plan["period"]["start"],
            ])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["completed", "plan", "342191000000101", "2025-01-01"]),
            json!(["active", "plan", "764841000000100", "2026-11-22"]),
            json!(["draft", "plan", "342191000000101", "2026-11-23"]),
        ]
    );
    assert_eq!((service.accesses(), service.notifications()), (1, 1));
}

#[test]
fn a_plan_of_care_can_be_asked_for_by_all_that_it_says() {
    let service = service();
    let team = service.find("CareTeam", NUMBER, &[]).ids()[0].clone();
    for (name, value, total) in [
        ("status", "active", 1),
        ("status", "http://hl7.org/fhir/request-status|draft", 1),
        ("status:not", "completed", 2),
        ("intent", "http://hl7.org/fhir/request-intent|plan", 3),
        ("intent", "order", 0),
        ("category", "342191000000101", 2),
        ("date", "2026-11-22", 1),
        ("care-team", &format!("CareTeam/{team}"), 1),
        ("care-team.status", "active,proposed", 2),
        ("identifier", "H-1", 3),
    ] {
        let answer = service.find("CarePlan", NUMBER, &[(name, value)]);
        assert_eq!(answer.total(), total, "{name}={value}");
    }
    service
        .get("CarePlan?status=active")
        .refusal(400, "MISSING_VALUE");
}

#[test]
fn a_plan_of_care_is_read_at_its_id_and_in_its_childs_compartment() {
    let service = service();
    let plan = service.find("CarePlan", NUMBER, &[]).matches()[0].clone();
    let read = service.get(&format!("CarePlan/{}", plan["id"].as_str().unwrap()));
    assert_eq!(read.json(), plan);
    assert_eq!(read.header("etag"), Some("W/\"1-2-completed\""));
    let child = plan["subject"]["reference"].as_str().unwrap();
    assert_eq!(service.get(&format!("{child}/CarePlan")).total(), 3);
    assert_eq!(service.accesses(), 3);
}

#[test]
fn what_refers_to_a_plan_of_care_and_what_it_refers_to_come_along_when_asked_for() {
    let service = service();
    let more = [
        ("_include", "CarePlan:care-team"),
        ("_include", "CarePlan:subject"),
        ("_include:iterate", "CareTeam:participant"),
    ];
    let answer = service.find("CarePlan", NUMBER, &more);
    assert_eq!(
        kinds(&answer.entries("include")),
        [
            "CareTeam",
            "CareTeam",
            "CareTeam",
            "Organization",
            "Patient"
        ]
    );
    let reverse = [("_revinclude", "CarePlan:care-team"), ("status", "active")];
    let answer = service.find("CareTeam", NUMBER, &reverse);
    assert_eq!(kinds(&answer.entries("include")), ["CarePlan"]);
    let reverse = [("_has:CarePlan:care-team:status", "draft")];
    assert_eq!(service.find("CareTeam", NUMBER, &reverse).total(), 1);
    let reverse = [
        ("_revinclude", "CareTeam:patient"),
        ("_revinclude", "CarePlan:subject"),
    ];
    let answer = service.find("Patient", NUMBER, &reverse);
    assert_eq!(answer.entries("include").len(), 6);
}

#[test]
fn a_search_for_flags_brings_no_more_along_than_it_did() {
    let service = service();
    let more = [("_include", "*"), ("_include:iterate", "*")];
    let answer = service.find("Flag", NUMBER, &more);
    assert_eq!(answer.total(), 3);
    assert_eq!(
        kinds(&answer.entries("include")),
        ["Organization", "Patient"]
    );
    let more = [
        ("_revinclude", "Flag:patient"),
        ("_revinclude", "EpisodeOfCare:patient"),
    ];
    let answer = service.find("Patient", NUMBER, &more);
    assert_eq!(
        kinds(&answer.entries("include")),
        [
            "EpisodeOfCare",
            "EpisodeOfCare",
            "EpisodeOfCare",
            "Flag",
            "Flag",
            "Flag"
        ]
    );
}
