//! What an authority's system may not write, and how it is told: `create_episode_of_care`,
//! `update_episode_of_care`, `delete_episode_of_care`.

use cpis_fhir::sandbox::role::SandboxRole::{Clinician, SecondLocalAuthority};
use serde_json::{Value, json};

use crate::support::{TestService, a_plan, with_id};

#[test]
fn a_plan_is_known_by_its_child_kind_and_first_day_which_no_update_changes() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    for other in [
        a_plan().from("2026-01-11"),
        a_plan().kind("CLA"),
        a_plan().local_id("H-2"),
    ] {
        let answer = service.write(("PUT", &path), &[], &with_id(other.resource(), &id));
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert_eq!(answer.record_code(), "CPR07");
        assert_eq!(
            answer.json()["issue"][0]["expression"],
            json!(["EpisodeOfCare.identifier"])
        );
    }
    let another_id = "01890000-0000-7000-8000-000000000000";
    for resource in [
        a_plan().resource(),
        with_id(a_plan().resource(), another_id),
    ] {
        let answer = service.write(("PUT", &path), &[], &resource);
        answer.refusal(400, "INVALID_VALUE");
    }
}

#[test]
fn a_plan_nobody_told_and_another_authoritys_are_answered_alike_and_only_that_one_is_logged() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let told = service.told_state();
    let nobodys = "01890000-0000-7000-8000-000000000000";
    let mut answers = Vec::new();
    for id in [nobodys, &id] {
        let path = format!("EpisodeOfCare/{id}");
        let theirs = a_plan().of("E90002").resource();
        let of = |method: &str, resource: &Value| {
            let answer = service.write_as(SecondLocalAuthority, (method, &path), &[], resource);
            (answer.status, answer.text)
        };
        answers.push([of("PUT", &with_id(theirs, id)), of("DELETE", &Value::Null)]);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!([answers[0][0].0, answers[0][1].0], [405, 404]);
    let logged = "select count(*) from security_log where reason = 'another-authority'";
    assert_eq!(service.number(logged), 2);
    assert_eq!(service.told_state(), told);
    let claimed = service.write_as(
        SecondLocalAuthority,
        ("POST", "EpisodeOfCare"),
        &[],
        &a_plan().resource(),
    );
    assert_eq!(claimed.status, 422, "{}", claimed.text);
    assert_eq!(service.told_state(), told);
}

#[test]
fn what_is_wrong_with_a_plan_is_told_with_its_code_and_its_place() {
    let service = TestService::new();
    for (plan, code, place) in [
        (
            a_plan().child("9990000027"),
            "CPR04",
            "contained.identifier",
        ),
        (a_plan().kind("CiN"), "CPR07", "type"),
        (a_plan().local_id("H 1"), "CPR07", "identifier"),
        (a_plan().born("2027-01-01"), "CPR07", "contained.birthDate"),
        (a_plan().until("2026-01-09"), "CPR07", "period.end"),
        (a_plan().kind("UCPP"), "CPR07", "period.end"),
    ] {
        let answer = service.write(("POST", "EpisodeOfCare"), &[], &plan.resource());
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert_eq!(answer.record_code(), code);
        let at = json!([format!("EpisodeOfCare.{place}")]);
        assert_eq!(
            answer.json()["issue"][0]["expression"],
            at,
            "{}",
            answer.text
        );
    }
    let mut unknown = a_plan().resource();
    unknown["flavour"] = json!("x");
    unknown["period"]["start"] = json!("10 January");
    let answer = service.write(("POST", "EpisodeOfCare"), &[], &unknown);
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(
        answer.json()["issue"].as_array().unwrap().len(),
        2,
        "{}",
        answer.text
    );
    let mut modified = a_plan().resource();
    modified["modifierExtension"] = json!([{"url": "urn:x", "valueBoolean": true}]);
    let answer = service.write(("POST", "EpisodeOfCare"), &[], &modified);
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(service.number("select count(*) from uploads"), 0);
}

#[test]
fn nobody_but_an_authoritys_system_writes() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    let told = service.told_state();
    let of_type = format!("EpisodeOfCare?{}", a_plan().criteria());
    for (method, path) in [
        ("POST", "EpisodeOfCare"),
        ("PUT", &path),
        ("PUT", &of_type),
        ("DELETE", &path),
        ("DELETE", &of_type),
    ] {
        let answer = service.write_as(Clinician, (method, path), &[], &a_plan().resource());
        answer.refusal(403, "ACCESS_DENIED");
        let body = a_plan().resource().to_string();
        service
            .ask(method, path, &[], body.as_bytes())
            .refusal(401, "ACCESS_DENIED");
    }
    // Each of them twice: as somebody else, and as nobody.
    assert_eq!(service.number("select count(*) from security_log"), 10);
    assert_eq!(service.told_state(), told);
}
