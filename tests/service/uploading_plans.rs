//! A local authority uploads its plans, and each row is taken in or refused for itself:
//! `upload_plans`.

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{TAKEN, TestService, a_plan, file};

#[test]
fn valid_rows_are_loaded_and_each_other_is_refused_with_its_code_row_column_and_echo() {
    let service = TestService::new();
    let plans = [
        a_plan(),
        a_plan().child("9990000035").local_id("H-2"),
        a_plan().child("9990000034").local_id("H-3"),
        a_plan().kind("CiN").child("9990000042").local_id("H-4"),
        a_plan().kind("UCPP").child("9990000042").local_id("H-5"),
    ];
    let acknowledgement = service.uploaded(&plans);
    assert_eq!(acknowledgement.code, "CPF03");
    assert_eq!(acknowledgement.counts, [5, 2, 3]);
    let expected = [
        TAKEN,
        ("CPR04", "nhs_number", "9990000035"),
        TAKEN,
        ("CPR07", "plan_kind", "CiN"),
        ("CPR07", "end_date", ""),
    ];
    assert_eq!(acknowledgement.results(), expected);
    assert_eq!(service.flags("9990000026").len(), 1);
    assert_eq!(service.flags("9990000034").len(), 1);
    assert_eq!(service.plans(), 2);
}

#[test]
fn a_file_whose_every_row_is_refused_is_acknowledged_as_unsuccessful_and_loads_nothing() {
    let service = TestService::new();
    let acknowledgement = service.uploaded(&[a_plan().kind("cpp"), a_plan().child("1")]);
    assert_eq!(acknowledgement.code, "CPF04");
    assert_eq!(acknowledgement.counts, [2, 0, 2]);
    assert_eq!(service.number("select count(*) from children"), 0);
    assert_eq!(service.plans(), 0);
}

#[test]
fn exactly_three_kinds_of_plan_are_taken_in_and_shown_with_their_snomed_codes() {
    let service = TestService::new();
    let kinds = [
        ("CPP", "342191000000101"),
        ("CLA", "764841000000100"),
        ("UCPP", "818901000000100"),
    ];
    for (kind, _) in kinds {
        service.tell(&[a_plan().kind(kind).local_id(kind).until("2026-12-01")]);
    }
    let shown = service.flags("9990000026");
    for (kind, code) in kinds {
        let of_kind = |flag: &&serde_json::Value| flag["code"]["coding"][0]["code"] == code;
        assert_eq!(shown.iter().filter(of_kind).count(), 1, "{kind}");
    }
    let plans = [
        "",
        "cpp",
        "CPP2",
        "342191000000101",
        "CP P",
        "ＣＰＰ",
        "LAC",
    ]
    .map(|kind| a_plan().kind(kind));
    let acknowledgement = service
        .upload_as(LocalAuthority, file(4, &plans).as_bytes())
        .acknowledgement();
    assert_eq!(acknowledgement.code, "CPF04");
    for record in acknowledgement.records {
        assert_eq!(
            (record.code.as_str(), record.column.as_str()),
            ("CPR07", "plan_kind")
        );
    }
}

#[test]
fn an_unborn_childs_plan_is_the_mothers_and_nothing_else_is_held_of_the_unborn_child() {
    let service = TestService::new();
    let plan = a_plan().kind("UCPP").born("1988-02-20").until("2027-02-03");
    service.tell(&[plan]);
    let shown = service.flags("9990000026");
    assert_eq!(shown[0]["period"]["end"], "2027-02-03");
    assert_eq!(shown[0]["subject"]["identifier"]["value"], "9990000026");
    let held = "select count(*) from information_schema.columns where table_schema = 'public' \
                and column_name ~ 'unborn|mother|baby|given|family'";
    assert_eq!(service.number(held), 0);
}
