//! A file that would take an unlikely share of an authority's plans off is held until the authority
//! says that it is meant: `intake/shrinking.rs`, `domain/shrinkage.rs`.

use std::process::Output;

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;
use cpis_fhir::store::provision::SERVER;

use crate::support::{
    Answer, PlanLine, TAKEN, TestService, a_plan, assert_one_line, cluster, file, program, words,
};

/// Ten plans of one child each; the guard of these tests begins at three.
fn ten() -> Vec<PlanLine> {
    [
        "9990000018",
        "9990000026",
        "9990000034",
        "9990000042",
        "9990000050",
        "9990000069",
        "9990000077",
        "9990000085",
        "9990000093",
        "9990000107",
    ]
    .iter()
    .map(|number| a_plan().child(number).local_id(&format!("H-{number}")))
    .collect()
}

fn service() -> TestService {
    let service = TestService::with(|settings| settings.upload_ending_plans_min = 3);
    service.tell(&ten());
    service
}

fn withdrawn(plans: usize) -> Vec<PlanLine> {
    let plans = ten().into_iter().take(plans);
    plans.map(|plan| plan.withdrawn("2026-11-20")).collect()
}

fn current(service: &TestService) -> i64 {
    service.number("select count(*) from plans where deleted_on is null")
}

fn confirming(service: &TestService, value: &str, csv: &str) -> Answer {
    let token = service.token(LocalAuthority);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "text/csv"),
    ];
    let path = format!("$upload-plans?confirm-ending={value}");
    service.ask("POST", &path, &headers, csv.as_bytes())
}

#[test]
fn a_file_that_withdraws_too_many_plans_changes_nothing_until_exactly_that_is_confirmed() {
    let service = service();
    let csv = file(2, &withdrawn(3));
    let answer = service.upload_as(LocalAuthority, csv.as_bytes());
    answer.refusal(409, "PRECONDITION_FAILED");
    let words = answer.text.clone();
    assert!(
        words.contains("3 of the authority's 10 current plans"),
        "{words}"
    );
    assert!(words.contains("confirm-ending=3"), "{words}");
    assert!(!words.contains("9990000"), "{words}");
    assert_eq!(current(&service), 10);
    confirming(&service, "2", &csv).refusal(409, "PRECONDITION_FAILED");
    assert_eq!(current(&service), 10);
    let confirmed = confirming(&service, "3", &csv).acknowledgement();
    assert_eq!(confirmed.results(), [TAKEN; 3]);
    assert_eq!(current(&service), 7);
    // The file sent again is answered with its acknowledgement, and needs no word of anybody.
    let again = service.upload_as(LocalAuthority, csv.as_bytes());
    assert_eq!(again.acknowledgement(), confirmed);
}

#[test]
fn ends_that_come_forward_count_as_withdrawals_do() {
    let service = service();
    let ended: Vec<PlanLine> = ten()
        .into_iter()
        .take(3)
        .map(|plan| plan.until("2026-11-21"))
        .collect();
    service
        .upload_as(LocalAuthority, file(2, &ended).as_bytes())
        .refusal(409, "PRECONDITION_FAILED");
    let later: Vec<PlanLine> = ten()
        .into_iter()
        .map(|plan| plan.until("2027-06-30"))
        .collect();
    let taken = service.upload_as(LocalAuthority, file(2, &later).as_bytes());
    assert_eq!(taken.acknowledgement().results(), [TAKEN; 10]);
}

#[test]
fn a_corrected_file_takes_the_number_of_the_one_that_is_held() {
    let service = service();
    service
        .upload_as(LocalAuthority, file(2, &withdrawn(10)).as_bytes())
        .refusal(409, "PRECONDITION_FAILED");
    let next = service.upload_as(LocalAuthority, file(3, &[a_plan()]).as_bytes());
    next.refusal(409, "RESOURCE_VERSION_MISMATCH");
    assert!(next.text.contains("the next sequence number is 2"));
    let corrected = service.upload_as(LocalAuthority, file(2, &withdrawn(2)).as_bytes());
    assert_eq!(corrected.acknowledgement().results(), [TAKEN; 2]);
    assert_eq!(current(&service), 8);
}

#[test]
fn what_an_operator_confirms_is_one_file_and_no_other() {
    let service = service();
    let csv = file(2, &withdrawn(4));
    let held = || {
        service
            .upload_as(LocalAuthority, csv.as_bytes())
            .refusal(409, "PRECONDITION_FAILED");
    };
    held();
    let listed = operator(&service, &["list"]);
    assert!(words(&listed).contains("\nE90001,2,2026-11-22T12:00:00Z,10,4,no\n"));
    let confirm = |ending| {
        let said = [
            "confirm", "E90001", "2", "--ending", ending, "--by", "J. Osei",
        ];
        operator(&service, &said)
    };
    assert_one_line(&confirm("5"), "no file is held");
    assert!(confirm("4").status.success());
    let mut other = withdrawn(4);
    other.push(ten().remove(9).until("2027-06-30"));
    service
        .upload_as(LocalAuthority, file(2, &other).as_bytes())
        .refusal(409, "PRECONDITION_FAILED");
    // The other file took the place of the one that was confirmed.
    held();
    assert!(confirm("4").status.success());
    assert!(words(&operator(&service, &["list"])).contains(",10,4,yes\n"));
    let taken = service.upload_as(LocalAuthority, csv.as_bytes());
    assert_eq!(taken.acknowledgement().results(), [TAKEN; 4]);
    assert_eq!(words(&operator(&service, &["list"])).lines().count(), 1);
}

/// Runs the operator's command on the service's database.
fn operator(service: &TestService, asked: &[&str]) -> Output {
    let arguments = [&["held-uploads"], asked].concat();
    program(&arguments)
        .env("DATABASE_URL", cluster().url(SERVER, &service.database))
        .output()
        .unwrap()
}

#[test]
fn a_confirmation_that_is_no_number_is_refused_and_changes_nothing() {
    let service = service();
    let csv = file(2, &withdrawn(3));
    for value in [
        "-1",
        "3.0",
        "all",
        "3&confirm-ending=3",
        "%33%20",
        "99999999999999999999999",
    ] {
        let answer = confirming(&service, value, &csv);
        answer.refusal(400, "INVALID_VALUE");
        assert_eq!(answer.json()["issue"][0]["expression"][0], "confirm-ending");
    }
    confirming(&service, "", &csv).refusal(409, "PRECONDITION_FAILED");
    assert_eq!(current(&service), 10);
}
