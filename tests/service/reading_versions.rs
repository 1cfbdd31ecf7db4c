//! One version of a resource, and all of them, each time a look of its own: `vread`,
//! `history_instance` (<https://hl7.org/fhir/R4/http.html#vread>).

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, TestService, a_doctor, a_plan};

const NUMBER: &str = "9990000026";
const KINDS: [&str; 4] = ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"];

/// A plan told three times, an hour apart, the last time with another end.
fn service() -> TestService {
    let service = TestService::new();
    for end in ["", "2027-01-01", "2026-12-24"] {
        service.tell(&[a_plan().until(end)]);
        service.clock.advance(TimeDelta::hours(1));
    }
    service
}

/// What a search found first, with the path it can be read at.
fn found(service: &TestService, kind: &str) -> (String, Value) {
    let resource = service.find(kind, NUMBER, &[]).matches().remove(0);
    // Of one author's looks within a day the history shows the first: let there be one.
    service.clock.advance(TimeDelta::seconds(1));
    let path = format!("{kind}/{}", resource["id"].as_str().unwrap());
    (path, resource)
}

fn entries(history: &Answer) -> Vec<Value> {
    assert_eq!(history.status, 200, "{}", history.text);
    assert_eq!(history.json()["type"], "history");
    let entries = history.json()["entry"].as_array().cloned();
    entries.unwrap_or_default()
}

fn version(resource: &Value) -> &str {
    resource["meta"]["versionId"].as_str().unwrap()
}

#[test]
fn every_version_of_a_history_can_be_read_by_its_name_and_is_the_same() {
    let service = service();
    let flag = found(&service, "Flag").1;
    let author = flag["author"]["reference"].as_str().unwrap().to_owned();
    let of_a_child = KINDS.map(|kind| found(&service, kind).0);
    for path in of_a_child.iter().chain([&author]) {
        let history = entries(&service.get(&format!("{path}/_history")));
        assert!(!history.is_empty(), "{path}");
        for entry in &history {
            let resource = &entry["resource"];
            let url = format!("{path}/_history/{}", version(resource));
            let read = service.get(&url);
            assert_eq!(read.json(), *resource, "{url}");
            let etag = format!("W/\"{}\"", version(resource));
            assert_eq!(read.header("etag"), Some(&*etag));
            assert_eq!(entry["response"]["etag"], etag.as_str());
            assert!(read.header("last-modified").is_some());
        }
        let present = service.get(path).json();
        assert_eq!(history[0]["resource"], present, "{path}");
    }
}

#[test]
fn a_plans_history_tells_each_telling_newest_first_and_how_it_came_about() {
    let service = service();
    let (path, _) = found(&service, "Flag");
    let history = service.get(&format!("{path}/_history"));
    let told: Vec<(Value, Value, Value)> = entries(&history)
        .iter()
        .map(|entry| {
            let end = entry["resource"]["period"]["end"].clone();
            let url = entry["request"]["url"].clone();
            (end, entry["request"]["method"].clone(), url)
        })
        .collect();
    let line = |end: &str, method: &str, url: &str| (end.into(), method.into(), url.into());
    assert_eq!(
        told,
        [
            line("2026-12-24", "PUT", &path),
            line("2027-01-01", "PUT", &path),
            line("2033-04-01", "POST", "Flag"),
        ]
    );
    assert_eq!(history.json()["total"], 3);
    let self_link = format!("{}/{path}/_history", service.base);
    assert_eq!(history.link("self"), Some(self_link));
    let full_url = format!("{}/{path}", service.base);
    assert_eq!(entries(&history)[2]["fullUrl"], full_url.as_str());
}

#[test]
fn a_withdrawal_is_an_entry_without_a_resource_and_its_version_is_gone() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let (path, first) = found(&service, "Flag");
    service.clock.advance(TimeDelta::hours(1));
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    service.clock.advance(TimeDelta::hours(1));
    let hidden = service.get(&format!("{path}/_history"));
    hidden.refusal(404, "RESOURCE_NOT_FOUND");
    let earlier = service.get(&format!("{path}/_history/{}", version(&first)));
    earlier.refusal(404, "RESOURCE_NOT_FOUND");
    service.tell(&[a_plan()]);
    let history = entries(&service.get(&format!("{path}/_history")));
    let methods: Vec<&Value> = history
        .iter()
        .map(|entry| &entry["request"]["method"])
        .collect();
    assert_eq!(methods, ["PUT", "DELETE", "POST"]);
    assert!(history[1].get("resource").is_none());
    let etag = history[1]["response"]["etag"].as_str().unwrap();
    let name = etag.trim_start_matches("W/\"").trim_end_matches('"');
    let gone = service.get(&format!("{path}/_history/{name}"));
    let issue = gone.refusal(410, "RESOURCE_NOT_FOUND");
    assert_eq!(issue["code"], "deleted");
}

#[test]
fn every_look_at_a_version_or_a_history_is_on_record_and_told() {
    let service = service();
    for kind in KINDS {
        let (path, resource) = found(&service, kind);
        for (asked, interaction) in [
            (format!("{path}/_history"), "history-instance"),
            (format!("{path}/_history/{}", version(&resource)), "vread"),
        ] {
            let told = service.notifications();
            service.clock.advance(TimeDelta::hours(25));
            let doctor = service.token_saying(a_doctor(1));
            assert_eq!(service.get_as(&doctor, &asked).status, 200, "{asked}");
            let recorded = format!(
                "select count(*) from accesses where interaction = '{interaction}' \
                 and asked = '{asked}' and practitioner_id = '555000001001'"
            );
            assert_eq!(service.number(&recorded), 1, "{asked}");
            assert_eq!(service.notifications(), told + 1, "{asked}");
        }
    }
}

