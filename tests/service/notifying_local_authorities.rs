//! Who looks in unscheduled care is told of to each authority with a visible plan, once within the
//! period: `accesses`, `notification`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::{
    BothSettingsClinician, Clinician, LocalAuthority, ScheduledClinician,
};

use crate::support::{TestService, a_person, a_plan, form};

const NUMBER: &str = "9990000026";

#[test]
fn each_authority_with_a_visible_plan_is_told_once_of_a_look() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().kind("CLA"), a_plan().local_id("H-2")]);
    service.tell(&[a_plan().of("E90002")]);
    assert_eq!(service.flags(NUMBER).len(), 4);
    assert_eq!(service.accesses(), 1);
    assert_eq!(told(&service, "E90001"), 1);
    assert_eq!(told(&service, "E90002"), 1);
    assert_eq!(service.notifications(), 2);
}

#[test]
fn the_same_author_is_told_of_once_within_24_hours_and_again_exactly_at_24() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for (milliseconds, notifications) in [
        (0, 1),
        (0, 1),
        (1, 1),
        (24 * 3_600_000 - 2, 1),
        (1, 2),
        (24 * 3_600_000 - 1, 2),
        (1, 3),
    ] {
        service.clock.advance(TimeDelta::milliseconds(milliseconds));
        assert_eq!(service.flags(NUMBER).len(), 1);
        assert_eq!(
            service.notifications(),
            notifications,
            "after {milliseconds} ms"
        );
    }
    assert_eq!(service.accesses(), 7);
}

#[test]
fn the_24_hours_count_from_the_notification_and_not_from_the_last_look() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for hours in [0, 12, 11, 1] {
        service.clock.advance(TimeDelta::hours(hours));
        service.flags(NUMBER);
    }
    assert_eq!(service.notifications(), 2);
}

#[test]
fn a_clock_that_was_ahead_keeps_no_authority_from_being_told_once_it_is_right_again() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let ahead = TimeDelta::days(300);
    service.clock.advance(ahead);
    assert_eq!(service.flags(NUMBER).len(), 1);
    assert_eq!(service.notifications(), 1);
    service.clock.advance(-ahead);
    for _ in 0..2 {
        assert_eq!(service.flags(NUMBER).len(), 1);
        assert_eq!(service.notifications(), 2);
    }
    // Clocks of two processes differ a little, and that is no reason to tell twice.
    service.clock.advance(-TimeDelta::hours(23));
    service.flags(NUMBER);
    assert_eq!(service.notifications(), 2);
}

#[test]
fn another_author_another_organisation_and_another_child_are_told_of_again() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().child("9990000034").local_id("H-2")]);
    let first = a_person();
    let looks = [
        (first.clone(), NUMBER),
        (first.clone().known_as("555000000911"), NUMBER),
        (first.clone().at("RMB99"), NUMBER),
        (first.clone(), "9990000034"),
        (first.clone(), NUMBER),
        (first.at("RMB99"), NUMBER),
    ];
    for ((person, number), notifications) in looks.into_iter().zip([1, 2, 3, 4, 4, 4]) {
        let path = format!("Flag?patient:identifier={number}");
        let answer = service.get_as(&service.token_of(&person), &path);
        assert_eq!(answer.total(), 1);
        assert_eq!(service.notifications(), notifications);
    }
}

#[test]
fn an_authority_that_tells_its_plan_later_is_told_of_an_author_whom_others_heard_of_before() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.flags(NUMBER);
    service.tell(&[a_plan().of("E90002")]);
    service.flags(NUMBER);
    service.flags(NUMBER);
    assert_eq!(told(&service, "E90001"), 1);
    assert_eq!(told(&service, "E90002"), 1);
}

#[test]
fn a_look_in_scheduled_care_tells_nobody_however_often_it_is_repeated() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let token = service.token(ScheduledClinician);
    for _ in 0..5 {
        service.clock.advance(TimeDelta::minutes(11));
        let answer = service.get_as(&token, &format!("Flag?patient:identifier={NUMBER}"));
        assert_eq!(answer.total(), 1);
    }
    assert_eq!(service.accesses(), 5);
    assert_eq!(service.notifications(), 0);
}

#[test]
fn a_silent_look_does_not_use_up_the_notification_of_the_same_authors_next_look() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let bearer = format!("Bearer {}", service.token(BothSettingsClinician));
    for (said, notifications) in [("false", 0), ("true", 1), ("false", 1), ("true", 1)] {
        let headers = [
            ("authorization", bearer.as_str()),
            ("isunscheduledaccessevent", said),
        ];
        let path = format!("Flag?patient:identifier={NUMBER}");
        assert_eq!(service.ask("GET", &path, &headers, b"").total(), 1);
        assert_eq!(service.notifications(), notifications);
    }
}

