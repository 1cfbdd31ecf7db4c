//! An authority's system writes its plans one by one: `create_episode_of_care`,
//! `update_episode_of_care`, `delete_episode_of_care`.

use std::thread;

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;
use serde_json::{Value, json};

use crate::support::{TestService, a_plan, with_id};

fn episode(service: &TestService, id: &str) -> Value {
    let answer = service.get(&format!("EpisodeOfCare/{id}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[test]
fn a_new_plan_is_created_with_its_place_and_version_and_shown_to_who_may_look() {
    let service = TestService::new();
    let answer = service.write(("POST", "EpisodeOfCare"), &[], &a_plan().resource());
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.record_code(), "CPR06");
    let location = answer.header("location").unwrap();
    let read = service.get(location);
    assert_eq!(read.status, 200, "{location}");
    assert_eq!(read.header("etag"), answer.header("etag"));
    let shown = service
        .find("EpisodeOfCare", "9990000026", &[])
        .matches()
        .remove(0);
    assert_eq!(shown, read.json());
    assert_eq!(shown["identifier"], a_plan().resource()["identifier"]);
    assert_eq!(service.codes(), [""; 0]);
    let held = service.texts("select concat_ws('|', form, code, sequence) from uploads");
    assert_eq!(held, ["fhir|CPF02"]);
}

#[test]
fn the_same_plan_created_again_changes_nothing_and_another_state_is_a_conflict() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let told = service.told_state();
    let again = service.write(("POST", "EpisodeOfCare"), &[], &a_plan().resource());
    assert_eq!(again.status, 200, "{}", again.text);
    assert!(again.header("location").unwrap().contains(&id));
    let other = a_plan().until("2026-12-31").resource();
    let answer = service.write(("POST", "EpisodeOfCare"), &[], &other);
    assert_eq!(answer.status, 409, "{}", answer.text);
    assert_eq!(answer.json()["issue"][0]["code"], "duplicate");
    assert_eq!(service.told_state(), told);
}

#[test]
fn a_create_with_if_none_exist_does_nothing_where_a_plan_is_found() {
    let service = TestService::new();
    let criteria = a_plan().criteria();
    let headers = [("if-none-exist", criteria.as_str())];
    let first = service.write(("POST", "EpisodeOfCare"), &headers, &a_plan().resource());
    assert_eq!(first.status, 201, "{}", first.text);
    let told = service.told_state();
    let other = a_plan().until("2026-12-31").resource();
    let prefer = [headers[0], ("prefer", "return=representation")];
    let answer = service.write(("POST", "EpisodeOfCare"), &prefer, &other);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("location"), first.header("location"));
    assert_eq!(
        answer.json()["resourceType"],
        "OperationOutcome",
        "what was not taken is not told"
    );
    assert_eq!(service.told_state(), told);
    service.created(&a_plan().kind("CLA"));
    let system = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90001";
    let wide = format!("identifier={system}|H-1");
    let answer = service.write(
        ("POST", "EpisodeOfCare"),
        &[("if-none-exist", &wide)],
        &other,
    );
    assert_eq!(answer.status, 412, "{}", answer.text);
}

#[test]
fn a_plan_is_updated_in_the_version_that_a_read_showed_and_in_no_other() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    let shown = service.get(&path);
    let etag = shown.header("etag").unwrap();
    let longer = with_id(a_plan().until("2026-12-31").resource(), &id);
    let answer = service.write(("PUT", &path), &[("if-match", etag)], &longer);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let read = service.get(&path);
    assert_eq!(read.header("etag"), answer.header("etag"));
    assert_ne!(read.header("etag"), Some(etag));
    assert_eq!(read.json()["period"]["end"], "2026-12-31");
    let shorter = with_id(a_plan().until("2026-11-30").resource(), &id);
    for stale in [etag, "W/\"9-9-active\"", "nonsense", "\"\""] {
        let answer = service.write(("PUT", &path), &[("if-match", stale)], &shorter);
        answer_is(&answer, 412, "PRECONDITION_FAILED");
    }
    let unchanged = service.write(("PUT", &path), &[("if-match", "*")], &longer);
    assert_eq!(unchanged.status, 200, "{}", unchanged.text);
    assert_eq!(
        unchanged.header("etag"),
        answer.header("etag"),
        "the same again is no version"
    );
    assert_eq!(service.earlier_versions(), 1);
}

fn answer_is(answer: &crate::support::Answer, status: u16, spine_code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let issue = &answer.json()["issue"][0];
    assert_eq!(issue["severity"], "error");
    let codes = issue["details"]["coding"].as_array().unwrap();
    assert_eq!(codes.last().unwrap()["code"], spine_code, "{}", answer.text);
}

#[test]
fn of_two_updates_of_one_version_at_once_exactly_one_is_taken_in() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    let etag = service.get(&path).header("etag").unwrap().to_owned();
    for round in 0..4 {
        let etag = match round {
            0 => etag.clone(),
            _ => service.get(&path).header("etag").unwrap().to_owned(),
        };
        let statuses: Vec<u16> = thread::scope(|scope| {
            let writers: Vec<_> = (1..=4)
                .map(|day| {
                    let (service, path, etag) = (&service, &path, &etag);
                    let plan = a_plan().until(&format!("2026-12-{}", 10 + round * 4 + day));
                    let resource = with_id(plan.resource(), &id);
                    let headers = [("if-match", etag.as_str())];
                    scope.spawn(move || service.write(("PUT", path), &headers, &resource).status)
                })
                .collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .collect()
        });
        let taken = statuses.iter().filter(|status| **status == 200).count();
        let stale = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((taken, stale), (1, 3), "{statuses:?}");
    }
    assert_eq!(service.earlier_versions(), 4);
}

