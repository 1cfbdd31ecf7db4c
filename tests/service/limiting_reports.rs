//! Budgets of reports: whoever floods an authority with reports of alerts is refused, in every
//! process. `report_tallies`.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Answer, TestService, a_person};

const CHILD: &str = "9990000026";

/// Reports an alert as the person of a number.
fn report(service: &TestService, person: u32) -> Answer {
    service.clock.advance(TimeDelta::seconds(10));
    let person = a_person().known_as(&format!("55500000{person:04}"));
    let body = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "nhs-number", "valueString": CHILD },
        { "name": "kind", "valueCode": "missing" },
    ] });
    let bearer = format!("Bearer {}", service.token_of(&person));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    service.ask(
        "POST",
        "$report-alert",
        &headers,
        body.to_string().as_bytes(),
    )
}

fn on_record(service: &TestService) -> i64 {
    service.number("select count(*) from alert_reports")
}

#[test]
fn the_report_after_the_last_of_a_budget_is_429_with_a_time_and_is_not_on_record() {
    let service = TestService::with(|settings| settings.budgets.person_reports_max = 3);
    let beside = service.beside();
    for reporting in [&service, &beside, &service] {
        assert_eq!(report(reporting, 1).status, 200);
    }
    for reporting in [&service, &beside] {
        let answer = report(reporting, 1);
        let issue = answer.refusal(429, "TOO_MANY_REQUESTS");
        assert_eq!(issue["code"], "throttled");
        assert!(answer.text.contains("not on record"), "{}", answer.text);
        assert!(!answer.text.contains(CHILD), "{}", answer.text);
    }
    // The first of the three was made fifty seconds before.
    let answer = report(&service, 1);
    assert_eq!(answer.header("retry-after"), Some("3550"));
    assert_eq!(on_record(&service), 3);
    let logged = "select count(*) from security_log where reason = 'too-many-reports' \
                  and practitioner_id = '555000000001'";
    assert_eq!(service.number(logged), 3);
    // Others may report all the same, and so may this one when the time has come.
    assert_eq!(report(&service, 2).status, 200);
    service.clock.advance(TimeDelta::seconds(3530));
    assert_eq!(report(&service, 1).status, 200);
    assert_eq!(report(&service, 1).status, 200);
}

#[test]
fn the_people_of_an_organisation_and_of_a_client_have_a_budget_together() {
    let service = TestService::with(|settings| settings.budgets.organisation_reports_max = 2);
    let of_client = TestService::with(|settings| settings.budgets.client_reports_max = 2);
    for (service, named) in [(&service, "one organisation"), (&of_client, "one client")] {
        assert_eq!(report(service, 1).status, 200);
        assert_eq!(report(service, 2).status, 200);
        let answer = report(service, 3);
        answer.refusal(429, "TOO_MANY_REQUESTS");
        assert!(answer.text.contains(named), "{}", answer.text);
        assert_eq!(on_record(service), 2);
    }
}
