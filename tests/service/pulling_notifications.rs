//! A local authority's system pulls what its authority is told, and no other's, in the order of
//! arrival: `search_communications`, `read_communication`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::{
    Clinician, LocalAuthority, NotifiedAuthority, SecondNotifiedAuthority,
};
use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::{Value, json};

use crate::support::{TestService, a_person, a_plan, cluster};

const NUMBER: &str = "9990000026";

#[test]
fn an_authority_is_told_who_looked_in_which_role_where_and_when_at_which_child_of_which_file() {
    let service = TestService::new();
    service.tell(&[a_plan().local_id("OLD-1")]);
    service.clock.advance(TimeDelta::hours(1));
    service.tell(&[a_plan().kind("CLA").local_id("NEW-2")]);
    service.clock.advance(TimeDelta::hours(1));
    service.flags(NUMBER);
    let told = service.told().remove(0);
    let at = |path: &str| {
        told.pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    assert_eq!(at("/contained/0/practitioner/display"), "Dr Amina Clarke");
    assert_eq!(
        at("/contained/0/practitioner/identifier/value"),
        "555000000101"
    );
    assert_eq!(at("/contained/0/identifier/0/value"), "555000000201");
    assert_eq!(
        at("/contained/0/code/0/coding/0/display"),
        "Clinical Practitioner Access Role"
    );
    assert_eq!(at("/contained/0/organization/identifier/value"), "RQX99");
    assert_eq!(
        at("/contained/0/organization/display"),
        "Organisation RQX99"
    );
    assert_eq!(at("/sent"), "2026-11-22T14:00:00.000Z");
    assert_eq!(at("/subject/identifier/value"), NUMBER);
    assert!(at("/subject/reference").starts_with("Patient/"));
    // Of the visible plan that was told last, as it stood at the access.
    assert_eq!(at("/about/2/identifier/value"), "NEW-2");
    assert_eq!(at("/about/3/identifier/value"), "2");
    assert_eq!(at("/recipient/0/identifier/value"), "E90001");
    assert_eq!(at("/status"), "in-progress");
    service.tell(&[a_plan().kind("CLA").local_id("NEW-3")]);
    assert_eq!(service.told(), [told]);
}

#[test]
fn an_authority_sees_its_own_and_whoever_asks_for_anothers_is_refused_on_record() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    service.flags(NUMBER);
    let own = service.told().remove(0);
    let token = service.token(SecondNotifiedAuthority);
    let others = service.get_as(&token, "Communication").matches();
    assert_eq!(others.len(), 1);
    assert_ne!(own["id"], others[0]["id"]);
    let foreign = format!("Communication/{}", own["id"].as_str().unwrap());
    service
        .get_as(&token, &foreign)
        .refusal(404, "RESOURCE_NOT_FOUND");
    for query in [
        "recipient:identifier=E90001".to_owned(),
        format!(
            "recipient={}",
            own["recipient"][0]["reference"].as_str().unwrap()
        ),
        "recipient:identifier=E90002,E90001".to_owned(),
    ] {
        let path = format!("Communication?{query}");
        service.get_as(&token, &path).refusal(403, "ACCESS_DENIED");
    }
    let logged = "select count(*) from security_log \
                  where reason = 'another-authoritys-notifications' \
                  and organisation_code = 'E90002' and route = 'GET /FHIR/R4/Communication'";
    assert_eq!(service.number(logged), 3);
    service.acknowledge(SecondNotifiedAuthority, &[&own]);
    assert_eq!(service.told()[0]["status"], "in-progress");
    assert_eq!(service.accesses(), 1);
}

#[test]
fn only_a_registered_authoritys_system_with_the_scope_is_told() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.flags(NUMBER);
    service.settle();
    let system = |organisation: &str, scope: &str| {
        let claims = json!({ "sub": "s", "client_id": "s", "organisation": organisation,
                             "scope": scope });
        service.token_saying(claims)
    };
    for token in [
        service.token(Clinician),
        service.token(LocalAuthority),
        system("E90001", "plans.upload"),
        system("E90009", "notifications.read"),
    ] {
        for path in [
            "Communication",
            "Communication/019371b8-1c00-7000-8000-000000000001",
        ] {
            let issue = service.get_as(&token, path).refusal(403, "ACCESS_DENIED");
            assert!(!issue.to_string().contains("Clarke"));
        }
    }
    assert_eq!(
        service
            .get_as(&system("E90001", "notifications.read"), "Communication")
            .total(),
        1
    );
    let logged = "select count(*) from security_log where reason = 'not-notified'";
    assert_eq!(service.number(logged), 8);
}

