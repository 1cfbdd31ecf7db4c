//! An authority withdraws, restores and corrects what it told, and every earlier version is kept:
//! `intake`, `told_plans`, `authorities`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::{LocalAuthority, SecondLocalAuthority};
use serde_json::Value;

use crate::support::{TAKEN, TestService, a_plan, file};

const NUMBER: &str = "9990000026";

#[test]
fn a_withdrawn_plan_is_shown_to_nobody_at_once_and_stays_in_history() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().local_id("H-2")]);
    let told = ids(&service);
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    let shown = ids(&service);
    assert_eq!(shown.len(), 1);
    let hidden = told.iter().find(|id| !shown.contains(id)).unwrap();
    let path = format!("Flag/{}", hidden.as_str().unwrap());
    service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
    assert_eq!(service.plans(), 2);
    assert_eq!(service.earlier_versions(), 1);
    let kept = "select count(*) from plan_versions v join plans p on p.id = v.id \
                where v.version = 1 and p.version = 2 and v.deleted_on is null \
                and p.deleted_on = '2026-11-22'";
    assert_eq!(service.number(kept), 1);
}

#[test]
fn a_plan_withdrawn_by_mistake_is_restored_under_its_id_by_telling_it_again() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let before = service.flags(NUMBER).remove(0);
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    assert!(service.flags(NUMBER).is_empty());
    service.tell(&[a_plan()]);
    let after = service.flags(NUMBER).remove(0);
    assert_eq!(after["id"], before["id"]);
    assert_eq!(before["meta"]["versionId"], "1-2");
    assert_eq!(after["meta"]["versionId"], "3-2");
    assert_eq!(service.earlier_versions(), 2);
}

#[test]
fn a_plan_withdrawn_twice_is_withdrawn_once_and_one_never_told_cannot_be() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().withdrawn("2026-11-20")]);
    service.tell(&[a_plan().withdrawn("2026-11-21")]);
    assert_eq!(service.earlier_versions(), 1);
    let never = [
        a_plan().from("2026-01-11").withdrawn("2026-11-22"),
        a_plan().kind("CLA").withdrawn("2026-11-22"),
        a_plan().local_id("h-1").withdrawn("2026-11-22"),
    ];
    let answer = service.upload_as(LocalAuthority, file(4, &never).as_bytes());
    let acknowledgement = answer.acknowledgement();
    let expected = ["H-1", "H-1", "h-1"].map(|echo| ("CPR07", "local_id", echo));
    assert_eq!(acknowledgement.results(), expected);
}

#[test]
fn every_earlier_version_is_kept_with_its_authority_its_file_and_its_moment() {
    let service = TestService::new();
    for end in ["", "2027-01-01", "2027-01-01", "2026-12-24", ""] {
        service.tell(&[a_plan().until(end)]);
        service.clock.advance(TimeDelta::hours(1));
    }
    let versions = "select count(*) from plan_versions v \
                    join uploads u on u.id = v.upload_id and u.received_at = v.updated_at \
                    join authorities a on a.id = v.authority_id and a.code = 'E90001' \
                    where (v.version, u.sequence, coalesce(v.sent_end_date::text, '')) in \
                    ((1, 1, ''), (2, 2, '2027-01-01'), (3, 4, '2026-12-24'))";
    assert_eq!(service.number(versions), 3);
    assert_eq!(service.earlier_versions(), 3);
    let flag = service.flags(NUMBER).remove(0);
    assert_eq!(flag["meta"]["versionId"], "4-2");
    assert_eq!(flag["meta"]["lastUpdated"], "2026-11-22T16:00:00.000Z");
}

#[test]
fn a_corrected_date_of_birth_recounts_the_end_of_the_childs_other_plans() {
    let service = TestService::new();
    let other = a_plan().kind("CLA").local_id("H-2");
    let sent_end = a_plan().kind("CLA").local_id("H-3").until("2027-05-05");
    service.tell(&[a_plan(), other, sent_end]);
    assert_eq!(ends(&service), ["2027-05-05", "2033-04-01", "2033-04-01"]);
    service.clock.advance(TimeDelta::hours(1));
    service.tell(&[a_plan().born("2014-03-01")]);
    assert_eq!(ends(&service), ["2027-05-05", "2032-03-01", "2032-03-01"]);
    assert_eq!(service.earlier_versions(), 2);
    let patient = service
        .get(&format!("Patient?identifier={NUMBER}"))
        .matches();
    assert_eq!(patient[0]["birthDate"], "2014-03-01");
    service.tell(&[a_plan().born("2009-01-01")]);
    assert_eq!(ends(&service), ["2027-01-01"; 3]);
}

