//! Which reports of alerts nobody has closed, as the operator sees them: `alert-reports` and
//! `metrics`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, SecondLocalAuthority,
};
use cpis_fhir::store::provision::SERVER;
use serde_json::{Value, json};

use crate::support::{Answer, Monitoring, TestService, a_plan, cluster, program, words};

const CHILD: &str = "9990000026";

/// Posts parameters to an operation.
fn post(service: &TestService, role: SandboxRole, path: &str, told: &[(&str, &str)]) -> Answer {
    let named = told.iter();
    let parameters: Vec<Value> = named
        .map(|(name, value)| json!({ "name": name, "valueString": value }))
        .collect();
    let body = json!({ "resourceType": "Parameters", "parameter": parameters });
    let answer = service.post_as(role, path, &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn report(service: &TestService, told: &[(&str, &str)]) -> String {
    service.clock.advance(TimeDelta::seconds(1));
    let told = post(service, Clinician, "$report-alert", told).json();
    told["parameter"][0]["valueId"].as_str().unwrap().to_owned()
}

#[test]
fn the_operator_sees_which_reports_wait_for_whom_and_since_when_and_nothing_of_a_child() {
    let service = TestService::new();
    service.tell(&[a_plan().local_id("H-1")]);
    service.tell(&[a_plan().of("E90002").local_id("S-1")]);
    let monitoring = Monitoring::of(&service);
    let waiting = || {
        let told = monitoring.scrape();
        ["open", "oldest_seconds"].map(|name| told.told(&format!("cpis_alert_reports_{name}")))
    };
    assert_eq!(waiting(), [0.0, 0.0]);
    let id = report(&service, &[("nhs-number", CHILD), ("kind", "missing")]);
    let nobodys = [("nhs-number", "9990000034"), ("kind", "missing")];
    let nobodys = report(&service, &nobodys);
    let listed = program(&["alert-reports"])
        .env("DATABASE_URL", cluster().url(SERVER, &service.database))
        .output()
        .unwrap();
    let listed = words(&listed);
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[1].starts_with(&format!("{id},E90001,")), "{listed}");
    assert!(lines[2].starts_with(&format!("{id},E90002,")), "{listed}");
    assert!(
        lines[3].starts_with(&format!("{nobodys},operator,")),
        "{listed}"
    );
    assert!(
        !listed.contains("999000") && !listed.contains("H-1"),
        "{listed}"
    );
    service.clock.advance(TimeDelta::days(13));
    assert_eq!(waiting(), [2.0, 13.0 * 86400.0 + 1.0]);
    for role in [LocalAuthority, SecondLocalAuthority] {
        let told = [
            ("report", id.as_str()),
            ("outcome", "not-ours"),
            ("text", ""),
        ];
        assert_eq!(
            post(&service, role, "$close-alert-report", &told).status,
            200
        );
    }
    assert_eq!(waiting()[0], 1.0);
}
