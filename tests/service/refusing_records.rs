//! Which rows of a file are refused, and with what words: `plan_record_csv`, `record_check`.

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{PlanLine, TAKEN, TestService, a_plan, file};

/// A row, and what it is refused as: code, column and echo.
type Refused = (PlanLine, &'static str, &'static str, &'static str);

#[test]
fn a_row_without_something_mandatory_is_refused_with_the_column_that_is_empty() {
    assert_refused(vec![
        (a_plan().kind(""), "CPR07", "plan_kind", ""),
        (a_plan().child(""), "CPR07", "nhs_number", ""),
        (a_plan().local_id(" "), "CPR07", "local_id", " "),
        (a_plan().of(""), "CPR07", "authority", ""),
        (a_plan().born(""), "CPR07", "birth_date", ""),
        (a_plan().from(""), "CPR07", "start_date", ""),
    ]);
}

#[test]
fn an_nhs_number_that_fails_modulus_11_or_has_not_ten_digits_is_refused_as_cpr04() {
    let mut wrong: Vec<Refused> = [
        "9912003890",
        "1234567895",
        "999000002",
        "99900000260",
        "999 000 0026",
        "9.99E+09",
        "99900000O6",
        "９９９０００００２６",
    ]
    .map(|number| (a_plan().child(number), "CPR04", "nhs_number", number))
    .to_vec();
    wrong.push((
        a_plan().child("-999000002"),
        "CPR04",
        "nhs_number",
        "'-999000002",
    ));
    assert_refused(wrong);
    let service = TestService::new();
    service.tell(&[a_plan().child("9990276579")]);
    assert_eq!(service.flags("9990276579").len(), 1);
}

#[test]
fn days_that_cannot_be_are_refused_with_their_column() {
    let born = ["2026-11-23", "2015-02-29", "01/04/2015", "1815-04-01"];
    let from = ["2015-03-31", "2033-04-02", "2026-1-10"];
    let until = ["2026-01-09", "9999-12-31", "20261231"];
    let withdrawn = ["2026-11-23", "yes"];
    let mut wrong: Vec<Refused> = Vec::new();
    wrong.extend(born.map(|day| (a_plan().born(day), "CPR07", "birth_date", day)));
    wrong.extend(from.map(|day| (a_plan().from(day), "CPR07", "start_date", day)));
    wrong.extend(until.map(|day| (a_plan().until(day), "CPR07", "end_date", day)));
    wrong.extend(withdrawn.map(|day| (a_plan().withdrawn(day), "CPR07", "delete_date", day)));
    assert_refused(wrong);
}

#[test]
fn an_end_beyond_the_window_is_refused_with_its_row_and_one_within_is_taken_in() {
    let service = TestService::new();
    let plan = || a_plan().from("2024-01-10").until("2025-11-23");
    let due = || a_plan().kind("UCPP").from("2026-03-01").until("2026-10-25");
    let acknowledgement = service.uploaded(&[
        plan(),
        plan().local_id("H-2").until("2025-11-22"),
        due(),
        due().local_id("H-3").until("2026-10-24"),
    ]);
    let expected = [
        TAKEN,
        ("CPR07", "end_date", "2025-11-22"),
        TAKEN,
        ("CPR07", "end_date", "2026-10-24"),
    ];
    assert_eq!(acknowledgement.results(), expected);
    assert_eq!(service.flags("9990000026").len(), 2);
}

#[test]
fn an_echo_is_as_long_as_it_takes_to_find_the_cell_and_runs_in_no_spreadsheet() {
    let service = TestService::new();
    let plans = [
        a_plan().local_id(&"é".repeat(900)),
        a_plan().local_id("=1 + 1 "),
        a_plan().local_id("\"a \"\"b\"\", c\""),
    ];
    let acknowledgement = service.uploaded(&plans);
    let echoes: Vec<&str> = acknowledgement
        .results()
        .iter()
        .map(|result| result.2)
        .collect();
    assert_eq!(echoes, ["é".repeat(100).as_str(), "'=1 + 1 ", "a \"b\", c"]);
}

#[test]
fn an_authority_must_say_one_emergency_number_and_may_say_one_for_office_hours() {
    let service = TestService::new();
    let sent = file(1, &[a_plan()]);
    for (number, column) in [
        ("", "emergency_phone"),
        ("01632-960001", "emergency_phone"),
        ("01632960001;01632960002", "emergency_phone"),
        ("01632960001,not a number", "office_phone"),
        ("01632960001,12", "office_phone"),
    ] {
        let ends = if number.contains(',') { "" } else { "," };
        let sent = sent.replace("01632 960001,", &format!("{number}{ends}"));
        let answer = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_eq!(
            answer.refusal(422, "INVALID_VALUE")["expression"][0],
            column,
            "{number}"
        );
    }
    let twice = sent.replace("office_phone", "emergency_phone");
    let answer = service.upload_as(LocalAuthority, twice.as_bytes());
    answer.refusal(422, "INVALID_VALUE");
    assert_eq!(service.plans(), 0);
    let both = sent.replace("01632 960001,", "+44 1632 960001,01632 960 002");
    let acknowledgement = service
        .upload_as(LocalAuthority, both.as_bytes())
        .acknowledgement();
    assert_eq!(acknowledgement.code, "CPF02");
}

/// Sends the rows in one file, between two that are taken in all the same.
fn assert_refused(rows: Vec<Refused>) {
    let service = TestService::new();
    let mut plans = vec![a_plan().local_id("FIRST")];
    let mut expected = vec![TAKEN];
    for (plan, code, column, echo) in rows {
        plans.push(plan);
        expected.push((code, column, echo));
    }
    plans.push(a_plan().local_id("LAST"));
    expected.push(TAKEN);
    let acknowledgement = service.uploaded(&plans);
    assert_eq!(acknowledgement.results(), expected);
    assert!(acknowledgement.records[1].reason.len() > 10);
    assert_eq!(service.plans(), 2);
}
