//! A local authority uploads its plans as HL7 v3, with the same effect as CSV: `upload_plans`,
//! `reception`, `hl7v3`.

use cpis_fhir::sandbox::role::SandboxRole::{Clinician, LocalAuthority, SecondLocalAuthority};

use crate::support::{Answer, PlanLine, TestService, a_plan, file, hl7v3_file};

/// What is held of every plan, whatever ids and moments it has.
const STATE: &str = "select concat_ws('|', nhs_number, kind, local_id, start_date, sent_end_date, \
                     effective_end_date, deleted_on) from plans order by 1";

fn send(service: &TestService, file: &str) -> Answer {
    service.upload_hl7v3_as(LocalAuthority, file.as_bytes())
}

fn plans() -> Vec<PlanLine> {
    vec![
        a_plan(),
        a_plan().child("9990000035").local_id("H-2"),
        a_plan()
            .child("9990000034")
            .local_id("H-3")
            .kind("CLA")
            .until("2026-12-01"),
        a_plan()
            .child("9990000042")
            .local_id("H-4")
            .kind("UCPP")
            .born("1998-02-20")
            .until("2027-02-03"),
        a_plan()
            .child("9990000050")
            .local_id("H-5")
            .withdrawn("2026-11-19"),
        a_plan().child("9990000069").local_id("H-6").of("E90002"),
        a_plan()
            .child("9990000077")
            .local_id("H-7")
            .from("2027-02-30"),
        a_plan().local_id("H-8"),
    ]
}

#[test]
fn the_same_plans_in_either_form_give_the_same_state_and_the_same_codes() {
    let (as_csv, as_xml) = (TestService::new(), TestService::new());
    let later = [
        a_plan().until("2026-11-01"),
        a_plan()
            .child("9990000042")
            .local_id("H-4")
            .kind("UCPP")
            .born("1998-02-20")
            .until("2027-02-03")
            .withdrawn("2026-11-20"),
    ];
    for (sequence, plans) in [(1, plans()), (2, later.to_vec())] {
        let csv = as_csv
            .upload_as(LocalAuthority, file(sequence, &plans).as_bytes())
            .acknowledgement();
        let xml = send(&as_xml, &hl7v3_file(sequence, &plans)).file_response(200);
        let codes: Vec<&str> = xml.details.iter().map(|(code, _)| code.as_str()).collect();
        let expected: Vec<&str> = csv.results().iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes, expected);
        assert_eq!(xml.code, csv.code);
        assert_eq!(xml.sequence, sequence);
        assert_eq!(xml.failed_and_successful, [csv.counts[2], csv.counts[1]]);
        assert_eq!(as_xml.texts(STATE), as_csv.texts(STATE));
    }
    assert!(as_xml.plans() > 0);
    assert_eq!(as_xml.flags("9990000034").len(), 1);
    // From here on one form follows the other.
    let next = file(3, &[a_plan().until("2027-01-01")]);
    assert_eq!(
        as_xml
            .upload_as(LocalAuthority, next.as_bytes())
            .acknowledgement()
            .code,
        "CPF02"
    );
    assert_eq!(as_xml.earlier_versions(), 3);
}

#[test]
fn each_refused_plan_is_named_by_its_place_and_what_is_wrong_there() {
    let service = TestService::new();
    let answer = send(&service, &hl7v3_file(1, &plans()));
    let response = answer.file_response(200);
    let refused: Vec<_> = response
        .details
        .iter()
        .filter(|(code, _)| code != "CPR06")
        .collect();
    let child = "CP-ISRecord/subject/COCT_TP145101GB01.Child";
    let plan = "CP-ISRecord/pertinentInformation/COCT_TP146101GB01.CPPInformation";
    let start = format!("{plan}/component/cPPStartDate/value/@value");
    let expected = [
        ("CPR04", format!("/File/record[2]/{child}/id[1]/@extension")),
        (
            "CPR07",
            format!("/File/record[6]/{child}/id[2]/@assigningAuthorityName"),
        ),
        ("CPR07", format!("/File/record[7]/{start}")),
    ];
    for (code, location) in expected {
        assert!(
            refused.contains(&&(code.to_owned(), location.clone())),
            "{location} in {refused:?}"
        );
    }
    assert!(answer.text.contains("<originalText>"), "{}", answer.text);
}