#[test]
fn a_window_tells_what_was_sent_in_it_and_a_quiet_one_says_so() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.flags(NUMBER);
    service.clock.advance(TimeDelta::hours(24));
    service.flags(NUMBER);
    for (query, count) in [
        ("sent=ge2026-11-22", 2),
        ("sent=2026-11-22", 1),
        ("sent=ge2026-11-22T12:00:00.001Z", 1),
        ("sent=gt2026-11-22&sent=lt2026-11-24", 1),
        ("sent=ge2026-11-24", 0),
        ("status=completed", 0),
        ("status=in-progress", 2),
    ] {
        let answer = service.pull(&format!("Communication?{query}"));
        assert_eq!(answer.total(), count, "{query}");
        let outcomes = answer.entries("outcome");
        assert_eq!(outcomes.is_empty(), count > 0, "{query}");
        if count == 0 {
            assert_eq!(outcomes[0]["issue"][0]["severity"], "information");
        }
        let posted = service.ask(
            "POST",
            "Communication/_search",
            &[
                ("authorization", &bearer(&service)),
                ("content-type", "application/x-www-form-urlencoded"),
            ],
            query.as_bytes(),
        );
        assert_eq!(posted.ids(), answer.ids());
    }
}

#[test]
fn pages_follow_the_order_of_arrival_and_what_comes_later_is_found_by_the_last_link() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for number in 0..5 {
        service.look(number, NUMBER);
    }
    let mut page = service.pull("Communication?_count=2&recipient:identifier=E90001");
    let mut seen = page.ids();
    while let Some(next) = page.link("next") {
        page = service.pull(&next);
        seen.extend(page.ids());
    }
    let all = "select id::text from notifications order by transaction_id, id";
    assert_eq!(seen, service.texts(all));
    let later = page.link("monitor").unwrap();
    assert_eq!(service.pull(&later).total(), 0);
    service.look(5, NUMBER);
    let news = service.pull(&later);
    assert_eq!((news.total(), news.ids().len()), (1, 1));
    assert!(!seen.contains(&news.ids()[0]));
    assert_eq!(service.pull(&later).ids(), news.ids());
}

#[test]
fn what_commits_late_is_read_late_and_never_skipped() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.look(0, NUMBER);
    let url = cluster().url(OWNER, &service.database);
    let mut late = PgConnection::establish(&url).unwrap();
    late.batch_execute(
        "begin; with a as (insert into accesses select nhs_number, recorded_at, \
         uuid_of_moment(recorded_at), request_id, interaction, asked, client_id, \
         organisation_code, organisation_name, practitioner_id, practitioner_name, \
         role_profile_id, job_role_code, job_role_name, care_setting from accesses returning *) \
         insert into notifications (nhs_number, id, authority_id, access_id, accessed_at, \
         queued_at, local_id, upload_id) select a.nhs_number, uuid_of_moment(n.queued_at), \
         n.authority_id, a.id, a.recorded_at, n.queued_at, n.local_id, n.upload_id \
         from a, notifications n",
    )
    .unwrap();
    let person = service.token_of(&a_person().known_as("555000000001"));
    let look = format!("Flag?patient:identifier={NUMBER}");
    assert_eq!(service.get_as(&person, &look).status, 200);
    let reader = service.token(NotifiedAuthority);
    let first = service.get_as(&reader, "Communication");
    assert_eq!(
        first.total(),
        1,
        "what is behind an open transaction waits for it"
    );
    for (path, told) in [("Communication", 1), (&first.link("monitor").unwrap(), 0)] {
        let filling = service.get_as(&reader, path);
        let outcomes = filling.entries("outcome");
        let issue = &outcomes[0]["issue"][0];
        assert_eq!(
            (filling.total(), issue["code"].as_str()),
            (told, Some("transient"))
        );
    }
    late.batch_execute("commit").unwrap();
    let second = service.pull(&first.link("monitor").unwrap());
    assert_eq!((second.total(), second.ids().len()), (2, 2));
    assert!(!second.ids().contains(&first.ids()[0]));
    assert_eq!(service.pull("Communication").total(), 3);
}

#[test]
fn one_is_read_by_its_id_and_is_not_read_again_unchanged() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.flags(NUMBER);
    let told = service.told().remove(0);
    let path = format!("Communication/{}", told["id"].as_str().unwrap());
    let read = service.pull(&path);
    assert_eq!((read.status, read.json()), (200, told.clone()));
    let etag = read.header("etag").unwrap();
    let bearer = bearer(&service);
    let held = [("authorization", bearer.as_str()), ("if-none-match", etag)];
    assert_eq!(service.ask("GET", &path, &held, b"").status, 304);
    let head = service.ask("HEAD", &path, &held[..1], b"");
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    service.acknowledge(NotifiedAuthority, &[&told]);
    assert_eq!(service.ask("GET", &path, &held, b"").status, 200);
    for id in ["019371b8-1c00-7000-8000-000000000001", "none"] {
        service
            .pull(&format!("Communication/{id}"))
            .refusal(404, "RESOURCE_NOT_FOUND");
    }
}

#[test]
fn of_a_plan_that_a_request_without_a_number_told_the_upload_is_told_by_its_id_alone() {
    let service = TestService::new();
    service.created(&a_plan());
    service.flags(NUMBER);
    let told = service.told().remove(0);
    let about = told["about"].as_array().unwrap();
    let named = |system: &str| {
        let systems = about
            .iter()
            .filter_map(|about| about["identifier"]["system"].as_str());
        systems.filter(|named| named.contains(system)).count()
    };
    assert_eq!((named("upload-file-sequence"), named("upload-id")), (0, 1));
}

fn bearer(service: &TestService) -> String {
    format!("Bearer {}", service.token(NotifiedAuthority))
}
