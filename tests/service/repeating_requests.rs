//! A request that is sent again, because its answer never arrived, is the same look: it is answered
//! to the letter as before, or not at all.

use std::sync::Mutex;
use std::thread;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::SERVER;
use cpis_fhir::store::request_looks;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::json;

use crate::support::{Answer, PlanLine, SealedService, TestService, a_plan, cluster};

const ID: &str = "7a3f9f4c-1d8e-4a55-8c1b-2f6f2f9d4e11";
const CHILD: &str = "9990000026";
const SEARCH: &str = "Flag?patient=9990000026";

fn ask_as(service: &TestService, token: &str, path: &str, id: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-request-id", id)];
    service.ask("GET", path, &headers, b"")
}

fn ask(service: &TestService, path: &str, id: &str) -> Answer {
    ask_as(service, &service.token(SandboxRole::Clinician), path, id)
}

/// Asserts that a request id is another request's, and that nothing of the child is told.
fn assert_taken(answer: &Answer) {
    let issue = answer.refusal(409, "RESOURCE_VERSION_MISMATCH");
    assert_eq!(issue["code"], "conflict");
    assert_eq!(issue["expression"][0], "http.X-Request-ID");
    assert!(!answer.text.contains(CHILD), "{}", answer.text);
}

/// Looks without being answered, and then makes answering possible again.
fn look_unanswered(service: &TestService) {
    service.execute("revoke insert on access_answers from cpis_query");
    assert_eq!(ask(service, SEARCH, ID).status, 503);
    service.execute("grant insert on access_answers to cpis_query");
}

fn two_plans() -> [PlanLine; 2] {
    let other = PlanLine {
        kind: "CLA".into(),
        local_id: "H-2".into(),
        ..a_plan()
    };
    [a_plan(), other]
}

#[test]
fn the_same_request_again_is_the_same_look_and_is_answered_to_the_letter() {
    let service = TestService::new();
    service.tell(&two_plans());
    let flag = service.get(SEARCH).ids().remove(0);
    let before = service.accesses();
    for (number, path) in [
        SEARCH.to_owned(),
        format!("{SEARCH}&_count=1"),
        format!("{SEARCH}&_format=xml"),
        format!("Flag/{flag}"),
        format!("Flag/{flag}/_history"),
        format!("Patient/{CHILD}/$everything?_count=1"),
        format!("Flag/_history?patient={CHILD}"),
        format!("EpisodeOfCare?patient={CHILD}&_include=EpisodeOfCare:patient"),
        "Flag?patient=9990000018".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("7a3f9f4c-1d8e-4a55-8c1b-{number:012}");
        let first = ask(&service, &path, &id);
        assert_eq!(first.status, 200, "{path}: {}", first.text);
        service.clock.advance(TimeDelta::seconds(90));
        let again = ask(&service, &path, &id);
        assert_eq!(again.status, 200, "{path}: {}", again.text);
        assert_eq!(again.text, first.text, "{path}");
        let looks = i64::try_from(number).unwrap() + 1;
        assert_eq!(service.accesses(), before + looks, "{path}");
    }
    let answers = service.number("select count(*) from access_answers");
    assert_eq!(answers, service.accesses());
    // One author is told of once a day, and whoever asks again is not a second one.
    assert_eq!(service.notifications(), 1);
}

#[test]
fn the_same_batch_again_is_the_same_looks() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        { "request": { "method": "GET", "url": SEARCH } },
        { "request": { "method": "GET", "url": "Flag?patient=9990000018" } },
    ]});
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
        ("x-request-id", ID),
    ];
    let ask = || service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let first = ask();
    assert_eq!(first.status, 200, "{}", first.text);
    let again = ask();
    assert_eq!(again.text, first.text);
    assert_eq!(service.accesses(), 2);
}

#[test]
fn an_id_that_asked_for_something_else_asks_for_nothing() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
    for path in [
        "Flag?patient=9990000018",
        "EpisodeOfCare?patient=9990000026",
        "Flag?patient=9990000026&status=active",
        "AuditEvent?patient=9990000026",
    ] {
        assert_taken(&ask(&service, path, ID));
    }
    // Nor does another person with the same software.
    let other = service.token(SandboxRole::ScheduledClinician);
    assert_taken(&ask_as(&service, &other, SEARCH, ID));
    assert_eq!(service.accesses(), 1);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
}

