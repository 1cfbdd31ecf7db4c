//! How many matches, in which order, in which form: `search_flags`.

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";

/// A child with three plans, from January, February and March.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&["2026-01-01", "2026-02-01", "2026-03-01"].map(|day| a_plan().from(day)));
    service
}

fn starts(matches: &[Value]) -> Vec<&str> {
    matches
        .iter()
        .map(|flag| &flag["period"]["start"].as_str().unwrap()[5..7])
        .collect()
}

#[test]
fn no_more_matches_come_than_asked_for_and_the_total_counts_them_all() {
    let service = service();
    for (count, told) in [("1", 1), ("2", 2), ("3", 3), ("100", 3), ("0003", 3)] {
        let answer = service.find("Flag", NUMBER, &[("_count", count)]);
        assert_eq!(answer.total(), 3);
        assert_eq!(answer.matches().len(), told, "{count}");
        assert_eq!(answer.link("next").is_some(), told < 3);
    }
}

#[test]
fn a_count_of_none_and_a_summary_of_the_count_tell_the_total_alone() {
    let service = service();
    for more in [
        vec![("_count", "0")],
        vec![("_summary", "count")],
        vec![("_count", "2"), ("_summary", "count")],
        vec![("_summary", "count"), ("_count", "2")],
        vec![("_summary", "count"), ("_include", "Flag:author")],
    ] {
        let answer = service.find("Flag", NUMBER, &more);
        assert_eq!(answer.total(), 3, "{more:?}");
        let bundle = answer.json();
        assert!(bundle.get("entry").is_none(), "{more:?}");
        assert!(answer.link("next").is_none(), "{more:?}");
    }
    assert_eq!(
        service.accesses(),
        5,
        "that there are plans is a disclosure"
    );
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_count_is_asked_for_once() {
    let service = service();
    let twice = [("_count", "2"), ("_count", "2")];
    service
        .find("Flag", NUMBER, &twice)
        .refusal(400, "INVALID_SEARCH_DATA");
}

#[test]
fn matches_come_in_the_order_asked_for() {
    let service = service();
    service.clock.set("2026-11-22T13:00:00Z".parse().unwrap());
    service.tell(&[a_plan().from("2026-02-01").until("2027-01-01")]);
    for (sort, expected) in [
        ("date", ["01", "02", "03"]),
        ("-date", ["03", "02", "01"]),
        ("-_lastUpdated", ["02", "01", "03"]),
        ("_lastUpdated,-date", ["03", "01", "02"]),
    ] {
        let answer = service.find("Flag", NUMBER, &[("_sort", sort)]);
        assert_eq!(starts(&answer.matches()), expected, "{sort}");
    }
    let mut ids = service.find("Flag", NUMBER, &[]).ids();
    ids.sort();
    assert_eq!(service.find("Flag", NUMBER, &[("_sort", "_id")]).ids(), ids);
    ids.reverse();
    let descending = service.find("Flag", NUMBER, &[("_sort", "-_id")]);
    assert_eq!(descending.ids(), ids);
}

#[test]
fn what_comes_along_comes_with_each_page_and_counts_as_no_match() {
    let service = service();
    let more = [("_count", "1"), ("_include", "Flag:author")];
    let mut page = service.find("Flag", NUMBER, &more);
    for _ in 0..3 {
        assert_eq!(page.matches().len(), 1);
        assert_eq!(page.entries("include").len(), 1);
        if let Some(next) = page.link("next") {
            page = service.get(&next);
        }
    }
}

#[test]
fn the_form_of_the_answer_is_the_same_wherever_it_is_asked_for() {
    let service = service();
    let child = form(&[("patient:identifier", &nhs(NUMBER))]);
    let forms = |format: &str| {
        let query = format!("{child}&{}", form(&[("_format", format)]));
        [
            service.get(&format!("Flag?{query}")),
            service.post_form("Flag/_search", &query),
        ]
    };
    for format in ["json", "application/fhir+json", "application/json"] {
        for answer in forms(format) {
            assert_eq!(answer.total(), 3, "{format}");
            let expected = format!("{}/Flag?{child}", service.base);
            assert_eq!(answer.link("self"), Some(expected));
        }
    }
    let looks = service.accesses();
    for format in ["text/csv", "application/fhir+turtle", "ttl", "html"] {
        for answer in forms(format) {
            let issue = answer.refusal(406, "UNSUPPORTED_SERVICE");
            assert_eq!(issue["code"], "not-supported");
        }
    }
    assert_eq!(service.accesses(), looks);
    let pretty = format!("{child}&_pretty=true");
    for answer in [
        service.get(&format!("Flag?{pretty}")),
        service.post_form("Flag/_search", &pretty),
    ] {
        assert!(answer.text.contains("\n"), "indented");
    }
}

#[test]
fn a_search_longer_or_with_more_parameters_than_taken_is_refused() {
    let service = service();
    let child = form(&[("patient:identifier", &nhs(NUMBER))]);
    let many = format!("{child}{}", "&status=active".repeat(50));
    let long = format!("{child}&colour={}", "x".repeat(4_000));
    for query in [many, long] {
        let answer = service.get(&format!("Flag?{query}"));
        answer.refusal(400, "INVALID_SEARCH_DATA");
    }
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("{child}&colour={}", "x".repeat(100_000));
    let answer = service.ask("POST", "Flag/_search", &headers, body.as_bytes());
    assert!([400, 413].contains(&answer.status));
    let torn = service.ask("POST", "Flag/_search", &headers, b"patient=\xff\xfe");
    torn.refusal(400, "INVALID_VALUE");
    assert_eq!(service.accesses(), 0);
}