#[test]
fn a_corrected_date_of_birth_recounts_the_end_of_a_withdrawn_plan_too() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().local_id("H-2")]);
    service.tell(&[a_plan().local_id("H-2").withdrawn("2026-11-22")]);
    service.tell(&[a_plan().born("2014-03-01")]);
    let recounted = "select count(*) from plans where effective_end_date = '2032-03-01'";
    assert_eq!(service.number(recounted), 2);
    assert_eq!(ends(&service), ["2032-03-01"]);
}

#[test]
fn a_date_of_birth_is_not_corrected_while_another_authority_holds_a_plan() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    let held = service.number("select birth_date - date '2015-04-01' from children");
    for (sequence, role, authority) in [
        (2, LocalAuthority, "E90001"),
        (2, SecondLocalAuthority, "E90002"),
    ] {
        let sent = file(sequence, &[a_plan().of(authority).born("2014-03-01")]);
        let acknowledgement = service.upload_as(role, sent.as_bytes()).acknowledgement();
        let expected = [("CPR03", "birth_date", "2014-03-01")];
        assert_eq!(acknowledgement.results(), expected);
    }
    assert_eq!(held, 0);
    assert_eq!(ends(&service), ["2033-04-01"; 2]);
    let sent = file(3, &[a_plan().of("E90002").withdrawn("2026-11-22")]);
    let withdrawn = service.upload_as(SecondLocalAuthority, sent.as_bytes());
    assert_eq!(withdrawn.acknowledgement().code, "CPF02");
    let sent = file(3, &[a_plan().born("2014-03-01")]);
    let corrected = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(corrected.acknowledgement().results(), [TAKEN]);
    assert_eq!(ends(&service), ["2032-03-01"]);
}

#[test]
fn one_file_cannot_say_two_dates_of_birth_of_a_child_nor_one_that_breaks_another_plan() {
    let service = TestService::new();
    let old = a_plan().local_id("H-2").from("2016-01-01");
    service.tell(&[a_plan(), old]);
    let sent = file(
        2,
        &[
            a_plan().born("2016-01-02"),
            a_plan().born("2015-04-02"),
            a_plan().local_id("H-3").born("2015-04-03"),
        ],
    );
    let acknowledgement = service
        .upload_as(LocalAuthority, sent.as_bytes())
        .acknowledgement();
    let expected = [
        ("CPR03", "birth_date", "2016-01-02"),
        TAKEN,
        ("CPR03", "birth_date", "2015-04-03"),
    ];
    assert_eq!(acknowledgement.results(), expected);
    assert_eq!(ends(&service), ["2033-04-02"; 2]);
}

#[test]
fn a_plan_named_twice_in_one_file_is_taken_in_as_first_named() {
    let service = TestService::new();
    let twice = [a_plan().until("2027-01-01"), a_plan().until("2028-01-01")];
    let acknowledgement = service.uploaded(&twice);
    assert_eq!(acknowledgement.code, "CPF03");
    assert_eq!(
        acknowledgement.results(),
        [TAKEN, ("CPR07", "local_id", "H-1")]
    );
    assert_eq!(ends(&service), ["2027-01-01"]);
}

#[test]
fn an_authoritys_new_telephone_numbers_are_in_the_next_flag_under_a_new_etag() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let id = service.flags(NUMBER).remove(0)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("Flag/{id}");
    let before = service.get(&path);
    service.clock.advance(TimeDelta::hours(1));
    let sent = file(2, &[a_plan()])
        .replace("01632 960001,", "01632 960077,0800 555 0199")
        .replace("Northshire Council", "Northshire & Fells Council");
    let answer = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF02");
    let after = service.get(&path);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_ne!(
        after.header("last-modified"),
        before.header("last-modified")
    );
    for number in ["01632960077", "08005550199"] {
        assert!(after.text.contains(number) && !before.text.contains(number));
    }
    assert!(!after.text.contains("01632960001"));
    assert_eq!(
        after.json()["author"]["display"],
        "Northshire & Fells Council (E90001)"
    );
    assert_eq!(service.earlier_versions(), 0);
    let again = service.upload_as(LocalAuthority, file(3, &[a_plan()]).as_bytes());
    assert_eq!(again.status, 200);
    assert!(!service.get(&path).text.contains("08005550199"));
}

fn ids(service: &TestService) -> Vec<Value> {
    let flags = service.flags(NUMBER);
    flags.iter().map(|flag| flag["id"].clone()).collect()
}

fn ends(service: &TestService) -> Vec<String> {
    let flags = service.flags(NUMBER);
    let end = |flag: &Value| flag["period"]["end"].as_str().unwrap().to_owned();
    let mut ends: Vec<String> = flags.iter().map(end).collect();
    ends.sort();
    ends
}
