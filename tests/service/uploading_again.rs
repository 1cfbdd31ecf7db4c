//! Files are taken in once and one after another, each by its sequence number: `intake`, `uploads`.

use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, SecondLocalAuthority};

use crate::support::{Answer, PlanLine, TestService, a_plan, file};

#[test]
fn the_same_file_again_gets_the_same_acknowledgement_and_changes_nothing() {
    let service = TestService::new();
    let sent = file(
        7,
        &[
            a_plan(),
            a_plan().child("9990000035").local_id("H-2"),
            a_plan()
                .child("9990000034")
                .local_id("H-3")
                .until("not a day, \"x\""),
            a_plan().child("9990000034").local_id("=H 4"),
        ],
    );
    let sent = sent.replace("not a day, \"x\"", "\"not a day, \"\"x\"\"\"");
    let first = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(first.acknowledgement().counts, [4, 1, 3]);
    let held = service.held();
    for hours in [0, 1, 24 * 400] {
        service.clock.advance(chrono::TimeDelta::hours(hours));
        let again = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_eq!(again.status, 200, "{}", again.text);
        assert_eq!(again.text, first.text);
    }
    assert_eq!(service.held(), held);
    assert_eq!(service.earlier_versions(), 0);
}

#[test]
fn the_same_plans_in_the_next_file_change_no_plan_and_make_no_version() {
    let service = TestService::new();
    let plans = [
        a_plan(),
        a_plan()
            .child("9990000034")
            .local_id("H-2")
            .until("2027-01-01"),
    ];
    service.tell(&plans);
    let told = service.number(PLANS_AS_TOLD);
    service.clock.advance(chrono::TimeDelta::days(1));
    service.tell(&plans);
    assert_eq!(service.number(PLANS_AS_TOLD), told);
    assert_eq!(service.earlier_versions(), 0);
    assert_eq!(service.number("select count(*) from uploads"), 2);
}

#[test]
fn other_content_under_a_number_taken_is_a_conflict_that_tells_the_next_number() {
    let service = TestService::new();
    assert_eq!(send(&service, 5, &[a_plan()]).status, 200);
    assert_eq!(
        send(&service, 6, &[a_plan().until("2027-01-01")]).status,
        200
    );
    let held = service.held();
    for sequence in [5, 6] {
        let other = send(&service, sequence, &[a_plan().until("2027-02-02")]);
        assert_expected(&other, 7);
    }
    assert_eq!(service.held(), held);
}

#[test]
fn a_gap_and_a_step_back_are_conflicts_that_tell_the_next_number() {
    let service = TestService::new();
    assert_eq!(send(&service, 41, &[a_plan()]).status, 200);
    let held = service.held();
    for sequence in [43, 999_999_999, 40, 1] {
        assert_expected(&send(&service, sequence, &[a_plan()]), 42);
    }
    assert_eq!(service.held(), held);
    assert_eq!(send(&service, 42, &[a_plan()]).status, 200);
}

#[test]
fn a_file_of_which_every_row_was_refused_has_used_its_number() {
    let service = TestService::new();
    let refused = send(&service, 1, &[a_plan().child("1")]);
    assert_eq!(refused.acknowledgement().code, "CPF04");
    assert_expected(&send(&service, 1, &[a_plan()]), 2);
    assert_eq!(send(&service, 2, &[a_plan()]).status, 200);
}

#[test]
fn a_file_that_was_refused_as_a_whole_has_not_used_its_number() {
    let service = TestService::new();
    let torn = file(1, &[a_plan()]).replace("1,1,2026", "1,2,2026");
    let answer = service.upload_as(LocalAuthority, torn.as_bytes());
    let issue = answer.refusal(422, "INVALID_VALUE");
    assert_eq!(issue["expression"][0], "record_count");
    let words = issue["diagnostics"].as_str().unwrap();
    assert!(words.starts_with("CPF01 File Level Error: "), "{words}");
    assert_eq!(service.number("select count(*) from uploads"), 0);
    assert_eq!(send(&service, 1, &[a_plan()]).status, 200);
}

#[test]
fn each_authority_counts_its_own_files() {
    let service = TestService::new();
    assert_eq!(send(&service, 12, &[a_plan()]).status, 200);
    let other = file(900, &[a_plan().of("E90002")]);
    assert_eq!(
        service
            .upload_as(SecondLocalAuthority, other.as_bytes())
            .status,
        200
    );
    assert_eq!(send(&service, 13, &[a_plan()]).status, 200);
    let back = file(13, &[a_plan().of("E90002")]);
    assert_expected(
        &service.upload_as(SecondLocalAuthority, back.as_bytes()),
        901,
    );
}

/// The plans with their versions and moments.
const PLANS_AS_TOLD: &str =
    "select hashtextextended(string_agg(p::text, '|' order by p.id), 0) from plans p";

fn send(service: &TestService, sequence: i64, plans: &[PlanLine]) -> Answer {
    service.upload_as(LocalAuthority, file(sequence, plans).as_bytes())
}

fn assert_expected(answer: &Answer, expected: i64) {
    let issue = answer.refusal(409, "RESOURCE_VERSION_MISMATCH");
    assert_eq!(issue["expression"][0], "file_sequence");
    let words = issue["diagnostics"].as_str().unwrap();
    assert!(words.ends_with(&format!(" is {expected}")), "{words}");
}
