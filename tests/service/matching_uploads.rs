//! What becomes of records that the demographics service does not agree with.

use chrono::TimeDelta;
use cpis_fhir::sandbox::people::{INACTIVE, REPLACEMENT, SENSITIVE, SEVERAL_NAMES, SUPERSEDED};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::settings::matching::{DemographicsKind, MatchingSettings};

use crate::support::{
    Pds, PlanLine, TAKEN, TestService, a_plan, file, lines, nhs_numbers, outcome,
};

/// A service that matches against the sandbox's register.
fn service() -> TestService {
    TestService::with(|settings| {
        settings.matching = MatchingSettings {
            demographics: DemographicsKind::Sandbox,
            ..MatchingSettings::default()
        };
    })
}

/// A plan of a person of the register: one of ten years is born in 2016.
fn plan_of(number: &str, [family, given]: [&str; 2], born: &str) -> PlanLine {
    PlanLine {
        family: family.into(),
        given: given.into(),
        local_id: format!("H-{number}"),
        ..a_plan().child(number).born(born)
    }
}

fn ada() -> PlanLine {
    plan_of("9990000026", ["Okonkwo", "Ada Grace"], "2016-04-01")
}

#[test]
fn a_record_that_agrees_is_taken_in_and_each_other_is_refused_by_its_official_code() {
    let service = service();
    let acknowledgement = service.uploaded(&[
        ada(),
        plan_of(
            SEVERAL_NAMES.nhs_number,
            ["NUNEZ ORTEGA", "Zoe"],
            "2012-04-01",
        ),
        plan_of("9990000174", ["Frost", "Nia"], "2017-04-01"),
        plan_of(SENSITIVE.nhs_number, ["Marsh", "Lena"], "2014-04-01"),
        plan_of("9990000042", ["O'Bryan", "Maya"], "2010-04-01"),
        plan_of("9990000050", ["Khan", "Samir"], "2021-04-01"),
        plan_of("9990000093", ["Osei", "Kofi James"], "2023-04-02"),
        plan_of(SUPERSEDED, ["Cole", "Idris"], "2020-04-01"),
        plan_of(INACTIVE, ["Bell", "Rosa"], "2020-04-01"),
    ]);
    assert_eq!(
        acknowledgement.results(),
        [
            TAKEN,
            TAKEN,
            ("CPR01", "nhs_number", "9990000174"),
            ("CPR02", "", ""),
            ("CPR03", "family_name", ""),
            ("CPR03", "given_names", ""),
            ("CPR03", "birth_date", "2023-04-02"),
            ("CPR05", "nhs_number", SUPERSEDED),
            ("CPR01", "nhs_number", INACTIVE),
        ]
    );
    assert_eq!(acknowledgement.code, "CPF03");
    let reason = |place: usize| acknowledgement.records[place].reason.as_str();
    assert!(reason(7).contains(REPLACEMENT.nhs_number));
    assert_eq!(reason(8), reason(2));
    assert_eq!(service.plans(), 2);
    assert_eq!(service.flags("9990000026").len(), 1);
    // Of the sensitive record, and of any name, nothing is held anywhere.
    for table in [
        "children",
        "plans",
        "upload_records",
        "matchings",
        "uploads",
    ] {
        for word in [SENSITIVE.nhs_number, "Marsh", "Okonkwo", "Bryan", "Samir"] {
            let held = format!("select count(*) from {table} t where t::text like '%{word}%'");
            assert_eq!(service.number(&held), 0, "{table} {word}");
        }
    }
}