#[test]
fn a_look_at_a_child_without_a_visible_plan_is_recorded_and_tells_nobody() {
    let service = TestService::new();
    let ended = a_plan().from("2024-01-10").until("2025-11-23");
    service.tell(&[ended, a_plan().local_id("H-2").child("9990000034")]);
    service.tell(&[a_plan()
        .local_id("H-2")
        .child("9990000034")
        .withdrawn("2026-11-22")]);
    assert_eq!(service.flags(NUMBER).len(), 1);
    assert_eq!(service.notifications(), 1);
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    let other = service.token_of(&a_person());
    for number in [NUMBER, "9990000034", "9990000042"] {
        let answer = service.get_as(&other, &format!("Flag?patient:identifier={number}"));
        assert_eq!(answer.total(), 0);
    }
    assert_eq!(service.accesses(), 4);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_search_narrowed_until_nothing_matches_tells_the_authorities_all_the_same() {
    let narrowed = [
        "status=inactive",
        "_count=0",
        "_summary=count",
        "date=lt2000",
        "_lastUpdated=lt2000",
    ];
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for (number, narrowing) in (1..).zip(narrowed) {
        let person = a_person().known_as(&format!("55500000{number:04}"));
        let path = format!("Flag?patient:identifier={NUMBER}&{narrowing}");
        let answer = service.get_as(&service.token_of(&person), &path);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.matches().is_empty(), "{narrowing}");
        assert_eq!(service.notifications(), number, "{narrowing}");
        assert_eq!(service.accesses(), number, "{narrowing}");
    }
}

#[test]
fn every_way_to_a_childs_plans_tells_its_authority() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let flag = service.flags(NUMBER).remove(0);
    let id = flag["id"].as_str().unwrap();
    let child = flag["subject"]["reference"].as_str().unwrap().to_owned();
    let child = &child[child.find("Patient/").unwrap()..];
    let history = service.get(&format!("AuditEvent?patient:identifier={NUMBER}"));
    let event = history.matches()[0]["id"].as_str().unwrap().to_owned();
    let ways = [
        format!("Flag?patient:identifier={NUMBER}"),
        format!("EpisodeOfCare?patient:identifier={NUMBER}"),
        format!("AuditEvent?patient:identifier={NUMBER}"),
        format!("Patient?identifier={NUMBER}"),
        format!("Flag/{id}"),
        format!("EpisodeOfCare/{id}"),
        format!("AuditEvent/{event}"),
        child.to_owned(),
        format!("{child}/Flag"),
    ];
    let before = service.notifications();
    for (number, way) in (1..).zip(&ways) {
        let person = a_person().known_as(&format!("55500000{number:04}"));
        let answer = service.get_as(&service.token_of(&person), way);
        assert_eq!(answer.status, 200, "{way}: {}", answer.text);
        assert_eq!(service.notifications(), before + number, "{way}");
    }
}

#[test]
fn a_notification_refers_to_the_access_that_the_history_shows() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    service.flags(NUMBER);
    service.clock.advance(TimeDelta::hours(1));
    service.flags(NUMBER);
    let token = format!("https://fhir.nhs.uk/Id/nhs-number|{NUMBER}");
    let search = form(&[("patient:identifier", &token)]);
    let history = service.post_form("AuditEvent/_search", &search);
    let shown = history.matches();
    assert_eq!(shown.len(), 1);
    let notified = format!(
        "select count(*) from notifications n join accesses a on a.id = n.access_id \
         and a.nhs_number = n.nhs_number and a.recorded_at = n.accessed_at \
         join authorities l on l.id = n.authority_id where a.id = '{}' \
         and a.practitioner_id = '555000000101' and a.organisation_code = 'RQX99' \
         and a.job_role_name <> '' and n.delivered_at is null",
        shown[0]["id"].as_str().unwrap()
    );
    assert_eq!(service.number(&notified), 2);
    assert_eq!(shown[0]["recorded"], "2026-11-22T12:00:00.000Z");
}

#[test]
fn the_period_is_a_setting_and_none_tells_of_every_look() {
    for (hours, notifications) in [(0, 3), (1, 2), (2, 1)] {
        let service = TestService::with(|settings| settings.notification_period_hours = hours);
        service.tell(&[a_plan()]);
        for minutes in [0, 0, 60] {
            service.clock.advance(TimeDelta::minutes(minutes));
            service.flags(NUMBER);
        }
        assert_eq!(service.notifications(), notifications, "{hours}");
    }
}

#[test]
fn reading_an_authority_or_uploading_tells_nobody_and_is_no_access() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let flag = service.flags(NUMBER).remove(0);
    let author = flag["author"]["reference"].as_str().unwrap();
    let organization = &author[author.find("Organization/").unwrap()..];
    for role in [Clinician, LocalAuthority] {
        assert_eq!(
            service.get_as(&service.token(role), organization).status,
            200
        );
    }
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 1);
}

fn told(service: &TestService, authority: &str) -> i64 {
    service.number(&format!(
        "select count(*) from notifications n join authorities a on a.id = n.authority_id \
         where a.code = '{authority}'"
    ))
}
