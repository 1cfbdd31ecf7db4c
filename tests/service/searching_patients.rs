//! From an NHS number to the child's opaque id, with the plans if wanted: `search_patients`.

use serde_json::Value;

use crate::support::{TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().kind("CLA")]);
    service
}

#[test]
fn a_child_with_a_plan_is_found_by_nhs_number_and_nothing_more_is_told() {
    let service = service();
    let answer = service.find("Patient", NUMBER, &[]);
    assert_eq!(answer.total(), 1);
    let patient = &answer.matches()[0];
    let members: Vec<&String> = patient.as_object().unwrap().keys().collect();
    assert_eq!(members.len(), 5, "{members:?}");
    assert_eq!(patient["identifier"][0]["value"], NUMBER);
    assert_eq!(
        patient["identifier"][0]["system"],
        "https://fhir.nhs.uk/Id/nhs-number"
    );
    assert_eq!(patient["birthDate"], "2015-04-01");
    assert_eq!(service.accesses(), 1);
    assert_eq!(
        service.notifications(),
        1,
        "that a child is known tells of a plan"
    );
}

#[test]
fn get_and_post_and_the_bare_number_find_the_same_child() {
    let service = service();
    let expected = service.find("Patient", NUMBER, &[]).ids();
    let token = nhs(NUMBER);
    for value in [token.as_str(), NUMBER] {
        let query = form(&[("identifier", value)]);
        assert_eq!(service.get(&format!("Patient?{query}")).ids(), expected);
        let in_url = service.post_form(&format!("Patient/_search?{query}"), "");
        assert_eq!(in_url.ids(), expected);
    }
    let by_id = service.get(&format!("Patient?_id={}", expected[0]));
    assert_eq!(by_id.ids(), expected);
}

#[test]
fn the_plans_come_along_both_ways_when_asked_for() {
    let service = service();
    let more = [
        ("_revinclude", "Flag:patient"),
        ("_revinclude", "EpisodeOfCare:patient"),
    ];
    let answer = service.find("Patient", NUMBER, &more);
    assert_eq!(answer.total(), 1, "only the child is a match");
    let included = answer.entries("include");
    let of = |kind: &str| -> Vec<Value> {
        let wanted = |resource: &&Value| resource["resourceType"] == kind;
        included.iter().filter(wanted).cloned().collect()
    };
    assert_eq!(of("Flag"), service.find("Flag", NUMBER, &[]).matches());
    assert_eq!(
        of("EpisodeOfCare"),
        service.find("EpisodeOfCare", NUMBER, &[]).matches()
    );
    assert_eq!(included.len(), 4);
    let bundle = answer.json();
    let mut urls: Vec<&Value> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["fullUrl"])
        .collect();
    urls.sort_by_key(|url| url.to_string());
    urls.dedup();
    assert_eq!(urls.len(), 5, "each entry has a URL of its own");
}

#[test]
fn flags_asked_for_by_two_names_come_once() {
    let service = service();
    let more = [
        ("_revinclude", "Flag:patient"),
        ("_revinclude", "Flag:subject"),
    ];
    let answer = service.find("Patient", NUMBER, &more);
    assert_eq!(answer.entries("include").len(), 2);
}

#[test]
fn nothing_comes_along_with_a_child_that_does_not_match() {
    let service = service();
    let more = [("birthdate", "2015-04-02"), ("_revinclude", "Flag:patient")];
    let answer = service.find("Patient", NUMBER, &more);
    assert_eq!(answer.total(), 0);
    assert!(answer.json().get("entry").is_none());
    assert_eq!(service.accesses(), 1);
}

#[test]
fn a_child_without_a_visible_plan_is_not_known_here() {
    let service = TestService::new();
    service.tell(&[a_plan().from("2025-01-01").until("2025-11-23")]);
    assert_eq!(service.find("Patient", NUMBER, &[]).total(), 1);
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    let revinclude = [("_revinclude", "Flag:patient")];
    let known = service.find("Patient", NUMBER, &revinclude);
    let never_heard_of = service.find("Patient", "9990000034", &revinclude);
    for answer in [&known, &never_heard_of] {
        assert_eq!(answer.total(), 0);
        assert!(answer.json().get("entry").is_none());
    }
    assert_eq!(service.accesses(), 3);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_date_of_birth_narrows_and_never_finds() {
    let service = service();
    for (birthdate, total) in [
        ("2015-04-01", 1),
        ("2015", 1),
        ("ge2015-04-01", 1),
        ("lt2015-04-01", 0),
    ] {
        let answer = service.find("Patient", NUMBER, &[("birthdate", birthdate)]);
        assert_eq!(answer.total(), total, "{birthdate}");
    }
    for query in [
        "birthdate=2015-04-01",
        "name=Smith",
        "family=Smith&birthdate=2015-04-01",
        "_lastUpdated=gt2020",
    ] {
        service
            .get(&format!("Patient?{query}"))
            .refusal(400, "MISSING_VALUE");
    }
}

#[test]
fn a_wrong_number_another_system_or_two_children_are_refused() {
    let service = service();
    let two = format!("{},{}", nhs(NUMBER), nhs("9990000034"));
    for (value, code) in [
        ("9990000027", "INVALID_SEARCH_DATA"),
        (
            "https://example.org|9990000026",
            "INVALID_IDENTIFIER_SYSTEM",
        ),
        (two.as_str(), "INVALID_SEARCH_DATA"),
        ("a|b|c", "INVALID_SEARCH_DATA"),
    ] {
        let query = form(&[("identifier", value)]);
        let issue = service.get(&format!("Patient?{query}")).refusal(400, code);
        assert_eq!(issue["expression"][0], "identifier");
    }
    let not = form(&[("identifier:not", NUMBER)]);
    service
        .get(&format!("Patient?{not}"))
        .refusal(400, "MISSING_VALUE");
    assert_eq!(service.accesses(), 0);
}
