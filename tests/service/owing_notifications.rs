//! Access and notifications are committed together or not at all, under any number of looks at
//! once: `accesses`, `disclosure`.

use std::thread;

use chrono::TimeDelta;

use crate::support::{Answer, TestService, a_person, a_plan};

const NUMBER: &str = "9990000026";
const LOOKS: i64 = 16;

#[test]
fn many_looks_of_one_author_at_once_owe_each_authority_exactly_one_notification() {
    let service = patient_service();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    for period in 1..=3 {
        looks_at_once(&service, |_| "555000000901".to_owned());
        assert_eq!(service.accesses(), LOOKS * period);
        assert_eq!(service.notifications(), 2 * period);
        service.clock.advance(TimeDelta::hours(24));
    }
    let each = "select count(*) from (select authority_id from notifications \
                group by authority_id having count(*) = 3) each";
    assert_eq!(service.number(each), 2);
}

#[test]
fn looks_of_many_authors_at_once_owe_each_authority_one_notification_of_each() {
    let service = patient_service();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().of("E90002")]);
    looks_at_once(&service, |number| format!("55500000{number:04}"));
    assert_eq!(service.accesses(), LOOKS);
    assert_eq!(service.notifications(), 2 * LOOKS);
    let told = "select count(distinct access_id) from notifications";
    assert_eq!(service.number(told), LOOKS);
}

#[test]
fn a_look_whose_notification_cannot_be_kept_discloses_and_records_nothing_and_recovers() {
    assert_all_or_nothing(
        "revoke insert on notifications from cpis_query",
        "grant insert on notifications to cpis_query",
    );
    assert_all_or_nothing(
        "alter table notifications add constraint never check (attempts < 0) not valid",
        "alter table notifications drop constraint never",
    );
}

#[test]
fn a_look_whose_telling_cannot_be_kept_discloses_and_records_nothing_and_recovers() {
    assert_all_or_nothing(
        "revoke insert on tellings from cpis_query",
        "grant insert on tellings to cpis_query",
    );
}

#[test]
fn a_look_that_cannot_be_recorded_discloses_and_owes_nothing_and_recovers() {
    assert_all_or_nothing(
        "revoke insert on accesses from cpis_query",
        "grant insert on accesses to cpis_query",
    );
    assert_all_or_nothing(
        "alter table accesses add constraint never check (asked is null) not valid",
        "alter table accesses drop constraint never",
    );
}

/// The database has made the answer by then, and takes it back.
#[test]
fn a_look_that_fails_only_when_it_is_committed_discloses_and_records_nothing_and_recovers() {
    for table in ["notifications", "accesses"] {
        assert_all_or_nothing(
            &format!(
                "create constraint trigger never after insert on {table} deferrable \
                 initially deferred for each row execute function refuse_changed_access()"
            ),
            &format!("drop trigger never on {table}"),
        );
    }
}

/// Sabotages the database, looks in every way that discloses, and mends it again.
fn assert_all_or_nothing(sabotage: &str, mend: &str) {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let flag = service.flags(NUMBER).remove(0);
    let (accesses, notifications) = (service.accesses(), service.notifications());
    service.execute(sabotage);
    for path in [
        format!("Flag?patient:identifier={NUMBER}"),
        format!("EpisodeOfCare?patient:identifier={NUMBER}"),
        format!("Patient?identifier={NUMBER}"),
        format!("AuditEvent?patient:identifier={NUMBER}"),
        format!("Flag/{}", flag["id"].as_str().unwrap()),
    ] {
        let answer = look(&service, "555000000901", &path);
        answer.refusal(503, "UNABLE_TO_CALL_SERVICE");
        assert!(answer.header("retry-after").is_some());
        for word in ["Northshire", NUMBER, "E90001", "01632"] {
            assert!(!answer.text.contains(word), "{sabotage}: {}", answer.text);
        }
    }
    service.execute(mend);
    assert_eq!(service.accesses(), accesses, "{sabotage}");
    assert_eq!(service.notifications(), notifications, "{sabotage}");
    let path = format!("Flag?patient:identifier={NUMBER}");
    assert_eq!(
        look(&service, "555000000901", &path).total(),
        1,
        "{sabotage}"
    );
    assert_eq!(service.accesses(), accesses + 1, "{sabotage}");
    assert_eq!(service.notifications(), notifications + 1, "{sabotage}");
}

fn look(service: &TestService, user_id: &str, path: &str) -> Answer {
    let token = service.token_of(&a_person().known_as(user_id));
    service.get_as(&token, path)
}

fn looks_at_once(service: &TestService, author: impl Fn(i64) -> String) {
    thread::scope(|threads| {
        for number in 1..=LOOKS {
            let author = author(number);
            threads.spawn(move || {
                let path = format!("Flag?patient:identifier={NUMBER}");
                assert_eq!(look(service, &author, &path).total(), 2);
            });
        }
    });
}

/// A service in which nobody is turned away for having waited, however slow the machine.
fn patient_service() -> TestService {
    TestService::with(|settings| {
        settings.database_wait_ms = 60_000;
        settings.request_deadline_ms = 60_000;
    })
}