#[test]
fn a_plan_that_is_deleted_is_withdrawn_and_doing_it_again_changes_nothing() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    let stale = service.write(
        ("DELETE", &path),
        &[("if-match", "W/\"7-1-active\"")],
        &Value::Null,
    );
    answer_is(&stale, 412, "PRECONDITION_FAILED");
    for _ in 0..2 {
        let answer = service.write(("DELETE", &path), &[], &Value::Null);
        assert_eq!(answer.status, 204, "{}", answer.text);
        assert!(answer.text.is_empty());
    }
    assert_eq!(service.flags("9990000026"), Vec::<Value>::new());
    assert_eq!(service.earlier_versions(), 1);
    let told = service.write(
        ("DELETE", &path),
        &[("prefer", "return=OperationOutcome")],
        &Value::Null,
    );
    assert_eq!((told.status, told.record_code().as_str()), (200, "CPR06"));
    assert_eq!(
        told.header("preference-applied"),
        Some("return=OperationOutcome")
    );
    let again = service.write(("PUT", &path), &[], &with_id(a_plan().resource(), &id));
    assert_eq!(again.status, 201, "it comes back to life: {}", again.text);
    assert_eq!(episode(&service, &id)["status"], "active");
}

#[test]
fn an_update_that_says_entered_in_error_withdraws_the_plan() {
    let service = TestService::new();
    let id = service.created(&a_plan());
    let path = format!("EpisodeOfCare/{id}");
    let mut resource = with_id(a_plan().resource(), &id);
    resource["status"] = json!("entered-in-error");
    let answer = service.write(("PUT", &path), &[], &resource);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let withdrawn = "select count(*) from plans where deleted_on = '2026-11-22'";
    assert_eq!(service.number(withdrawn), 1);
}

#[test]
fn criteria_reach_one_plan_or_none_and_never_one_of_several() {
    let service = TestService::new();
    let put = |query: &str, plan: &crate::support::PlanLine| {
        let path = format!("EpisodeOfCare?{query}");
        service.write(("PUT", &path), &[], &plan.resource())
    };
    let system = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90001";
    let wide = format!("identifier={system}|H-1");
    assert_eq!(put(&wide, &a_plan()).status, 201);
    assert_eq!(put(&wide, &a_plan().until("2026-12-31")).status, 200);
    let other = a_plan().kind("CLA");
    answer_is(&put(&wide, &other), 412, "PRECONDITION_FAILED");
    assert_eq!(put(&other.criteria(), &other).status, 201);
    answer_is(&put(&wide, &a_plan()), 412, "PRECONDITION_FAILED");
    let many = service.write(
        ("DELETE", &format!("EpisodeOfCare?{wide}")),
        &[],
        &Value::Null,
    );
    answer_is(&many, 412, "PRECONDITION_FAILED");
    let one = format!("EpisodeOfCare?{}", other.criteria());
    for _ in 0..2 {
        let answer = service.write(("DELETE", &one), &[], &Value::Null);
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let none = format!("EpisodeOfCare?{}", a_plan().local_id("H-9").criteria());
    let answer = service.write(("DELETE", &none), &[], &Value::Null);
    assert_eq!(answer.status, 404, "{}", answer.text);
    let stale = service.write(
        ("PUT", &format!("EpisodeOfCare?{}", a_plan().criteria())),
        &[("if-match", "W/\"1-1-active\"")],
        &a_plan().resource(),
    );
    answer_is(&stale, 412, "PRECONDITION_FAILED");
    service
        .write(("PUT", "EpisodeOfCare"), &[], &a_plan().resource())
        .refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.told_state().len(), 2);
}

#[test]
fn what_is_returned_is_what_was_sent_and_never_what_is_held() {
    let service = TestService::new();
    let prefer = |value: &'static str| [("prefer", value)];
    let mut sent = a_plan().resource();
    sent["careManager"] = json!({"display": "Somebody"});
    let answer = service.write(
        ("POST", "EpisodeOfCare"),
        &prefer("return=representation"),
        &sent,
    );
    assert_eq!(
        answer.header("preference-applied"),
        Some("return=representation")
    );
    let returned = answer.json();
    assert_eq!(returned["contained"], sent["contained"]);
    assert!(returned.get("careManager").is_none(), "it is not kept");
    let path = format!("EpisodeOfCare/{}", returned["id"].as_str().unwrap());
    assert_eq!(
        answer.header("etag").unwrap(),
        format!("W/\"{}\"", returned["meta"]["versionId"].as_str().unwrap())
    );
    let again = service.write(("PUT", &path), &prefer("return=minimal"), &returned);
    assert_eq!(
        (again.status, again.text.as_str()),
        (200, ""),
        "what is returned can be sent"
    );
    assert_eq!(again.header("etag"), answer.header("etag"));
    assert_eq!(service.accesses(), 0);
    service
        .get_as(&service.token(LocalAuthority), &path)
        .refusal(403, "ACCESS_DENIED");
}
