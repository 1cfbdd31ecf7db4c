//! Who looked at an authority's children, as its own system is told: `accesses`.

use chrono::TimeDelta;
use cpis_fhir::messages::child_accesses_csv::COLUMNS;
use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, ScheduledClinician, SecondLocalAuthority,
};

use crate::support::{TestService, a_plan};

const OF_TODAY: &str = "$accesses?since=2026-11-22T00:00:00Z";

/// A second later than before, somebody looks at a child.
fn look(service: &TestService, role: SandboxRole, child: &str) {
    service.clock.advance(TimeDelta::seconds(1));
    let answer = service.find_as(&service.token(role), "Flag", child);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn tell(service: &TestService, plans: &[crate::support::PlanLine]) {
    service.clock.advance(TimeDelta::seconds(1));
    service.tell(plans);
}

/// The same as FHIR tells it.
fn told_as_fhir(service: &TestService, path: &str) -> (Vec<String>, Option<String>) {
    let answer = service.get_as(&service.token(LocalAuthority), path);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json()["total"].is_null());
    let events = answer.matches().into_iter().map(|event| {
        let text = |path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
        [
            text("/entity/0/what/identifier/value"),
            text("/entity/1/what/identifier/value"),
            text("/subtype/1/code"),
            text("/agent/0/name"),
        ]
        .join(" ")
    });
    (events.collect(), answer.link("next"))
}

#[test]
fn an_authority_is_told_of_the_same_accesses_as_audit_events_where_it_asks_for_them() {
    let service = TestService::new();
    tell(&service, &[a_plan().local_id("H-1")]);
    look(&service, Clinician, "9990000026");
    look(&service, ScheduledClinician, "9990000026");
    let all = told(&service, LocalAuthority, OF_TODAY);
    assert_eq!(all.len(), 2);
    let path = format!("{OF_TODAY}&_format=json&_count=1");
    let (first, next) = told_as_fhir(&service, &path);
    let (second, last) = told_as_fhir(&service, &next.unwrap());
    assert_eq!([first, second].concat(), all);
    assert_eq!(last, None);
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let as_xml = [
        ("authorization", bearer.as_str()),
        ("accept", "application/fhir+xml"),
    ];
    let xml = service.ask("GET", OF_TODAY, &as_xml, b"");
    assert!(xml.text.contains("<AuditEvent"), "{}", xml.text);
    let anything = [("authorization", bearer.as_str()), ("accept", "*/*")];
    assert_eq!(service.ask("GET", OF_TODAY, &anything, b"").csv().len(), 3);
    let path = format!("{OF_TODAY}&_format=pdf");
    let refused = service.get_as(&service.token(LocalAuthority), &path);
    assert_eq!(refused.status, 406);
}

/// Whose child was looked at, in which care setting and by whom.
fn told(service: &TestService, role: SandboxRole, path: &str) -> Vec<String> {
    let mut lines = service.ask_as(role, "GET", path, "").csv();
    assert_eq!(lines.remove(0), COLUMNS);
    lines.iter().map(|line| line[1..5].join(" ")).collect()
}

#[test]
fn an_authority_is_told_of_every_access_to_its_children_while_its_plans_could_be_seen() {
    let service = TestService::new();
    look(&service, Clinician, "9990000026");
    let second = a_plan().child("9990000034").local_id("H-2");
    tell(&service, &[a_plan().local_id("H-1"), second.clone()]);
    let others = [
        a_plan().of("E90002").local_id("S-1"),
        a_plan().of("E90002").child("9990000042").local_id("S-3"),
    ];
    tell(&service, &others);
    look(&service, Clinician, "9990000026");
    look(&service, ScheduledClinician, "9990000034");
    look(&service, Clinician, "9990000042");
    tell(&service, &[second.withdrawn("2026-11-22")]);
    look(&service, Clinician, "9990000034");
    assert_eq!(
        told(&service, LocalAuthority, OF_TODAY),
        [
            "9990000034 H-2 scheduled Ruth Adeyemi",
            "9990000026 H-1 unscheduled Dr Amina Clarke",
        ]
    );
    assert_eq!(
        told(&service, SecondLocalAuthority, OF_TODAY),
        [
            "9990000042 S-3 unscheduled Dr Amina Clarke",
            "9990000026 S-1 unscheduled Dr Amina Clarke",
        ]
    );
    assert_eq!(
        service.readings(),
        [
            "E90001 accesses 2 upload-system-E90001",
            "E90002 accesses 2 upload-system-E90002",
        ]
    );
    assert_eq!(service.accesses(), 5);
}

#[test]
fn an_access_after_the_window_of_a_plan_is_no_access_to_it() {
    let service = TestService::new();
    let ends = a_plan().from("2025-01-10").until("2025-11-23");
    tell(
        &service,
        &[
            ends,
            a_plan()
                .kind("CLA")
                .local_id("H-9")
                .until("2025-11-24")
                .from("2025-01-01"),
        ],
    );
    look(&service, Clinician, "9990000026");
    service.clock.advance(TimeDelta::days(1));
    look(&service, Clinician, "9990000026");
    service.clock.advance(TimeDelta::days(1));
    look(&service, Clinician, "9990000026");
    assert_eq!(
        told(&service, LocalAuthority, OF_TODAY),
        [
            "9990000026 H-9 unscheduled Dr Amina Clarke",
            "9990000026 H-1 H-9 unscheduled Dr Amina Clarke",
        ]
    );
}

#[test]
fn a_long_time_is_told_a_page_at_a_time_each_access_once_whoever_looks_meanwhile() {
    let service = TestService::new();
    tell(&service, &[a_plan()]);
    for _ in 0..5 {
        look(&service, Clinician, "9990000026");
    }
    let mut next = Some(format!("{OF_TODAY}&_count=2"));
    let mut ids: Vec<String> = Vec::new();
    while let Some(path) = next {
        let answer = service.ask_as(LocalAuthority, "GET", &path, "");
        ids.extend(
            answer
                .csv()
                .into_iter()
                .skip(1)
                .map(|line| line[10].clone()),
        );
        look(&service, Clinician, "9990000026");
        next = answer.next_file();
    }
    let first = "select id::text from accesses order by recorded_at limit 5";
    let mut expected = service.texts(first);
    expected.reverse();
    assert_eq!(ids, expected);
}

#[test]
fn a_time_must_be_named_and_is_no_longer_than_31_days() {
    let service = TestService::new();
    for bad in [
        "",
        "?since=yesterday",
        "?since=2026-11-22",
        "?since=2026-10-22T11:59:59Z",
        "?since=2026-11-23T12:00:00Z",
        "?since=2026-11-01T00:00:00Z&until=2026-10-31T00:00:00Z",
        "?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:01Z",
        "?since=2026-11-22T00:00:00Z&since=2026-11-22T00:00:00Z",
    ] {
        let answer = service.ask_as(LocalAuthority, "GET", &format!("$accesses{bad}"), "");
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert!(service.readings().is_empty());
    let longest = "$accesses?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z";
    assert!(told(&service, LocalAuthority, longest).is_empty());
    for role in [Clinician, ScheduledClinician] {
        service
            .ask_as(role, "GET", OF_TODAY, "")
            .refusal(403, "ACCESS_DENIED");
    }
    service.execute("revoke insert on authority_readings from cpis_query");
    service
        .ask_as(LocalAuthority, "GET", OF_TODAY, "")
        .refusal(503, "UNABLE_TO_CALL_SERVICE");
}