#[test]
fn the_match_rate_of_a_file_is_kept_and_a_low_one_is_warned_of() {
    let service = service();
    let unknown = plan_of("9990000174", ["Frost", "Nia"], "2017-04-01");
    service.uploaded(&[ada(), unknown]);
    assert_eq!(
        service.texts("select compared || ' ' || matched from uploads"),
        ["2 1"]
    );
    // Its authority reads it where it reads what became of the file.
    let told = service.ask_as(SandboxRole::LocalAuthority, "GET", "$acknowledgement", "");
    let warning = "fewer than 95 in 100 records matched the demographics service";
    assert!(
        told.text.contains(&format!(",2,1,{warning}")),
        "{}",
        told.text
    );
    let id = service.texts("select id::text from uploads").remove(0);
    let logged = lines();
    let warns = |line: &&str| line.contains(&id) && line.contains("95 in 100");
    assert_eq!(logged.lines().filter(warns).count(), 1);
    // The file sent again tells the same, and is compared with nobody.
    let again = file(
        1,
        &[ada(), plan_of("9990000174", ["Frost", "Nia"], "2017-04-01")],
    );
    let answer = service.upload_as(SandboxRole::LocalAuthority, again.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF03");
}

#[test]
fn a_withdrawal_that_only_hides_needs_no_match_and_one_that_would_correct_does() {
    let service = TestService::new();
    let misnamed = plan_of("9990000026", ["Nobody", "Known"], "2015-04-01");
    service.tell(std::slice::from_ref(&misnamed));
    let matching = TestService::with(|settings| {
        settings.database_url = service.database_url();
        settings.matching.demographics = DemographicsKind::Sandbox;
    });
    matching.clock.advance(TimeDelta::minutes(1));
    let withdrawn = |born: &str| misnamed.clone().born(born).withdrawn("2026-11-21");
    let upload = |sequence, plan: PlanLine| {
        let csv = file(sequence, &[plan]);
        matching
            .upload_as(SandboxRole::LocalAuthority, csv.as_bytes())
            .acknowledgement()
    };
    assert_eq!(
        upload(2, withdrawn("2015-04-02")).results(),
        [("CPR03", "birth_date", "2015-04-02")]
    );
    assert_eq!(upload(3, withdrawn("2015-04-01")).results(), [TAKEN]);
    assert!(matching.flags("9990000026").is_empty());
}

#[test]
fn without_a_demographics_service_what_an_authority_tells_is_believed() {
    let service = TestService::new();
    let unknown = plan_of("9990000174", ["Frost", "Nia"], "2017-04-01");
    assert_eq!(service.uploaded(&[unknown]).results(), [TAKEN]);
    let compared = "select count(*) from uploads where compared is null and matched is null";
    assert_eq!(service.number(compared), 1);
    assert_eq!(service.number("select count(*) from matchings"), 0);
}

#[test]
fn a_date_of_birth_that_agrees_corrects_the_one_another_authority_told() {
    let service = TestService::new();
    service.tell(&[a_plan().born("2015-04-01")]);
    let matching = TestService::with(|settings| {
        settings.database_url = service.database_url();
        settings.matching.demographics = DemographicsKind::Sandbox;
    });
    let other = ada().of("E90002").kind("CLA");
    let csv = file(1, &[other]);
    let answer = matching.upload_as(SandboxRole::SecondLocalAuthority, csv.as_bytes());
    assert_eq!(answer.acknowledgement().results(), [TAKEN]);
    let born = service.texts("select birth_date::text from children");
    assert_eq!(born, ["2016-04-01"]);
}

#[test]
fn a_date_of_birth_that_agreed_once_does_not_undo_one_that_agrees_now() {
    let pds = Pds::new();
    let number = "9990000026";
    let is_born = |born| pds.knows(number, number, ("OKONKWO", &["Ada", "Grace"], born));
    let service = TestService::with(|settings| settings.matching = pds.settings());
    is_born("2015-04-01");
    let before = a_plan().born("2015-04-01");
    assert_eq!(
        service.uploaded(std::slice::from_ref(&before)).results(),
        [TAKEN]
    );

    is_born("2016-04-01");
    let other = a_plan().of("E90002").kind("CLA").born("2016-04-01");
    let csv = file(1, &[other]);
    let answer = service.upload_as(SandboxRole::SecondLocalAuthority, csv.as_bytes());
    assert_eq!(answer.acknowledgement().results(), [TAKEN]);

    assert_eq!(service.uploaded(&[before]).results(), [("CPR06", "", "")]);
    let born = service.texts("select birth_date::text from children");
    assert_eq!(born, ["2016-04-01"]);
}

#[test]
fn a_file_that_corrects_many_dates_of_birth_goes_on_where_it_stopped() {
    let pds = Pds::new();
    let service = TestService::new();
    let numbers: Vec<String> = nhs_numbers().take(101).collect();
    let born = |date: &str| -> Vec<PlanLine> {
        let of = |number: &String| a_plan().child(number).local_id(number).born(date);
        numbers.iter().map(of).collect()
    };
    service.tell(&born("2015-04-01"));
    let matching = TestService::with(|settings| {
        settings.database_url = service.database_url();
        settings.matching = pds.settings();
    });
    matching.clock.advance(TimeDelta::days(1));
    for number in &numbers {
        pds.knows(number, number, ("OKONKWO", &["Ada", "Grace"], "2016-04-01"));
    }
    let last = numbers.iter().max().unwrap();
    pds.answers(last, 500, outcome("EXCEPTION"));
    let csv = file(2, &born("2016-04-01"));
    let upload = || matching.upload_as(SandboxRole::LocalAuthority, csv.as_bytes());
    let cut_off = upload();
    cut_off.refusal(503, "UNABLE_TO_CALL_SERVICE");
    assert!(cut_off.text.contains("CPF05"), "{}", cut_off.text);
    let corrected = "select count(*) from children where birth_date = '2016-04-01'";
    assert_eq!(service.number(corrected), 0);

    pds.knows(last, last, ("OKONKWO", &["Ada", "Grace"], "2016-04-01"));
    pds.asked();
    assert_eq!(upload().acknowledgement().code, "CPF02");
    assert_eq!(pds.asked().len(), 1);
    assert_eq!(service.number(corrected), 101);
}
