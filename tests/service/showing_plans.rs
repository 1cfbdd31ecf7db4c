//! Which plans are shown, from when until when, and what of them: `search_flags`,
//! `search_episodes_of_care`.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::support::{PlanLine, TestService, a_plan};

const NUMBER: &str = "9990000026";

/// The last day a plan is shown, and the moment in London that ends it, at and around both clock
/// changes of 2026 (29 March and 25 October).
const LAST_DAYS: [(&str, &str); 6] = [
    ("2026-03-28", "2026-03-29T00:00:00Z"),
    ("2026-03-29", "2026-03-29T23:00:00Z"),
    ("2026-07-01", "2026-07-01T23:00:00Z"),
    ("2026-10-24", "2026-10-24T23:00:00Z"),
    ("2026-10-25", "2026-10-26T00:00:00Z"),
    ("2026-12-31", "2027-01-01T00:00:00Z"),
];

/// Asserts that a plan whose window is so many days long is shown until the last moment of each of
/// those days and not a millisecond longer.
fn assert_shown_until_midnight(kind: &str, window_days: u64, service: &TestService) {
    for (place, (last_day, over)) in LAST_DAYS.iter().enumerate() {
        let last: NaiveDate = last_day.parse().unwrap();
        let end = last - Days::new(window_days);
        let over: DateTime<Utc> = over.parse().unwrap();
        service.clock.set(over - TimeDelta::hours(12));
        let plan = a_plan()
            .kind(kind)
            .local_id(&format!("H-{place}"))
            .from("2024-01-01")
            .until(&end.to_string());
        service.tell(&[plan]);
        service.clock.set(over - TimeDelta::milliseconds(1));
        for resource in ["Flag", "EpisodeOfCare"] {
            let shown = service.find(resource, NUMBER, &[]);
            assert_eq!(shown.total(), 1, "{kind} {resource} on {last_day}");
            assert_eq!(shown.matches()[0]["period"]["end"], end.to_string());
        }
        service.clock.set(over);
        for resource in ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"] {
            let shown = service.find(resource, NUMBER, &[]);
            assert_eq!(shown.total(), 0, "{kind} {resource} after {last_day}");
        }
    }
}

#[test]
fn a_childs_plan_is_shown_for_364_days_after_its_end_to_midnight_in_london() {
    for kind in ["CPP", "CLA"] {
        assert_shown_until_midnight(kind, 364, &TestService::new());
    }
}

#[test]
fn an_unborn_childs_plan_is_shown_for_28_days_after_the_due_date_to_midnight_in_london() {
    assert_shown_until_midnight("UCPP", 28, &TestService::new());
}

#[test]
fn how_long_plans_are_shown_is_a_setting() {
    let service = || {
        TestService::with(|settings| {
            settings.window_after_end_days = 10;
            settings.window_after_due_date_days = 0;
        })
    };
    assert_shown_until_midnight("CPP", 10, &service());
    assert_shown_until_midnight("UCPP", 0, &service());
}

#[test]
fn of_several_plans_each_is_shown_for_its_own_window() {
    let service = TestService::new();
    service.tell(&[
        a_plan().from("2025-01-01").until("2025-11-23"),
        a_plan().kind("CLA").from("2025-02-01").until("2025-11-24"),
        a_plan().kind("UCPP").from("2026-01-01").until("2026-10-27"),
    ]);
    service.tell(&[a_plan().of("E90002").local_id("S-1").from("2026-02-01")]);
    for (now, total) in [
        ("2026-11-22T12:00:00Z", 4),
        ("2026-11-23T00:00:00Z", 3),
        ("2026-11-24T00:00:00Z", 2),
        ("2026-11-25T00:00:00Z", 1),
    ] {
        service.clock.set(now.parse().unwrap());
        assert_eq!(service.find("Flag", NUMBER, &[]).total(), total, "{now}");
    }
}

#[test]
fn only_authorities_with_a_plan_still_shown_are_told_of_a_look() {
    let service = TestService::new();
    service.tell(&[a_plan().from("2025-01-01").until("2025-11-23")]);
    service.tell(&[a_plan().of("E90002").local_id("S-1")]);
    service.clock.set("2026-11-23T00:00:00Z".parse().unwrap());
    service.find("Flag", NUMBER, &[]);
    let southmere = "select count(*) from notifications n join authorities a \
                     on a.id = n.authority_id where a.code = 'E90002'";
    assert_eq!(service.number(southmere), 1);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_withdrawn_plan_is_shown_nowhere_at_once_and_is_kept() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let flag = service.find("Flag", NUMBER, &[]).ids().remove(0);
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    for resource in ["Flag", "EpisodeOfCare", "Patient", "AuditEvent"] {
        assert_eq!(service.find(resource, NUMBER, &[]).total(), 0, "{resource}");
    }
    for path in [format!("Flag/{flag}"), format!("EpisodeOfCare/{flag}")] {
        service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
    }
    let kept = "select count(*) from plan_versions where deleted_on is null";
    assert_eq!(service.number(kept), 1);
    let withdrawn = "select count(*) from plans where deleted_on = '2026-11-22'";
    assert_eq!(service.number(withdrawn), 1);
    assert_eq!(
        service.notifications(),
        1,
        "nobody is told of what is hidden"
    );
}

