//! A viewer says that a plan is missing or wrong, and the authority concerned looks into it:
//! `report_alert`, `alert_reports`, `close_alert_report`.

use chrono::TimeDelta;
use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::messages::alert_reports_csv::COLUMNS;
use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, NoActivity, ScheduledClinician, SecondLocalAuthority,
};
use cpis_fhir::store::authorities::take_for_upload;
use cpis_fhir::store::number_changes;
use cpis_fhir::store::operator::Operator;
use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, cluster, lines};

const CHILD: &str = "9990000026";
const WORDS: &str = "=Discharged to Aunt Philomena, she says the plan ended";

/// Posts parameters to an operation.
fn post(service: &TestService, role: SandboxRole, path: &str, told: &[(&str, &str)]) -> Answer {
    let parameters: Vec<Value> = told
        .iter()
        .map(|(name, value)| json!({ "name": name, "valueString": value }))
        .collect();
    let body = json!({ "resourceType": "Parameters", "parameter": parameters }).to_string();
    let bearer = format!("Bearer {}", service.token(role));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    service.ask("POST", path, &headers, body.as_bytes())
}

fn report(service: &TestService, told: &[(&str, &str)]) -> String {
    service.clock.advance(TimeDelta::seconds(1));
    let answer = post(service, Clinician, "$report-alert", told);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = answer.json();
    assert_eq!(told["parameter"].as_array().unwrap().len(), 1);
    assert_eq!(told["parameter"][0]["name"], "report");
    told["parameter"][0]["valueId"].as_str().unwrap().to_owned()
}

fn reports(service: &TestService, role: SandboxRole) -> Vec<Vec<String>> {
    let mut lines = service.ask_as(role, "GET", "$alert-reports", "").csv();
    assert_eq!(lines.remove(0), COLUMNS);
    lines
}

fn ids(service: &TestService, role: SandboxRole) -> Vec<String> {
    let reports = reports(service, role).into_iter();
    reports.map(|line| line[0].clone()).collect()
}

/// A child with a plan of each authority, and one with none of either.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan().local_id("H-1")]);
    service.tell(&[a_plan().of("E90002").local_id("S-1")]);
    service
}

#[test]
fn a_report_under_a_number_that_was_replaced_reaches_whose_plan_has_gone_to_the_new_one() {
    let service = service();
    let early = report(&service, &[("nhs-number", CHILD), ("kind", "wrong")]);
    let url = cluster().url(OWNER, &service.database);
    let [old, new] = [CHILD, "9990000034"].map(|number| NhsNumber::parse(number).unwrap());
    let mut operator = Operator::connect(&url).unwrap();
    operator
        .run(|postgres| number_changes::replace(postgres, old, new, service.now()))
        .unwrap();
    let late = report(&service, &[("nhs-number", CHILD), ("kind", "missing")]);
    let of_the_new = report(&service, &[("nhs-number", "9990000034"), ("kind", "wrong")]);
    for (role, local_id) in [(LocalAuthority, "H-1"), (SecondLocalAuthority, "S-1")] {
        let told: Vec<[String; 3]> = reports(&service, role)
            .into_iter()
            .map(|line| [line[0].clone(), line[3].clone(), line[4].clone()])
            .collect();
        let expected = [(&early, CHILD), (&late, CHILD), (&of_the_new, "9990000034")];
        let expected = expected.map(|(id, number)| [id.clone(), number.into(), local_id.into()]);
        assert_eq!(told, expected);
    }
}

#[test]
fn a_report_and_what_an_authority_reads_do_not_wait_for_an_upload_of_the_authority() {
    let service = service();
    let mut uploading = PgConnection::establish(&cluster().url(OWNER, &service.database)).unwrap();
    uploading.batch_execute("begin").unwrap();
    let authority = OdsCode::parse("E90001").unwrap();
    let taken = take_for_upload(&mut uploading, &authority).unwrap();
    assert_eq!(taken.map(|taken| taken.code), Some(authority));
    let id = report(&service, &[("nhs-number", CHILD), ("kind", "missing")]);
    assert_eq!(ids(&service, LocalAuthority), [id]);
    let held = service.ask_as(LocalAuthority, "GET", "$held-plans", "");
    assert_eq!(held.status, 200, "{}", held.text);
    uploading.batch_execute("rollback").unwrap();
}

#[test]
fn a_report_goes_to_whose_plan_it_is_else_to_who_is_named_else_to_all_with_a_plan_for_the_child() {
    let service = service();
    let flags = service.flags(CHILD);
    let author = |flag: &&Value| flag["author"]["identifier"]["value"] == "E90002";
    let flag = flags.iter().find(author).unwrap()["id"].as_str().unwrap();
    let wrong = [
        ("nhs-number", CHILD),
        ("kind", "wrong"),
        ("flag", flag),
        ("authority", "E90001"),
    ];
    let of_a_plan = report(&service, &wrong);
    let other_child = [
        ("nhs-number", "9990000034"),
        ("kind", "wrong"),
        ("flag", flag),
    ];
    let of_another_child = report(&service, &other_child);
    let named = [
        ("nhs-number", "9990000034"),
        ("kind", "missing"),
        ("authority", "E90001"),
    ];
    let named = report(&service, &named);
    let of_the_child = report(&service, &[("nhs-number", CHILD), ("kind", "missing")]);
    assert_eq!(ids(&service, LocalAuthority), [named, of_the_child.clone()]);
    assert_eq!(
        ids(&service, SecondLocalAuthority),
        [of_a_plan, of_the_child]
    );
    let nobodys = "select r.id from alert_reports r where not exists (select from \
                   alert_report_recipients t where t.report_id = r.id)";
    assert_eq!(
        service.texts(&nobodys.replace("r.id from", "r.id::text from")),
        [of_another_child]
    );
}

