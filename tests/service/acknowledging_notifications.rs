//! A local authority's system says which notifications it has: `acknowledge`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::NotifiedAuthority;
use serde_json::json;

use crate::support::{TestService, a_plan};

const NUMBER: &str = "9990000026";

#[test]
fn an_acknowledgement_marks_once_however_often_it_is_sent() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for number in 0..3 {
        service.look(number, NUMBER);
    }
    let told = service.told();
    service.clock.advance(TimeDelta::minutes(5));
    let outcome = service.acknowledge(NotifiedAuthority, &[&told[0], &told[1], &told[0]]);
    assert!(
        outcome["issue"][0]["diagnostics"]
            .as_str()
            .unwrap()
            .contains("2 of 3")
    );
    service.clock.advance(TimeDelta::minutes(5));
    service.acknowledge(NotifiedAuthority, &[&told[0]]);
    let all = service.told();
    let statuses: Vec<&str> = all
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["completed", "completed", "in-progress"]);
    assert_eq!(all[0]["received"], "2026-11-22T12:05:00.000Z");
    assert_eq!(service.pull("Communication?status=in-progress").total(), 1);
    let stranger = json!({ "id": "019371b8-1c00-7000-8000-000000000001" });
    let outcome = service.acknowledge(NotifiedAuthority, &[&stranger, &told[2]]);
    assert_eq!(outcome["issue"][1]["severity"], "warning");
    assert_eq!(
        outcome["issue"][1]["expression"][0],
        "Parameters.parameter[0]"
    );
    assert_eq!(service.told()[2]["status"], "completed");
}

#[test]
fn an_acknowledgement_that_names_nothing_is_refused_and_marks_nothing() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.look(0, NUMBER);
    let id = service.told()[0]["id"].clone();
    for parameters in [
        json!({ "resourceType": "Parameters" }),
        json!({ "resourceType": "Flag" }),
        json!({ "resourceType": "Parameters", "parameter": [{ "name": "id", "valueId": "x" }] }),
        json!({ "resourceType": "Parameters",
                "parameter": [{ "name": "id", "valueId": id }, { "name": "a", "valueId": id }] }),
    ] {
        let answer = service.post_as(NotifiedAuthority, "Communication/$acknowledge", &parameters);
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    assert_eq!(service.told()[0]["status"], "in-progress");
}
