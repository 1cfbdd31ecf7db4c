//! What is held for an authority, read back by its own system and by no other: `held_plans`.

use cpis_fhir::messages::{alert_reports_csv, child_accesses_csv, comparison_csv, held_plans_csv};
use cpis_fhir::sandbox::role::SandboxRole::{
    self, Clinician, LocalAuthority, NoActivity, SecondLocalAuthority,
};

use crate::support::{PlanLine, TestService, a_plan, file};

fn held(service: &TestService, role: SandboxRole) -> Vec<Vec<String>> {
    let mut lines = service.ask_as(role, "GET", "$held-plans", "").csv();
    assert_eq!(lines.remove(0), held_plans_csv::COLUMNS);
    lines
}

#[test]
fn every_column_is_described_where_authorities_read_of_it() {
    let page = include_str!("../../docs/reconciling.md");
    for column in held_plans_csv::COLUMNS
        .iter()
        .chain(&comparison_csv::COLUMNS)
        .chain(&child_accesses_csv::COLUMNS)
        .chain(&alert_reports_csv::COLUMNS)
    {
        assert!(page.contains(&format!("`{column}`")), "{column}");
    }
}

#[test]
fn a_plan_that_a_request_without_a_number_told_is_read_back_without_one() {
    let service = TestService::new();
    service.created(&a_plan());
    let told = held(&service, LocalAuthority).remove(0);
    let place = |name| {
        held_plans_csv::COLUMNS
            .iter()
            .position(|held| *held == name)
    };
    assert_eq!(told[place("file_sequence").unwrap()], "");
    assert_eq!(told[place("state").unwrap()], "current");
}

#[test]
fn an_authority_reads_back_its_plans_as_it_told_them_and_what_has_become_of_each() {
    let service = TestService::new();
    let plans = [
        a_plan().local_id("H-1"),
        a_plan()
            .child("9990000034")
            .local_id("H-2")
            .until("2026-11-21"),
        a_plan()
            .child("9990000042")
            .local_id("H-3")
            .kind("UCPP")
            .born("1998-02-20"),
        a_plan().child("9990000050").local_id("H-4"),
    ];
    let plans = plans.map(|plan| match plan.kind.as_str() {
        "UCPP" => plan.until("2027-02-03"),
        _ => plan,
    });
    service.tell(&plans);
    service.tell(&[plans[3].clone().withdrawn("2026-11-20")]);
    let of = |line: &[String]| line.join(",");
    let told: Vec<String> = held(&service, LocalAuthority)
        .iter()
        .map(|one| of(one))
        .collect();
    assert_eq!(
        told,
        [
            "CPP,9990000026,H-1,E90001,2015-04-01,2026-01-10,,,1,2033-04-01,true,2034-03-31,\
             2026-11-22T12:00:00.000Z,1,current",
            "CPP,9990000034,H-2,E90001,2015-04-01,2026-01-10,2026-11-21,,1,2026-11-21,false,\
             2027-11-20,2026-11-22T12:00:00.000Z,1,ended",
            "UCPP,9990000042,H-3,E90001,1998-02-20,2026-01-10,2027-02-03,,1,2027-02-03,false,\
             2027-03-03,2026-11-22T12:00:00.000Z,1,current",
            "CPP,9990000050,H-4,E90001,2015-04-01,2026-01-10,,2026-11-20,2,2033-04-01,true,,\
             2026-11-22T12:00:00.000Z,2,withdrawn",
        ]
    );
    assert_eq!(
        service.readings(),
        ["E90001 held-plans 4 upload-system-E90001"]
    );
    assert_eq!(service.accesses(), 0);
}

