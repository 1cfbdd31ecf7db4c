//! Whether a look is unscheduled: by where, by which role, and by what the caller says:
//! `care_setting`.

use chrono::TimeDelta;

use crate::support::{Answer, Person, TestService, a_person, a_plan};

const NUMBER: &str = "9990000026";

/// What the register, the role and the header of a look are, where it tells nobody. Everywhere else
/// it is unscheduled.
const SILENT: [(&str, &[&str], Option<&str>); 5] = [
    ("RYH99", &["B0170"], None),
    ("RYH99", &["B0170"], Some("false")),
    ("RYH99", &["B0107", "B0170"], Some("false")),
    ("RMB99", &["B0170"], Some("false")),
    ("RMB99", &["B0107", "B0170"], Some("false")),
];

#[test]
fn a_look_is_silent_only_where_organisation_role_and_header_all_allow_it() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let roles: [&[&str]; 3] = [&["B0107"], &["B0170"], &["B0107", "B0170"]];
    let (mut looks, mut notifications) = (0, 0);
    for organisation in ["RQX99", "RYH99", "RMB99"] {
        for activities in roles {
            for said in [None, Some("true"), Some("false")] {
                looks += 1;
                let person = a_person()
                    .known_as(&format!("55500000{looks:04}"))
                    .at(organisation)
                    .may(activities);
                let answer = look(&service, &person, &said.into_iter().collect::<Vec<_>>());
                let silent = SILENT.contains(&(organisation, activities, said));
                notifications += i64::from(!silent);
                let look = format!("{organisation} {activities:?} {said:?}");
                assert_eq!(answer.total(), 1, "{look}");
                assert_eq!(service.notifications(), notifications, "{look}");
                let recorded = format!(
                    "select count(*) from accesses where practitioner_id = '55500000{looks:04}' \
                     and care_setting = '{}'",
                    if silent { "scheduled" } else { "unscheduled" }
                );
                assert_eq!(service.number(&recorded), 1, "{look}");
            }
        }
    }
    assert_eq!(service.accesses(), 27);
    assert_eq!(notifications, 22);
}

#[test]
fn a_header_that_is_not_one_true_or_false_is_refused_and_nothing_is_looked_at() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let person = a_person().at("RMB99").may(&["B0170"]);
    let wrong: [&[&str]; 12] = [
        &["yes"],
        &["True"],
        &["FALSE"],
        &[""],
        &["0"],
        &["1"],
        &["null"],
        &["\"true\""],
        &["true, false"],
        &["true", "true"],
        &["false", "true"],
        &["tru\u{e9}"],
    ];
    for said in wrong {
        let issue = look(&service, &person, said).refusal(400, "PRECONDITION_FAILED");
        assert_eq!(issue["expression"][0], "http.IsUnscheduledAccessEvent");
    }
    assert_eq!(service.accesses(), 0);
    assert_eq!(service.notifications(), 0);
}

#[test]
fn an_organisation_no_longer_registered_for_scheduled_care_cannot_look_silently() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.execute(
        "delete from organisation_care_settings where organisation_code = 'RMB99' \
         and care_setting = 'scheduled'",
    );
    // A change counts within a minute.
    service.clock.advance(TimeDelta::seconds(60));
    let person = a_person().at("RMB99").may(&["B0170"]);
    assert_eq!(look(&service, &person, &["false"]).total(), 1);
    assert_eq!(service.notifications(), 1);
}

fn look(service: &TestService, person: &Person, said: &[&str]) -> Answer {
    let bearer = format!("Bearer {}", service.token_of(person));
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(said.iter().map(|said| ("IsUnscheduledAccessEvent", *said)));
    service.ask(
        "GET",
        &format!("Flag?patient:identifier={NUMBER}"),
        &headers,
        b"",
    )
}