#[test]
fn a_file_sent_again_is_answered_with_its_first_acknowledgement() {
    let service = TestService::new();
    let sent = hl7v3_file(1, &plans());
    let first = send(&service, &sent);
    first.file_response(200);
    let held = service.held();
    let again = send(&service, &sent);
    assert_eq!((again.status, again.text), (200, first.text));
    assert_eq!(service.held(), held);
}

#[test]
fn a_file_that_is_refused_as_a_whole_is_told_so_in_its_own_form() {
    let service = TestService::new();
    let good = hl7v3_file(7, &[a_plan()]);
    let lying = send(
        &service,
        &good.replace("Quantity value='1'", "Quantity value='2'"),
    );
    let response = lying.file_response(422);
    assert_eq!((response.sequence, response.code.as_str()), (7, "CPF01"));
    let count = "/File/transmissionQuantity/@value".to_owned();
    assert_eq!(response.details, [("CPR07".to_owned(), count)]);
    let none = send(&service, "nonsense").file_response(422);
    assert_eq!((none.sequence, none.code.as_str()), (-1, "CPF01"));
    assert_eq!(send(&service, &good).file_response(200).code, "CPF02");
    let held = service.held();
    for (sequence, told) in [(9, 9), (7, 7)] {
        let other = hl7v3_file(sequence, &[a_plan().until("2027-01-01")]);
        let answer = send(&service, &other);
        let response = answer.file_response(409);
        assert_eq!((response.sequence, response.code.as_str()), (told, "CPF01"));
        assert_eq!(response.details[0].1, "/File/id/@extension");
        assert!(answer.text.contains("is 8"), "{}", answer.text);
    }
    assert_eq!(service.held(), held);
}

#[test]
fn who_may_not_send_a_file_is_told_so_as_an_outcome() {
    let service = TestService::new();
    let sent = hl7v3_file(1, &[a_plan()]);
    let foreign = service.upload_hl7v3_as(SecondLocalAuthority, sent.as_bytes());
    foreign.refusal(403, "ACCESS_DENIED");
    let clinician = service.upload_hl7v3_as(Clinician, sent.as_bytes());
    clinician.refusal(403, "ACCESS_DENIED");
    assert_eq!(service.plans(), 0);
}

#[test]
fn every_media_type_of_hl7_v3_is_read_as_such() {
    let service = TestService::new();
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let types = [
        "application/xml",
        "text/xml; charset=utf-8",
        "application/hl7-v3+xml",
    ];
    for (sequence, media_type) in (1..).zip(types) {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", media_type),
        ];
        let sent = hl7v3_file(sequence, &[a_plan()]);
        let answer = service.ask("POST", "$upload-plans", &headers, sent.as_bytes());
        assert_eq!(answer.file_response(200).code, "CPF02");
    }
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let answer = service.ask("POST", "$upload-plans", &headers, b"{}");
    answer.refusal(415, "UNSUPPORTED_SERVICE");
}

#[test]
fn xml_that_would_blow_up_is_refused_and_changes_nothing() {
    let service = TestService::new();
    let good = hl7v3_file(1, &[a_plan()]);
    let held = service.held();
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let laughs = format!("<!DOCTYPE File [<!ENTITY l0 'ha'>{laughs}]><File");
    let external = "<!DOCTYPE File [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><File";
    let long = "9".repeat(31 * 1024 * 1024);
    for bomb in [
        good.replace("<File", &laughs).replace("Okonkwo", "&l9;"),
        good.replace("<File", external).replace("Okonkwo", "&x;"),
        good.replace("<record>", &format!("<record>{}", "<a>".repeat(1_000_000))),
        good.replace("<record>", &format!("<record a='{long}' a='1'>")),
    ] {
        assert_eq!(send(&service, &bomb).file_response(422).code, "CPF01");
    }
    assert_eq!(service.held(), held);
}

#[test]
fn a_file_cut_anywhere_loads_nothing() {
    let service = TestService::new();
    let sent = hl7v3_file(1, &[a_plan(), a_plan().local_id("H-2").kind("CLA")]);
    let held = service.held();
    let whole = sent.trim_end().len();
    for cut in (0..whole).step_by(whole / 40).chain([whole - 1]) {
        let answer = service.upload_hl7v3_as(LocalAuthority, &sent.as_bytes()[..cut]);
        assert_eq!(answer.file_response(422).code, "CPF01", "{cut}");
    }
    assert_eq!(service.held(), held);
    assert_eq!(send(&service, &sent).file_response(200).code, "CPF02");
}
