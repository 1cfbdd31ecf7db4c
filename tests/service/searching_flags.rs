//! An electronic patient record asks about a child: `search_flags`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";

#[test]
fn a_childs_plan_is_found_as_a_flag_by_nhs_number() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let answer = service.find("Flag", NUMBER, &[]);
    assert_eq!(answer.total(), 1);
    let flag = &answer.matches()[0];
    assert_eq!(flag["code"]["coding"][0]["code"], "342191000000101");
    assert_eq!(flag["author"]["display"], "Northshire Council (E90001)");
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 1);
}

#[test]
fn a_child_without_a_plan_is_answered_with_an_empty_searchset_and_the_access_is_recorded() {
    let service = TestService::new();
    let answer = service.find("Flag", NUMBER, &[]);
    assert_eq!(answer.total(), 0);
    assert!(answer.json().get("entry").is_none());
    assert!(answer.link("self").is_some() && answer.link("next").is_none());
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 0);
}

#[test]
fn a_child_with_plans_of_two_authorities_has_a_flag_for_each_with_its_own_author() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().kind("CLA").of("E90002").local_id("S-7")]);
    let answer = service.find("Flag", NUMBER, &[]);
    assert_eq!(answer.total(), 2);
    let mut told: Vec<(String, String)> = answer
        .matches()
        .iter()
        .map(|flag| {
            let words = |at: &str| flag.pointer(at).unwrap().as_str().unwrap().to_owned();
            (words("/code/coding/0/code"), words("/author/display"))
        })
        .collect();
    told.sort();
    let expected = [
        ("342191000000101", "Northshire Council (E90001)"),
        ("764841000000100", "Southmere Borough Council (E90002)"),
    ];
    assert_eq!(
        told,
        expected.map(|(code, author)| (code.into(), author.into()))
    );
    assert_eq!(service.notifications(), 2);
}

#[test]
fn an_unborn_childs_plan_is_found_under_its_mothers_number_whatever_her_age() {
    let service = TestService::new();
    let unborn = a_plan().kind("UCPP").from("2026-09-01").until("2027-02-01");
    service.tell(&[unborn.clone().born("1978-05-06")]);
    service.tell(&[unborn
        .child("9990000034")
        .local_id("H-2")
        .born("2010-05-06")]);
    for mother in [NUMBER, "9990000034"] {
        let answer = service.find("Flag", mother, &[]);
        assert_eq!(answer.total(), 1);
        let flag = &answer.matches()[0];
        assert_eq!(flag["code"]["coding"][0]["code"], "818901000000100");
        assert_eq!(flag["period"]["end"], "2027-02-01");
        assert_eq!(flag["subject"]["identifier"]["value"], mother);
    }
}

#[test]
fn nothing_is_told_of_any_other_child() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().child("9990000034").local_id("H-2")]);
    let answer = service.find("Flag", NUMBER, &[]);
    assert_eq!(answer.total(), 1);
    assert!(!answer.text.contains("9990000034"));
    assert_eq!(
        service.number("select count(*) from accesses where nhs_number = 9990000034"),
        0
    );
}

#[test]
fn the_author_and_the_child_come_along_when_asked_for_and_are_not_counted() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().kind("CLA")]);
    let more = [("_include", "Flag:author"), ("_include", "Flag:patient")];
    let answer = service.find("Flag", NUMBER, &more);
    assert_eq!(answer.total(), 2);
    let included = answer.entries("include");
    assert_eq!(included.len(), 2, "each is told once, however many refer");
    let of = |kind: &str| included.iter().find(|r| r["resourceType"] == kind).unwrap();
    let authority = of("Organization");
    assert_eq!(authority["name"], "Northshire Council");
    let emergency = &authority["contact"][0]["telecom"][0]["value"];
    assert_eq!(emergency, "01632960001");
    let child = of("Patient");
    assert_eq!(child["identifier"][0]["value"], NUMBER);
    for flag in answer.matches() {
        let author = flag["author"]["reference"].as_str().unwrap();
        assert!(author.ends_with(authority["id"].as_str().unwrap()));
        let subject = flag["subject"]["reference"].as_str().unwrap();
        assert!(subject.ends_with(child["id"].as_str().unwrap()));
    }
}

#[test]
fn every_entry_has_an_absolute_url_and_says_why_it_is_there() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let answer = service.find("Flag", NUMBER, &[("_include", "Flag:author")]);
    let bundle = answer.json();
    for entry in bundle["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        let (kind, id) = (&resource["resourceType"], &resource["id"]);
        let expected = format!(
            "{}/{}/{}",
            service.base,
            kind.as_str().unwrap(),
            id.as_str().unwrap()
        );
        assert_eq!(entry["fullUrl"], expected.as_str());
        let mode = if kind == "Flag" { "match" } else { "include" };
        assert_eq!(entry["search"]["mode"], mode);
    }
}

#[test]
fn an_answer_about_a_child_may_not_be_kept_by_anybody_on_the_way() {
    let service = TestService::new();
    let answer = service.find("Flag", NUMBER, &[]);
    let expected = "application/fhir+json; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(expected));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn children_cannot_be_listed() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for query in [
        "",
        "status=active",
        "date=ge2026",
        "author=Organization/1",
        "_lastUpdated=gt2020",
        "patient=",
        "patient:identifier=",
        "identifier=H-1",
        "_count=10",
        "foo=bar",
        "PATIENT=9990000026",
    ] {
        let issue = service
            .get(&format!("Flag?{query}"))
            .refusal(400, "MISSING_VALUE");
        assert_eq!(issue["code"], "required", "{query}");
        let posted = service.post_form("Flag/_search", query);
        posted.refusal(400, "MISSING_VALUE");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_silent_read_is_recorded_and_nobody_told() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let midwife = service.token(SandboxRole::ScheduledClinician);
    let answer = service.find_as(&midwife, "Flag", NUMBER);
    assert_eq!(answer.total(), 1);
    assert_eq!(service.accesses(), 1);
    assert_eq!(service.notifications(), 0);
}

#[test]
fn a_posted_body_that_is_no_form_is_refused() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let body = form(&[("patient:identifier", &nhs(NUMBER))]);
    for content_type in ["application/json", "text/plain", "multipart/form-data"] {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", content_type),
        ];
        let answer = service.ask("POST", "Flag/_search", &headers, body.as_bytes());
        answer.refusal(415, "UNSUPPORTED_SERVICE");
    }
    let headers = [
        ("authorization", bearer.as_str()),
        (
            "content-type",
            "Application/X-WWW-Form-URLencoded; charset=UTF-8",
        ),
    ];
    let answer = service.ask("POST", "Flag/_search", &headers, body.as_bytes());
    assert_eq!(answer.total(), 1);
}