#[test]
fn what_would_be_answered_otherwise_by_now_is_asked_for_under_a_new_id() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
    service.tell(&two_plans());
    assert_taken(&ask(&service, SEARCH, ID));
    let anew = ask(&service, SEARCH, "7a3f9f4c-1d8e-4a55-8c1b-2f6f2f9d4e12");
    assert_eq!(anew.total(), 2);
}

#[test]
fn one_request_that_comes_many_times_at_once_is_one_look() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let answers = Mutex::new(Vec::new());
    thread::scope(|threads| {
        for _ in 0..12 {
            let (service, answers) = (&service, &answers);
            threads.spawn(move || {
                let answer = ask(service, SEARCH, ID);
                assert_eq!(answer.status, 200, "{}", answer.text);
                answers.lock().unwrap().push(answer.text);
            });
        }
    });
    let answers = answers.into_inner().unwrap();
    assert_eq!(answers.len(), 12);
    assert!(answers.iter().all(|told| told == &answers[0]));
    assert_eq!(service.accesses(), 1);
}

#[test]
fn a_look_that_was_never_answered_is_answered_when_its_request_is_sent_again() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    look_unanswered(&service);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.number("select count(*) from access_answers"), 1);
}

#[test]
fn a_request_that_failed_after_its_look_binds_nothing_and_is_answered_when_it_is_sent_again() {
    let sealed = SealedService::new();
    let service = &sealed.service;
    service.tell(&[a_plan()]);
    assert_eq!(service.get(SEARCH).total(), 1);
    sealed.sealed();
    let access = service.texts("select id::text from accesses").remove(0);
    let proof = format!("{}/audit/accesses/{access}/proof", service.root);
    service.execute("revoke select on sealed_checkpoints from cpis_query");
    for _ in 0..2 {
        assert_eq!(ask(service, &proof, ID).status, 503);
    }
    // The attempt stays on record, as one that was never answered.
    assert_eq!(service.accesses(), 2);
    assert_eq!(service.number("select count(*) from access_answers"), 1);
    service.execute("grant select on sealed_checkpoints to cpis_query");
    let answered = ask(service, &proof, ID);
    assert_eq!(answered.status, 200, "{}", answered.text);
    assert_eq!(ask(service, &proof, ID).text, answered.text);
    assert_eq!(service.accesses(), 2);
    assert_eq!(service.number("select count(*) from access_answers"), 2);
}

#[test]
fn whoever_told_a_plan_between_a_look_and_its_answer_is_told_of_the_look() {
    let service = TestService::new();
    look_unanswered(&service);
    assert_eq!(service.notifications(), 0);
    service.tell(&[a_plan()]);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
    assert_eq!(service.notifications(), 1);
    assert_eq!(ask(&service, SEARCH, ID).total(), 1);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn of_two_answers_to_one_request_only_the_one_on_record_is_told() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    // As if the same request, sent again, had overtaken this one and been answered otherwise.
    service.execute(
        "create function overtake() returns trigger language plpgsql security definer as $$ \
         begin perform set_config('synchronous_commit', 'on', true); \
         insert into access_answers values \
         (new.id, new.recorded_at, 200, sha256('other'), sha256('other')); return null; end $$; \
         create trigger overtaken after insert on accesses for each row \
         execute function overtake()",
    );
    assert_taken(&ask(&service, SEARCH, ID));
}

#[test]
fn a_request_is_forgotten_after_a_day_and_not_before() {
    let service = TestService::new();
    ask(&service, SEARCH, ID);
    let mut postgres = PgConnection::establish(&cluster().url(SERVER, &service.database)).unwrap();
    postgres.batch_execute("set role cpis_query").unwrap();
    let mut known_after = |hours| {
        let later = service.now() + TimeDelta::hours(hours);
        request_looks::forget(&mut postgres, later).unwrap();
        service.number("select count(*) from request_looks")
    };
    assert_eq!(known_after(24), 1);
    assert_eq!(known_after(25), 0);
}
