//! Plans that are ended or withdrawn one by one are guarded together, as a file is: `shrinking`.

use std::process::Output;

use chrono::TimeDelta;
use cpis_fhir::store::provision::SERVER;
use serde_json::Value;

use crate::support::{
    Answer, PlanLine, TestService, a_plan, assert_one_line, bundle, cluster, nhs_numbers, program,
    words,
};

/// Ten plans, of which two may be ended in a day without a word.
fn service() -> (TestService, Vec<PlanLine>) {
    let service = TestService::with(|settings| settings.upload_ending_plans_min = 3);
    let numbers = nhs_numbers().take(10);
    let plans: Vec<PlanLine> = numbers
        .map(|number| a_plan().child(&number).local_id(&format!("H-{number}")))
        .collect();
    service.tell(&plans);
    (service, plans)
}

/// A second later than before, a plan is withdrawn.
fn withdraw(service: &TestService, plan: &PlanLine, confirmed: &str) -> Answer {
    service.clock.advance(TimeDelta::seconds(1));
    let path = format!("EpisodeOfCare?{}{confirmed}", plan.criteria());
    service.write(("DELETE", &path), &[], &Value::Null)
}

fn end(service: &TestService, plan: &PlanLine, confirmed: &str) -> Answer {
    let ended = plan.clone().until("2026-11-25");
    let path = format!("EpisodeOfCare?{}{confirmed}", plan.criteria());
    service.write(("PUT", &path), &[], &ended.resource())
}

/// A second later, several are withdrawn together.
fn withdraw_all(service: &TestService, plans: &[PlanLine]) -> Answer {
    service.clock.advance(TimeDelta::seconds(1));
    let deletes: Vec<Value> = plans
        .iter()
        .map(|plan| {
            let url = format!("EpisodeOfCare?{}", plan.criteria());
            serde_json::json!({ "request": { "method": "DELETE", "url": url } })
        })
        .collect();
    service.write(("POST", ""), &[], &bundle("transaction", &deletes))
}

fn refused(answer: &Answer, ending: usize) {
    answer.refusal(409, "PRECONDITION_FAILED");
    let outcome = answer.json();
    let words = outcome["issue"][0]["diagnostics"].as_str().unwrap();
    assert!(
        words.contains(&format!("confirm-ending={ending}")),
        "{words}"
    );
    assert!(
        words.contains("3 or more") && words.contains("20 in 100"),
        "{words}"
    );
    assert_eq!(outcome["issue"][0]["expression"][0], "confirm-ending");
}

#[test]
fn plans_withdrawn_and_ended_one_by_one_are_refused_beyond_the_share_of_a_file_and_change_nothing()
{
    let (service, plans) = service();
    assert_eq!(withdraw(&service, &plans[0], "").status, 204);
    assert_eq!(end(&service, &plans[1], "").status, 200);
    let held = service.told_state();
    refused(&withdraw(&service, &plans[2], ""), 3);
    refused(&end(&service, &plans[2], ""), 3);
    refused(&withdraw_all(&service, &plans[2..4]), 4);
    assert_eq!(service.told_state(), held);
    // What ends nothing is nobody's business here.
    let longer = plans[3].clone().until("2029-01-01");
    let path = format!("EpisodeOfCare?{}", plans[3].criteria());
    assert_eq!(
        service
            .write(("PUT", &path), &[], &longer.resource())
            .status,
        200
    );
}

#[test]
fn exactly_what_is_confirmed_is_taken_in_and_the_count_begins_anew() {
    let (service, plans) = service();
    for plan in &plans[..2] {
        assert_eq!(withdraw(&service, plan, "").status, 204);
    }
    refused(&withdraw(&service, &plans[2], "&confirm-ending=2"), 3);
    refused(&withdraw(&service, &plans[2], "&confirm-ending=4"), 3);
    assert_eq!(
        withdraw(&service, &plans[2], "&confirm-ending=3").status,
        204
    );
    for plan in &plans[3..5] {
        assert_eq!(withdraw(&service, plan, "").status, 204);
    }
    refused(&withdraw(&service, &plans[5], ""), 3);
}

#[test]
fn what_was_ended_a_day_ago_counts_no_more_and_another_authoritys_never() {
    let (service, plans) = service();
    service.tell(&[a_plan().of("E90002").local_id("S-1")]);
    for plan in &plans[..2] {
        assert_eq!(withdraw(&service, plan, "").status, 204);
    }
    let theirs = a_plan().of("E90002").local_id("S-1");
    let path = format!("EpisodeOfCare?{}", theirs.criteria());
    let role = cpis_fhir::sandbox::role::SandboxRole::SecondLocalAuthority;
    let answer = service.write_as(role, ("DELETE", &path), &[], &Value::Null);
    assert_eq!(answer.status, 204, "{}", answer.text);
    service
        .clock
        .advance(TimeDelta::hours(24) - TimeDelta::seconds(3));
    refused(&withdraw(&service, &plans[2], ""), 3);
    service.clock.advance(TimeDelta::seconds(3));
    assert_eq!(withdraw(&service, &plans[2], "").status, 204);
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
fn an_operator_confirms_how_many_single_requests_end_and_that_lets_one_of_them_through_once() {
    let (service, plans) = service();
    for plan in &plans[..2] {
        assert_eq!(withdraw(&service, plan, "").status, 204);
    }
    refused(&withdraw(&service, &plans[2], ""), 3);
    let listed = words(&operator(&service, &["list"]));
    assert!(
        listed.contains("\nE90001,0,2026-11-22T12:00:03Z,10,3,no\n"),
        "{listed}"
    );
    let confirm = |ending| {
        let said = [
            "confirm", "E90001", "0", "--ending", ending, "--by", "J. Osei",
        ];
        operator(&service, &said)
    };
    assert_one_line(&confirm("4"), "no file is held");
    assert!(confirm("3").status.success());
    refused(&withdraw_all(&service, &plans[2..4]), 4);
    // What is held now is another number, and what was confirmed is confirmed no more.
    refused(&withdraw(&service, &plans[2], ""), 3);
    assert!(confirm("3").status.success());
    assert_eq!(withdraw(&service, &plans[3], "").status, 204);
    assert_eq!(words(&operator(&service, &["list"])).lines().count(), 1);
    assert_one_line(&confirm("3"), "no file is held");
    // The count has begun anew, and nothing is confirmed of it.
    for plan in &plans[4..6] {
        assert_eq!(withdraw(&service, plan, "").status, 204);
    }
    refused(&withdraw(&service, &plans[6], ""), 3);
}

#[test]
fn what_an_operator_confirmed_a_day_ago_is_confirmed_no_more() {
    let (service, plans) = service();
    let deletes: Vec<PlanLine> = plans[..3].to_vec();
    refused(&withdraw_all(&service, &deletes), 3);
    let said = ["confirm", "E90001", "0", "--ending", "3", "--by", "J. Osei"];
    assert!(operator(&service, &said).status.success());
    service.clock.advance(TimeDelta::hours(24));
    refused(&withdraw_all(&service, &deletes), 3);
    assert!(operator(&service, &said).status.success());
    assert_eq!(withdraw_all(&service, &deletes).status, 200);
}