#[test]
fn a_plan_without_an_end_or_with_a_later_one_ends_on_the_eighteenth_birthday_and_says_so() {
    let service = TestService::new();
    let leap = |number: &str| a_plan().child(number).local_id(number).born("2012-02-29");
    service.tell(&[
        a_plan().local_id("1"),
        a_plan()
            .local_id("2")
            .child("9990000034")
            .until("2040-01-01"),
        a_plan()
            .local_id("3")
            .child("9990000042")
            .until("2033-04-01"),
        leap("9990000050").kind("CLA"),
        leap("9990000069").until("2030-03-02"),
    ]);
    for (number, end, computed) in [
        (NUMBER, "2033-04-01", true),
        ("9990000034", "2033-04-01", true),
        ("9990000042", "2033-04-01", false),
        ("9990000050", "2030-03-01", true),
        ("9990000069", "2030-03-01", true),
    ] {
        for resource in ["Flag", "EpisodeOfCare"] {
            let found = service.find(resource, number, &[]).matches();
            let period = &found[0]["period"];
            assert_eq!(period["end"], end, "{resource} {number}");
            let mark = &period["extension"][0];
            assert_eq!(mark["valueBoolean"] == true, computed);
            assert_eq!(period.get("extension").is_some(), computed);
        }
    }
    let flag = &service.find("Flag", NUMBER, &[]).matches()[0];
    let words = flag["text"]["div"].as_str().unwrap();
    assert!(words.contains("1 April 2033 (18th birthday)"), "{words}");
}

#[test]
fn a_plan_that_has_not_begun_is_shown_as_planned() {
    let service = TestService::new();
    service.tell(&[a_plan().from("2026-11-23").until("2027-11-23")]);
    let flag = &service.find("Flag", NUMBER, &[]).matches()[0];
    assert_eq!(flag["status"], "active", "it is to be displayed");
    assert_eq!(flag["period"]["start"], "2026-11-23");
    let episode = &service.find("EpisodeOfCare", NUMBER, &[]).matches()[0];
    assert_eq!(episode["status"], "planned");
}

/// One plan of each kind, and one of another authority's.
fn told_plans() -> ([PlanLine; 3], PlanLine) {
    (
        [
            a_plan().until("2026-12-31"),
            a_plan().kind("CLA"),
            a_plan().kind("UCPP").until("2027-02-01"),
        ],
        a_plan().of("E90002").local_id("S-1").from("2026-02-01"),
    )
}

#[test]
fn a_flag_and_its_episode_state_the_same_facts() {
    let service = TestService::new();
    let (ours, theirs) = told_plans();
    service.tell(&ours);
    service.tell(&[theirs]);
    let flags = service.find("Flag", NUMBER, &[]).matches();
    let episodes = service.find("EpisodeOfCare", NUMBER, &[]).matches();
    assert_eq!((flags.len(), episodes.len()), (4, 4));
    for (flag, episode) in flags.iter().zip(&episodes) {
        assert_eq!(flag["id"], episode["id"]);
        assert_eq!(flag["identifier"], episode["identifier"]);
        assert_eq!(flag["code"], episode["type"][0]);
        assert_eq!(flag["period"], episode["period"]);
        assert_eq!(flag["subject"], episode["patient"]);
        assert_eq!(flag["author"], episode["managingOrganization"]);
        assert_eq!(flag["meta"]["security"], episode["meta"]["security"]);
        let detail = &flag["extension"][0]["valueReference"]["reference"];
        let expected = format!("EpisodeOfCare/{}", episode["id"].as_str().unwrap());
        assert_eq!(detail, expected.as_str());
    }
}

#[test]
fn a_flag_tells_kind_days_authority_and_telephone_and_nothing_else() {
    let service = TestService::new();
    let (ours, _) = told_plans();
    service.tell(&ours);
    let mut told = BTreeSet::new();
    for flag in service.find("Flag", NUMBER, &[]).matches() {
        told.extend(flag.as_object().unwrap().keys().cloned());
        let words = flag["text"]["div"].as_str().unwrap();
        assert!(words.contains("Northshire Council (E90001)"));
        assert!(words.contains("Emergency duty team: 01632960001"));
        assert!(!words.contains(NUMBER) && !words.contains("2015"));
        assert!(!flag.to_string().contains("2015-04-01"), "no date of birth");
    }
    let allowed = [
        "author",
        "category",
        "code",
        "extension",
        "id",
        "identifier",
        "meta",
        "period",
        "resourceType",
        "status",
        "subject",
        "text",
    ];
    assert_eq!(told, allowed.map(str::to_owned).into());
}

#[test]
fn no_header_of_any_answer_holds_an_nhs_number() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().kind("CLA")]);
    let id = |kind: &str| service.find(kind, NUMBER, &[]).ids().remove(0);
    let paged = service.find("Flag", NUMBER, &[("_count", "1")]);
    let answers = [
        service.get(&format!("Flag?patient={NUMBER}")),
        service.get(&format!("Patient/{NUMBER}/Flag")),
        service.get(&format!("Patient/{NUMBER}")),
        service.get(&format!("Flag?patient={NUMBER}&status:exact=x")),
        service.get(&format!("{NUMBER}/{NUMBER}?{NUMBER}={NUMBER}")),
        service.get(&format!("Flag/{}", id("Flag"))),
        service.get(&format!("Patient/{}", id("Patient"))),
        service.find("AuditEvent", NUMBER, &[]),
        service.get(&paged.link("next").unwrap()),
        paged,
    ];
    for answer in &answers {
        for (name, value) in &answer.headers {
            assert!(!value.contains(NUMBER), "{name}");
        }
    }
    let refusals = answers.iter().filter(|answer| answer.status >= 400);
    for refusal in refusals {
        assert!(!refusal.text.contains(NUMBER), "{}", refusal.status);
    }
}