#[test]
fn a_vread_is_shown_in_the_history_of_accesses_with_the_version_it_read() {
    let service = service();
    let (path, flag) = found(&service, "Flag");
    let asked = format!("{path}/_history/{}", version(&flag));
    service.clock.advance(TimeDelta::hours(25));
    assert_eq!(service.get(&asked).status, 200);
    service.clock.advance(TimeDelta::minutes(1));
    let events = service.find("AuditEvent", NUMBER, &[("subtype", "vread")]);
    let event = &events.matches()[0];
    assert_eq!(event["action"], "R");
    assert_eq!(event["entity"][1]["what"]["reference"], asked.as_str());
}

#[test]
fn a_history_is_asked_for_since_a_moment_and_of_a_time() {
    let service = service();
    let (path, _) = found(&service, "Flag");
    for (query, versions) in [
        ("_since=2026-11-22T12:00:00Z", 3),
        ("_since=2026-11-22T13:00:00Z", 2),
        ("_since=2026-11-22T13:30:00Z", 1),
        ("_since=2026-11-23", 0),
        ("_at=2026-11-22T12:30:00Z", 1),
        ("_at=2026-11-22", 3),
        ("_at=2025", 0),
        ("_count=0", 0),
        ("_since=2026-11-22T13:00:00Z&_at=2026-11-22T13:30:00Z", 1),
    ] {
        let history = service.get(&format!("{path}/_history?{query}"));
        assert_eq!(entries(&history).len(), versions, "{query}");
        let link = history.link("self").unwrap();
        assert_eq!(link.matches('=').count(), query.matches('=').count());
    }
    for query in ["_since=2026&_since=2026", "_count=1&_count=2", "_at=soon"] {
        let refused = service.get(&format!("{path}/_history?{query}"));
        refused.refusal(400, "INVALID_SEARCH_DATA");
    }
}

#[test]
fn following_the_next_links_of_a_history_visits_each_version_once_while_it_grows() {
    let service = service();
    let (path, _) = found(&service, "Flag");
    let mut next = Some(format!("{path}/_history?_count=1"));
    let mut seen = Vec::new();
    while let Some(url) = next {
        assert!(!url.contains(NUMBER));
        let page = service.get(&url);
        assert_eq!(page.json()["total"], 3);
        seen.extend(entries(&page));
        next = page.link("next");
        service.tell(&[a_plan().until(&format!("2027-02-0{}", seen.len()))]);
        service.clock.advance(TimeDelta::minutes(1));
    }
    let ends: Vec<&Value> = seen
        .iter()
        .map(|entry| &entry["resource"]["period"]["end"])
        .collect();
    assert_eq!(ends, ["2026-12-24", "2027-01-01", "2033-04-01"]);
}

#[test]
fn a_version_that_is_none_is_not_found_and_says_which_there_are() {
    let service = service();
    for kind in KINDS {
        let (path, _) = found(&service, kind);
        for name in ["0", "99-99", "1-1-1-1", "a", "%00", "..", "%C3%A9"] {
            let answer = service.get(&format!("{path}/_history/{name}"));
            assert_eq!(answer.status, 404, "{path}/{name}: {}", answer.text);
        }
        let none = format!("{kind}/019371b8-1c00-7000-8000-000000000001/_history");
        service.get(&none).refusal(404, "RESOURCE_NOT_FOUND");
    }
}

#[test]
fn a_version_the_caller_holds_is_not_sent_again() {
    let service = service();
    let (path, flag) = found(&service, "Flag");
    let url = format!("{path}/_history/{}", version(&flag));
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let etag = format!("W/\"{}\"", version(&flag));
    let headers = [("authorization", &*bearer), ("if-none-match", &*etag)];
    let before = service.accesses();
    let held = service.ask("GET", &url, &headers, b"");
    assert_eq!((held.status, held.text.as_str()), (304, ""));
    assert_eq!(service.accesses(), before + 1);
}

#[test]
fn a_withdrawn_plan_is_gone_to_the_authority_that_withdrew_it_and_to_no_other() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().local_id("H-2")]);
    let (path, _) = found(&service, "Flag");
    let id = path.trim_start_matches("Flag/").to_owned();
    let local = format!("select local_id from plans where id = '{id}'");
    let local = service.texts(&local).remove(0);
    service.tell(&[a_plan().local_id(&local).withdrawn("2026-11-22")]);
    let looks = service.accesses();
    let author = service.token(SandboxRole::LocalAuthority);
    for path in [
        path.clone(),
        format!("EpisodeOfCare/{id}"),
        format!("{path}/_history"),
    ] {
        let gone = service.get_as(&author, &path);
        assert_eq!(gone.refusal(410, "RESOURCE_NOT_FOUND")["code"], "deleted");
        let other = service.token(SandboxRole::SecondLocalAuthority);
        let refused = service.get_as(&other, &path);
        refused.refusal(403, "ACCESS_DENIED");
        assert!(!refused.text.contains("withdrawn"));
    }
    assert_eq!(service.accesses(), looks);
}
