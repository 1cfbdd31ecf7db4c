//! The one search without a child: what is held for an authority, as FHIR tells it to its own
//! system (`held_plans`, `search_episodes_of_care`).

use std::collections::HashSet;

use cpis_fhir::sandbox::role::SandboxRole::{Clinician, LocalAuthority, SecondLocalAuthority};
use serde_json::Value;

use crate::support::{Answer, PlanLine, TestService, a_plan, nhs, nhs_numbers};

const BY_CODE: &str = "organization:identifier=https://fhir.nhs.uk/Id/ods-organization-code|";

fn of(code: &str) -> String {
    format!("EpisodeOfCare?{BY_CODE}{code}")
}

/// Two authorities with a plan each for the same child, and others of their own.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[
        a_plan().local_id("H-1"),
        a_plan()
            .child("9990000034")
            .local_id("H-2")
            .until("2026-11-21"),
        a_plan().child("9990000042").local_id("H-3"),
        a_plan()
            .child("9990000050")
            .local_id("H-4")
            .from("2026-12-01"),
    ]);
    service.tell(&[a_plan()
        .child("9990000042")
        .local_id("H-3")
        .withdrawn("2026-11-20")]);
    service.tell(&[
        a_plan().of("E90002").local_id("S-1"),
        a_plan().of("E90002").child("9990000069").local_id("S-2"),
    ]);
    service
}

fn told(answer: &Answer) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let matches = answer.matches().into_iter();
    matches
        .map(|episode| {
            assert!(
                episode["meta"]["profile"][0]
                    .as_str()
                    .unwrap()
                    .ends_with("episode-of-care")
            );
            let id = text(&episode["identifier"][0]["value"]);
            format!("{id} {}", text(&episode["status"]))
        })
        .collect()
}

#[test]
fn an_authority_finds_its_own_plans_in_every_state_and_nothing_of_anothers() {
    let service = service();
    let own = service.ask_as(LocalAuthority, "GET", &of("E90001"), "");
    assert_eq!(own.total(), 4);
    let expected = [
        "H-1 active",
        "H-2 finished",
        "H-3 entered-in-error",
        "H-4 planned",
    ];
    assert_eq!(told(&own), expected);
    assert!(!own.text.contains("E90002") && !own.text.contains("S-1"));
    let others = service.ask_as(SecondLocalAuthority, "GET", &of("E90002"), "");
    assert_eq!(told(&others), ["S-1 active", "S-2 active"]);
    assert!(!others.text.contains("E90001") && !others.text.contains("H-1"));
    assert_eq!(
        service.readings(),
        [
            "E90001 held-plans 4 upload-system-E90001",
            "E90002 held-plans 2 upload-system-E90002",
        ]
    );
    assert_eq!((service.accesses(), service.notifications()), (0, 0));
}

#[test]
fn it_may_be_posted_and_asked_for_in_xml_and_for_the_total_alone() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = format!("{BY_CODE}E90001&_count=2");
    let posted = service.ask("POST", "EpisodeOfCare/_search", &headers, form.as_bytes());
    assert_eq!(told(&posted), ["H-1 active", "H-2 finished"]);
    let rest = service.ask_as(LocalAuthority, "GET", &posted.link("next").unwrap(), "");
    assert_eq!(told(&rest), ["H-3 entered-in-error", "H-4 planned"]);
    assert_eq!(rest.link("next"), None);
    let xml = format!("{}&_format=xml", of("E90001"));
    let xml = service.ask_as(LocalAuthority, "GET", &xml, "");
    assert!(xml.text.contains("<status value=\"entered-in-error\"/>"));
    let none = format!("{}&_count=0", of("E90001"));
    let none = service.ask_as(LocalAuthority, "GET", &none, "");
    assert_eq!((none.total(), none.matches().len()), (4, 0));
}

