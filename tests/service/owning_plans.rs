//! Only the authority that told a plan can change or end it: `upload_plans`, `holding`.

use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, SecondLocalAuthority};
use serde_json::json;

use crate::support::{TAKEN, TestService, a_plan, file};

#[test]
fn another_authoritys_file_is_refused_changes_nothing_and_is_in_the_security_log() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let held = service.held();
    let theirs = file(2, &[a_plan().until("2026-01-11")]);
    let answer = service.upload_as(SecondLocalAuthority, theirs.as_bytes());
    let issue = answer.refusal(403, "ACCESS_DENIED");
    assert_eq!(issue["expression"][0], "authority");
    assert!(!answer.text.contains("9990000026"));
    assert_eq!(service.held(), held);
    let logged = "select count(*) from security_log where organisation_code = 'E90002' \
                  and client_id = 'upload-system-E90002' and reason = 'another-authority' \
                  and route = 'POST /FHIR/R4/$upload-plans' and practitioner_id is null";
    assert_eq!(service.number(logged), 1);
}

#[test]
fn an_authority_that_is_not_registered_uploads_nothing_and_is_in_the_security_log() {
    let service = TestService::new();
    let token = service.token_saying(json!({
        "sub": "upload-system-E90003",
        "client_id": "upload-system-E90003",
        "organisation": "E90003",
        "scope": "plans.upload",
    }));
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("content-type", "text/csv".to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let sent = file(1, &[a_plan().of("E90003")]);
    let answer = service.ask("POST", "$upload-plans", &headers, sent.as_bytes());
    answer.refusal(403, "ACCESS_DENIED");
    assert_eq!(service.plans(), 0);
    let logged = "select count(*) from security_log where organisation_code = 'E90003' \
                  and reason = 'unknown-authority'";
    assert_eq!(service.number(logged), 1);
}

#[test]
fn rows_of_two_authorities_in_one_file_are_taken_in_only_where_they_are_the_senders() {
    let service = TestService::new();
    let plans = [
        a_plan(),
        a_plan().of("E90002").local_id("H-2"),
        a_plan().of("e90001").local_id("H-3"),
    ];
    let acknowledgement = service.uploaded(&plans);
    let expected = [
        TAKEN,
        ("CPR07", "authority", "E90002"),
        ("CPR07", "authority", "e90001"),
    ];
    assert_eq!(acknowledgement.results(), expected);
    assert_eq!(service.plans(), 1);
}

#[test]
fn an_authority_can_neither_change_nor_end_nor_withdraw_anothers_plan() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let told = service.flags("9990000026").remove(0);
    // The same local_id, kind and start: in another authority's file it is another plan.
    service.tell(&[a_plan().of("E90002").until("2026-02-01")]);
    let shown = service.flags("9990000026");
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&told));
    let withdrawn = a_plan()
        .of("E90002")
        .from("2026-01-11")
        .withdrawn("2026-11-20");
    let sent = file(2, &[withdrawn.clone(), withdrawn.local_id("H-9")]);
    let acknowledgement = service
        .upload_as(SecondLocalAuthority, sent.as_bytes())
        .acknowledgement();
    assert_eq!(acknowledgement.counts, [2, 0, 2]);
    assert_eq!(acknowledgement.records[0].column, "local_id");
    assert!(service.flags("9990000026").contains(&told));
    let own = a_plan().of("E90002").until("2026-02-01");
    let sent = file(3, &[own.withdrawn("2026-11-20")]);
    let answer = service.upload_as(SecondLocalAuthority, sent.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF02");
    assert_eq!(service.flags("9990000026"), [told]);
}

#[test]
fn each_authoritys_plan_shows_its_own_authority_and_telephone_numbers() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    let shown = service.flags("9990000026");
    for (code, phone, other) in [
        ("E90001", "01632960001", "01632960011"),
        ("E90002", "01632960011", "01632960001"),
    ] {
        let flag = shown
            .iter()
            .find(|flag| flag["author"]["display"].as_str().unwrap().contains(code))
            .unwrap();
        let words = flag["text"]["div"].as_str().unwrap();
        assert!(words.contains(phone) && !words.contains(other), "{words}");
    }
}

#[test]
fn a_plan_is_not_moved_to_another_childs_number_while_it_stands_under_the_first() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let moved = file(2, &[a_plan().child("9990000034")]);
    let acknowledgement = service
        .upload_as(LocalAuthority, moved.as_bytes())
        .acknowledgement();
    let expected = [("CPR03", "nhs_number", "9990000034")];
    assert_eq!(acknowledgement.results(), expected);
    assert!(service.flags("9990000034").is_empty());
    let withdrawn = file(3, &[a_plan().withdrawn("2026-11-20")]);
    let moved = file(4, &[a_plan().child("9990000034")]);
    for sent in [withdrawn, moved] {
        let answer = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_eq!(answer.acknowledgement().code, "CPF02");
    }
    assert!(service.flags("9990000026").is_empty());
    assert_eq!(service.flags("9990000034").len(), 1);
}
