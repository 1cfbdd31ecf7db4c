//! The same plans, as periods under an authority: `search_episodes_of_care`.

use serde_json::Value;

use crate::support::{TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";

/// A child with a plan that is over, one that counts and one that has not begun.
pub fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[
        a_plan().from("2025-01-01").until("2026-11-21"),
        a_plan().kind("CLA").from("2026-11-22").until("2026-11-22"),
        a_plan().from("2026-11-23"),
    ]);
    service
}

fn statuses(episodes: &[Value]) -> Vec<&str> {
    episodes
        .iter()
        .map(|episode| episode["status"].as_str().unwrap())
        .collect()
}

#[test]
fn a_childs_plans_are_found_as_episodes_by_their_first_day() {
    let service = service();
    let answer = service.find("EpisodeOfCare", NUMBER, &[]);
    assert_eq!(answer.total(), 3);
    assert_eq!(
        statuses(&answer.matches()),
        ["finished", "active", "planned"]
    );
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn an_episode_can_be_asked_for_by_where_it_stands_today() {
    let service = service();
    for (status, total) in [
        ("planned", 1),
        ("active", 1),
        ("finished", 1),
        ("active,planned", 2),
        ("http://hl7.org/fhir/episode-of-care-status|active", 1),
        ("cancelled", 0),
    ] {
        let answer = service.find("EpisodeOfCare", NUMBER, &[("status", status)]);
        assert_eq!(answer.total(), total, "{status}");
    }
    let rest = service.find("EpisodeOfCare", NUMBER, &[("status:not", "active")]);
    assert_eq!(statuses(&rest.matches()), ["finished", "planned"]);
}

#[test]
fn an_episodes_status_turns_at_midnight_in_london() {
    let service = service();
    service
        .clock
        .set("2026-11-22T23:59:59.999Z".parse().unwrap());
    let before = service.find("EpisodeOfCare", NUMBER, &[]).matches();
    assert_eq!(statuses(&before), ["finished", "active", "planned"]);
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    let after = service.find("EpisodeOfCare", NUMBER, &[]).matches();
    assert_eq!(statuses(&after), ["finished", "finished", "active"]);
    for (before, after) in before.iter().zip(&after) {
        let changed = before["status"] != after["status"];
        let version = |episode: &Value| episode["meta"]["versionId"].clone();
        assert_eq!(version(before) != version(after), changed);
        if changed {
            assert_eq!(after["meta"]["lastUpdated"], "2026-11-23T00:00:00.000Z");
        }
    }
    let changed = [("_lastUpdated", "ge2026-11-23")];
    assert_eq!(service.find("EpisodeOfCare", NUMBER, &changed).total(), 2);
}

#[test]
fn an_episode_can_be_asked_for_by_type_authority_identifier_and_day() {
    let service = service();
    let authority = service.find("EpisodeOfCare", NUMBER, &[]).matches()[0]["managingOrganization"]
        ["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let local = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90001|H-1";
    for (name, value, total) in [
        ("type", "342191000000101", 2),
        ("type", "http://snomed.info/sct|764841000000100", 1),
        ("type", "http://loinc.org|764841000000100", 0),
        ("organization", authority.as_str(), 3),
        ("organization:identifier", "E90001", 3),
        ("organization:identifier", "E90002", 0),
        ("identifier", local, 3),
        ("identifier", "H-1", 3),
        ("identifier", "H-2", 0),
        ("date", "eb2026-11-22", 1),
        ("date", "sa2026-11-22", 1),
        ("date", "2026-11-22", 1),
    ] {
        let answer = service.find("EpisodeOfCare", NUMBER, &[(name, value)]);
        assert_eq!(answer.total(), total, "{name}={value}");
    }
    let open_today = [("date", "le2026-11-22"), ("date", "ge2026-11-22")];
    assert_eq!(
        service.find("EpisodeOfCare", NUMBER, &open_today).total(),
        1
    );
}

#[test]
fn the_authority_and_the_child_come_along_when_asked_for() {
    let service = service();
    let more = [
        ("_include", "EpisodeOfCare:organization"),
        ("_include", "EpisodeOfCare:patient:Patient"),
    ];
    let answer = service.find("EpisodeOfCare", NUMBER, &more);
    assert_eq!(answer.total(), 3);
    let mut kinds: Vec<Value> = answer
        .entries("include")
        .iter()
        .map(|resource| resource["resourceType"].clone())
        .collect();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds, ["Organization", "Patient"]);
}

#[test]
fn a_search_that_names_no_child_or_names_one_by_a_flags_parameter_is_refused() {
    let service = service();
    for query in [
        "status=active".to_owned(),
        "organization:identifier=E90001".to_owned(),
        form(&[("subject:identifier", &nhs(NUMBER))]),
    ] {
        service
            .get(&format!("EpisodeOfCare?{query}"))
            .refusal(400, "MISSING_VALUE");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_child_without_a_plan_has_no_episode_and_the_access_is_recorded() {
    let service = TestService::new();
    assert_eq!(service.find("EpisodeOfCare", NUMBER, &[]).total(), 0);
    assert_eq!(service.accesses(), 1);
}
