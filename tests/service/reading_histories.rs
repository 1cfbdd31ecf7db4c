//! The versions of all of a child's plans: `history_type`. Nobody can list children, so a history
//! of a kind names one (<https://hl7.org/fhir/R4/http.html#history>).

use std::collections::BTreeSet;
use std::slice;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, PlanLine, TestService, a_plan};

const NUMBER: &str = "9990000026";
const OTHER: &str = "9990000034";

/// Two plans of one child and one of another, all told twice.
fn service() -> TestService {
    let service = TestService::new();
    let second = a_plan().kind("CLA").local_id("H-2");
    let other = a_plan().child(OTHER).local_id("H-3");
    for end in ["2027-01-01", "2026-12-24"] {
        let plans = [&a_plan(), &second, &other].map(|plan| plan.clone().until(end));
        service.tell(&plans);
        service.clock.advance(TimeDelta::hours(1));
    }
    service
}

fn entries(history: &Answer) -> Vec<Value> {
    assert_eq!(history.status, 200, "{}", history.text);
    assert_eq!(history.json()["type"], "history");
    let entries = history.json()["entry"].as_array().cloned();
    entries.unwrap_or_default()
}

#[test]
fn a_history_of_a_kind_tells_every_version_of_one_childs_plans_newest_first() {
    let service = service();
    for kind in ["Flag", "EpisodeOfCare"] {
        let history = service.get(&format!("{kind}/_history?patient={NUMBER}"));
        let told = entries(&history);
        // Entering its period makes a version of an episode too; these did before they were told.
        assert_eq!(told.len(), 4, "{kind}");
        assert!(!history.text.contains(OTHER));
        let moments: Vec<&str> = told
            .iter()
            .map(|entry| entry["response"]["lastModified"].as_str().unwrap())
            .collect();
        assert!(moments.is_sorted_by(|one, next| one >= next), "{moments:?}");
        let ids: BTreeSet<&str> = told
            .iter()
            .map(|entry| entry["resource"]["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), 2, "{kind}");
        for entry in &told {
            assert_eq!(entry["resource"]["resourceType"], kind);
        }
    }
}

#[test]
fn a_child_is_named_in_a_history_as_in_a_search() {
    let service = service();
    let patient = service.find("Patient", NUMBER, &[]).ids().remove(0);
    for criterion in [
        format!("patient={NUMBER}"),
        format!("patient={patient}"),
        format!("patient=Patient/{patient}"),
        format!("patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{NUMBER}"),
        format!("patient.identifier={NUMBER}"),
        format!("subject:Patient.identifier={NUMBER}"),
    ] {
        let before = service.accesses();
        let history = service.get(&format!("Flag/_history?{criterion}"));
        assert_eq!(entries(&history).len(), 4, "{criterion}");
        assert_eq!(service.accesses(), before + 1);
    }
}

#[test]
fn a_history_that_names_no_child_or_two_or_nobody_is_refused() {
    let service = service();
    let before = service.accesses();
    service.get("Flag/_history").refusal(400, "MISSING_VALUE");
    service
        .get("Flag/_history?_count=1")
        .refusal(400, "MISSING_VALUE");
    let two = format!("Flag/_history?patient={NUMBER}&patient={OTHER}");
    service.get(&two).refusal(400, "INVALID_SEARCH_DATA");
    service
        .get("Flag/_history?patient=9990000019")
        .refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), before);
    let nobody = "Flag/_history?patient=019371b8-1c00-7000-8000-000000000001";
    service.get(nobody).refusal(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn a_child_without_a_visible_plan_has_an_empty_history_and_the_look_is_on_record() {
    let service = service();
    let history = service.get("Flag/_history?patient=9990000018");
    assert!(entries(&history).is_empty());
    assert_eq!(history.json()["total"], 0);
    assert_eq!(service.accesses(), 1);
    let recorded = "select count(*) from accesses where interaction = 'history-type' \
                    and asked = 'Flag/_history?patient=9990000018'";
    assert_eq!(service.number(recorded), 1);
}

#[test]
fn a_history_of_a_kind_is_paged_by_links_that_name_no_child() {
    let service = service();
    let mut next = Some(format!("Flag/_history?patient={NUMBER}&_count=3"));
    let mut seen = Vec::new();
    let mut pages = 0;
    while let Some(url) = next {
        let page = service.get(&url);
        assert_eq!(page.json()["total"], 4);
        seen.extend(entries(&page));
        next = page.link("next");
        assert!(next.iter().all(|link| !link.contains(NUMBER)));
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (4, 2));
    let versions: BTreeSet<String> = seen
        .iter()
        .map(|entry| format!("{} {}", entry["fullUrl"], entry["response"]["etag"]))
        .collect();
    assert_eq!(versions.len(), 4);
}

/// The ends of the versions that a history tells from a page on, one to a page.
fn ends_from(service: &TestService, first: &Answer) -> Vec<String> {
    let mut told = Vec::new();
    let mut next = first.link("next");
    while let Some(link) = next {
        let page = service.get(&link);
        assert_eq!(page.json()["total"], first.json()["total"]);
        let [entry] = entries(&page).try_into().unwrap();
        let end = &entry["resource"]["period"]["end"];
        told.push(end.as_str().unwrap().to_owned());
        next = page.link("next");
    }
    told
}

#[test]
fn a_history_goes_on_where_it_was_though_another_authority_withdraws_a_plan_meanwhile() {
    let service = TestService::new();
    let other = a_plan().of("E90002").local_id("B-1").until("2026-12-01");
    let tell = |plan: &PlanLine| {
        service.tell(slice::from_ref(plan));
        service.clock.advance(TimeDelta::minutes(1));
    };
    tell(&other);
    for end in ["2026-12-02", "2026-12-03", "2026-12-04"] {
        tell(&a_plan().until(end));
    }
    let first = service.get(&format!("Flag/_history?patient={NUMBER}&_count=1"));
    assert_eq!(first.json()["total"], 4);
    assert_eq!(
        entries(&first)[0]["resource"]["period"]["end"],
        "2026-12-04"
    );
    tell(&other.clone().withdrawn("2026-11-22"));
    assert_eq!(ends_from(&service, &first), ["2026-12-03", "2026-12-02"]);

    let first = service.get(&format!("Flag/_history?patient={NUMBER}&_count=1"));
    assert_eq!(first.json()["total"], 3);
    tell(&other);
    let later = ["2026-12-03", "2026-12-02", "2026-12-01"];
    assert_eq!(ends_from(&service, &first), later);
}

#[test]
fn a_history_goes_on_after_the_place_of_a_version_that_is_there_no_more() {
    let service = TestService::new();
    let other = a_plan().of("E90002").local_id("B-1");
    for plan in [
        a_plan().until("2026-12-02"),
        a_plan().until("2026-12-03"),
        other.clone().until("2026-12-04"),
    ] {
        service.tell(&[plan]);
        service.clock.advance(TimeDelta::minutes(1));
    }
    let first = service.get(&format!("Flag/_history?patient={NUMBER}&_count=1"));
    assert_eq!(
        entries(&first)[0]["resource"]["period"]["end"],
        "2026-12-04"
    );
    service.tell(&[other.withdrawn("2026-11-22")]);
    assert_eq!(ends_from(&service, &first), ["2026-12-03", "2026-12-02"]);
}

#[test]
fn a_page_link_of_a_history_works_at_its_own_path_only_and_for_a_while() {
    let service = service();
    let first = service.get(&format!("Flag/_history?patient={NUMBER}&_count=1"));
    let link = first.link("next").unwrap();
    let elsewhere = link.replace("Flag/_history", "EpisodeOfCare/_history");
    service.get(&elsewhere).refusal(410, "INVALID_SEARCH_DATA");
    let searched = link.replace("Flag/_history", "Flag");
    service.get(&searched).refusal(410, "INVALID_SEARCH_DATA");
    let beside = format!("{link}&patient={OTHER}");
    service.get(&beside).refusal(410, "INVALID_SEARCH_DATA");
    service.clock.advance(TimeDelta::minutes(16));
    service.get(&link).refusal(410, "INVALID_SEARCH_DATA");
}

#[test]
fn who_may_not_look_reads_no_history_and_leaves_none() {
    let service = service();
    let path = format!("Flag/_history?patient={NUMBER}");
    service
        .ask("GET", &path, &[], b"")
        .refusal(401, "ACCESS_DENIED");
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        let refused = service.get_as(&service.token(role), &path);
        refused.refusal(403, "ACCESS_DENIED");
        assert!(!refused.text.contains(NUMBER));
    }
    assert_eq!(service.accesses(), 0);
}