#[test]
fn no_authority_reads_back_anothers_plans_even_of_the_same_child() {
    let service = TestService::new();
    let both = |plan: PlanLine| [plan.clone(), plan.of("E90002").local_id("S-9")];
    for [first, second] in
        ["9990000026", "9990000034"].map(|child| both(a_plan().child(child).local_id(child)))
    {
        service.tell(&[first]);
        service.tell(&[second.local_id(&format!("S-{}", service.plans()))]);
    }
    for (role, own, others) in [
        (LocalAuthority, "E90001", "S-"),
        (SecondLocalAuthority, "E90002", "999"),
    ] {
        let told = held(&service, role);
        assert_eq!(told.len(), 2);
        assert!(
            told.iter()
                .all(|line| line[3] == own && !line[2].starts_with(others))
        );
        let compared = service.ask_as(
            role,
            "POST",
            "$compare-plans",
            &file(9, &[a_plan().of(own)]),
        );
        assert_eq!(compared.csv().len(), 1 + 3);
        assert!(
            compared
                .csv()
                .iter()
                .all(|line| !line[4].starts_with(others))
        );
    }
    let before = service.readings().len();
    let foreign = file(1, &[a_plan().of("E90002")]);
    let answer = service.ask_as(LocalAuthority, "POST", "$compare-plans", &foreign);
    answer.refusal(403, "ACCESS_DENIED");
    assert_eq!(service.refused_for("another-authority"), 1);
    assert_eq!(service.readings().len(), before);
}

#[test]
fn only_an_authoritys_own_system_reads_back_and_whoever_else_tries_is_on_record() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let asked = [("GET", "$held-plans"), ("POST", "$compare-plans")];
    for (method, path) in asked {
        service
            .ask(method, path, &[], b"")
            .refusal(401, "ACCESS_DENIED");
        for role in [Clinician, NoActivity] {
            let answer = service.ask_as(role, method, path, &file(2, &[a_plan()]));
            answer.refusal(403, "ACCESS_DENIED");
        }
        let stranger = service.token_saying(serde_json::json!({
            "sub": "s", "client_id": "s", "organisation": "E99999", "scope": "plans.upload",
        }));
        let bearer = format!("Bearer {stranger}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        let own = file(2, &[a_plan().of("E99999")]);
        let answer = service.ask(method, path, &headers, own.as_bytes());
        answer.refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.refused_for("not-a-local-authority"), 4);
    assert_eq!(service.refused_for("unknown-authority"), 2);
    assert!(service.readings().is_empty());
}

#[test]
fn nothing_is_read_back_that_cannot_be_put_on_record() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.execute("revoke insert on authority_readings from cpis_intake");
    for (method, path) in [("GET", "$held-plans"), ("POST", "$compare-plans")] {
        let answer = service.ask_as(LocalAuthority, method, path, &file(2, &[a_plan()]));
        answer.refusal(503, "UNABLE_TO_CALL_SERVICE");
        assert!(!answer.text.contains("9990000026"));
    }
    assert!(service.readings().is_empty());
}

#[test]
fn a_long_list_is_told_a_page_at_a_time_and_a_link_is_its_own_authoritys_alone() {
    let service = TestService::new();
    let plans: Vec<PlanLine> = [
        "9990000018",
        "9990000026",
        "9990000034",
        "9990000042",
        "9990000050",
    ]
    .iter()
    .map(|child| a_plan().child(child).local_id(child))
    .collect();
    service.tell(&plans);
    let mut next = Some("$held-plans?_count=2".to_owned());
    let (mut told, mut first_link) = (Vec::new(), None);
    while let Some(path) = next {
        let answer = service.ask_as(LocalAuthority, "GET", &path, "");
        told.extend(answer.csv().into_iter().skip(1).map(|line| line[2].clone()));
        let link = answer.next_file();
        first_link = first_link.or(link.clone());
        next = link;
    }
    let children: Vec<String> = plans.iter().map(|plan| plan.local_id.clone()).collect();
    assert_eq!(told, children);
    assert_eq!(service.readings().len(), 3);
    let link = first_link.unwrap();
    service
        .ask_as(SecondLocalAuthority, "GET", &link, "")
        .refusal(410, "INVALID_SEARCH_DATA");
    for bad in ["_page=nonsense", "_count=-1", "_count=1&_count=2"] {
        let answer = service.ask_as(LocalAuthority, "GET", &format!("$held-plans?{bad}"), "");
        assert!(matches!(answer.status, 400 | 410), "{bad}: {}", answer.text);
    }
    let head = service.ask_as(LocalAuthority, "HEAD", "$held-plans", "");
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(service.readings().len(), 4);
}