#[test]
fn an_authority_reads_who_reported_what_under_its_own_names_and_nothing_of_anothers() {
    let service = service();
    let told = [("nhs-number", CHILD), ("kind", "missing"), ("text", WORDS)];
    let id = report(&service, &told);
    for (role, own) in [(LocalAuthority, "H-1"), (SecondLocalAuthority, "S-1")] {
        let expected = [
            id.as_str(),
            "2026-11-22T12:00:01.000Z",
            "missing",
            CHILD,
            own,
            "",
            "Dr Amina Clarke",
            "555000000101",
            "Clinical Practitioner Access Role",
            "RQX99",
            "Organisation RQX99",
            // A spreadsheet must not run it.
            &format!("'{WORDS}"),
            "open",
            "",
            "",
        ];
        assert_eq!(reports(&service, role), [expected]);
    }
    assert_eq!(
        service.readings(),
        [
            "E90001 alert-reports 1 upload-system-E90001",
            "E90002 alert-reports 1 upload-system-E90002",
        ]
    );
    assert!(!lines().contains("Philomena"));
}

#[test]
fn to_report_tells_nothing_of_any_plan_and_is_no_access() {
    let service = service();
    let of = |number: &str| {
        let answer = post(
            &service,
            Clinician,
            "$report-alert",
            &[
                ("nhs-number", number),
                ("kind", "wrong"),
                ("flag", "019371b8-1c00-7000-8000-000000000001"),
            ],
        );
        assert_eq!(answer.status, 200, "{}", answer.text);
        let names: Vec<String> = answer
            .headers
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        (answer.text.len(), names)
    };
    assert_eq!(of(CHILD), of("9990000034"));
    assert_eq!((service.accesses(), service.notifications()), (0, 0));
}

#[test]
fn a_report_is_a_persons_who_may_view_plans_and_says_what_can_be_read() {
    let service = service();
    let good = [("nhs-number", CHILD), ("kind", "missing")];
    for role in [NoActivity, LocalAuthority] {
        post(&service, role, "$report-alert", &good).refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(
        post(&service, ScheduledClinician, "$report-alert", &good).status,
        200
    );
    let long = "ж".repeat(501);
    for bad in [
        vec![("kind", "missing")],
        vec![("nhs-number", "9990000027"), ("kind", "missing")],
        vec![("nhs-number", CHILD)],
        vec![("nhs-number", CHILD), ("kind", "late")],
        vec![
            ("nhs-number", CHILD),
            ("kind", "wrong"),
            ("flag", "Flag/none"),
        ],
        vec![
            ("nhs-number", CHILD),
            ("kind", "wrong"),
            ("authority", "e-1"),
        ],
        vec![("nhs-number", CHILD), ("kind", "wrong"), ("text", &long)],
        vec![("nhs-number", CHILD), ("kind", "wrong"), ("kind", "wrong")],
        vec![("nhs-number", CHILD), ("kind", "wrong"), ("colour", "red")],
    ] {
        let answer = post(&service, Clinician, "$report-alert", &bad);
        answer.refusal(400, "INVALID_VALUE");
        assert!(!answer.text.contains("999000002"), "{bad:?}");
    }
    assert_eq!(service.number("select count(*) from alert_reports"), 1);
}

#[test]
fn a_report_is_closed_once_by_each_authority_it_concerns_and_the_outcome_stands() {
    let service = service();
    let id = report(&service, &[("nhs-number", CHILD), ("kind", "missing")]);
    let others = [
        ("nhs-number", "9990000034"),
        ("kind", "missing"),
        ("authority", "E90002"),
    ];
    let others = report(&service, &others);
    let close = |role, id: &str, outcome: &str| {
        let told = [("report", id), ("outcome", outcome), ("text", "Told anew.")];
        post(&service, role, "$close-alert-report", &told)
    };
    close(LocalAuthority, &others, "corrected").refusal(404, "RESOURCE_NOT_FOUND");
    close(Clinician, &id, "corrected").refusal(403, "ACCESS_DENIED");
    close(LocalAuthority, &id, "gone").refusal(400, "INVALID_VALUE");
    for _ in 0..2 {
        let closed = close(LocalAuthority, &id, "corrected");
        assert_eq!(closed.status, 200, "{}", closed.text);
        assert_eq!(closed.json()["parameter"][1]["valueCode"], "corrected");
        service.clock.advance(TimeDelta::hours(1));
    }
    close(LocalAuthority, &id, "not-ours").refusal(409, "RESOURCE_VERSION_MISMATCH");
    let shown = |role| {
        let lines = reports(&service, role).into_iter();
        lines.map(|line| line[12..].join("|")).collect::<Vec<_>>()
    };
    let closed = "corrected|2026-11-22T12:00:02.000Z|Told anew.";
    assert_eq!(shown(LocalAuthority), [closed]);
    assert_eq!(shown(SecondLocalAuthority), ["open||", "open||"]);
    let by = "select closed_by from alert_report_recipients where closed_at is not null";
    assert_eq!(service.texts(by), ["upload-system-E90001"]);
}