#[test]
fn anothers_code_a_child_and_no_code_at_all_are_refused_and_on_record() {
    let service = service();
    for (role, path) in [
        (LocalAuthority, of("E90002")),
        (SecondLocalAuthority, of("E90001")),
        (LocalAuthority, format!("{}&{BY_CODE}E90002", of("E90001"))),
        (LocalAuthority, format!("{},E90002", of("E90001"))),
        (
            LocalAuthority,
            "EpisodeOfCare?organization:identifier=https://a.example|E90001".into(),
        ),
    ] {
        let answer = service.ask_as(role, "GET", &path, "");
        answer.refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.refused_for("another-authority"), 5);
    let child = nhs("9990000026");
    for path in [
        "EpisodeOfCare".to_owned(),
        format!("EpisodeOfCare?patient:identifier={child}"),
        format!("{}&patient:identifier={child}", of("E90001")),
        "Patient/9990000026/EpisodeOfCare".to_owned(),
        format!("Flag?{BY_CODE}E90001"),
    ] {
        let answer = service.ask_as(LocalAuthority, "GET", &path, "");
        answer.refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.refused_for("unattended"), 5);
    let person = service.ask_as(Clinician, "GET", &of("E90001"), "");
    person.refusal(400, "MISSING_VALUE");
    assert!(service.readings().is_empty());
    assert_eq!(service.accesses(), 0);
}

#[test]
fn what_would_narrow_it_is_refused_and_a_link_is_its_own_authoritys_and_its_own_paths() {
    let service = service();
    for more in [
        "status=active",
        "type=a",
        "_include=*",
        "_summary=true",
        "_sort=date",
    ] {
        let path = format!("{}&{more}", of("E90001"));
        let answer = service.ask_as(LocalAuthority, "GET", &path, "");
        answer.refusal(400, "UNSUPPORTED_SERVICE");
    }
    let first = format!("{}&_count=1", of("E90001"));
    let link = service
        .ask_as(LocalAuthority, "GET", &first, "")
        .link("next")
        .unwrap();
    let sealed = link.split_once("_page=").unwrap().1;
    service
        .ask_as(SecondLocalAuthority, "GET", &link, "")
        .refusal(410, "INVALID_SEARCH_DATA");
    service
        .ask_as(
            LocalAuthority,
            "GET",
            &format!("$held-plans?_page={sealed}"),
            "",
        )
        .refusal(410, "INVALID_SEARCH_DATA");
    let childs = service.ask_as(Clinician, "GET", &link, "");
    childs.refusal(410, "INVALID_SEARCH_DATA");
}

#[test]
fn ten_thousand_plans_are_paged_without_loss_or_repetition_while_an_upload_changes_them() {
    let service = TestService::with(|settings| settings.page_size_max = 1000);
    let plan = |(place, number): (usize, String)| {
        a_plan().child(&number).local_id(&format!("H-{place:05}"))
    };
    let mut plans: Vec<PlanLine> = nhs_numbers().take(10_100).enumerate().map(plan).collect();
    let new = plans.split_off(10_000);
    service.tell(&plans);
    let (mut found, mut changed): (Vec<String>, usize) = (Vec::new(), 0);
    let mut next = Some(of("E90001"));
    while let Some(path) = next {
        let answer = service.ask_as(LocalAuthority, "GET", &path, "");
        assert_eq!(answer.status, 200, "{}", answer.text);
        let plans_told = answer.matches();
        found.extend(
            plans_told
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        let is_changed = |one: &&Value| one["meta"]["versionId"].as_str().unwrap().starts_with('2');
        changed += plans_told.iter().filter(is_changed).count();
        next = answer.link("next");
        if found.len() == 5000 {
            let every_tenth = plans.iter().step_by(10).cloned();
            let told: Vec<PlanLine> = every_tenth.map(|plan| plan.until("2030-01-31")).collect();
            service.tell(&[told, new.clone()].concat());
        }
    }
    let once: HashSet<&String> = found.iter().collect();
    assert_eq!(once.len(), found.len());
    // The new ones come after the place where the pages were, by their identifiers.
    assert_eq!((found.len(), changed), (10_100, 500));
}
