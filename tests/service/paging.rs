//! Page links: sealed, short-lived, and of no use to whoever may not look: `search_flags`,
//! `search_audit_events`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, PlanLine, TestService, a_doctor, a_plan};

const NUMBER: &str = "9990000026";

/// Five plans of one child, from January to May.
fn five_plans() -> [PlanLine; 5] {
    ["01", "02", "03", "04", "05"].map(|month| a_plan().from(&format!("2026-{month}-01")))
}

fn service() -> TestService {
    let service = TestService::new();
    service.tell(&five_plans());
    service
}

fn by_twos(service: &TestService) -> Answer {
    service.find("Flag", NUMBER, &[("_count", "2")])
}

/// Every page from a first one on, each asked for as the clinician.
fn to_the_end(service: &TestService, first: Answer) -> Vec<Answer> {
    let mut pages = vec![first];
    while let Some(next) = pages.last().and_then(|page| page.link("next")) {
        assert!(pages.len() < 200, "the pages have no end");
        pages.push(service.get(&next));
    }
    pages
}

fn ids(pages: &[Answer]) -> Vec<String> {
    pages.iter().flat_map(Answer::ids).collect()
}

#[test]
fn the_links_lead_through_every_match_once_and_in_order() {
    let service = service();
    let all = service.find("Flag", NUMBER, &[]).ids();
    assert_eq!(all.len(), 5);
    for (count, sizes) in [
        ("1", vec![1, 1, 1, 1, 1]),
        ("2", vec![2, 2, 1]),
        ("5", vec![5]),
    ] {
        let first = service.find("Flag", NUMBER, &[("_count", count)]);
        let pages = to_the_end(&service, first);
        let told: Vec<usize> = pages.iter().map(|page| page.matches().len()).collect();
        assert_eq!(told, sizes);
        assert_eq!(ids(&pages), all);
        assert!(pages.iter().all(|page| page.total() == 5));
    }
}

#[test]
fn a_page_is_never_longer_than_the_setting() {
    let service = TestService::with(|settings| settings.page_size_max = 2);
    service.tell(&five_plans());
    for more in [vec![], vec![("_count", "100")]] {
        let pages = to_the_end(&service, service.find("Flag", NUMBER, &more));
        assert_eq!(pages.len(), 3);
        assert_eq!(ids(&pages).len(), 5);
    }
}

#[test]
fn no_link_but_the_first_pages_own_says_whom_it_is_about() {
    let service = service();
    let pages = to_the_end(&service, by_twos(&service));
    for (place, page) in pages.iter().enumerate() {
        let links = page.json()["link"].as_array().unwrap().clone();
        for link in links {
            let url = link["url"].as_str().unwrap();
            assert!(url.starts_with(&format!("{}/Flag?", service.base)));
            let is_own = place == 0 && link["relation"] == "self";
            assert_eq!(url.contains(NUMBER), is_own, "{place}");
        }
    }
    let again = service.get(&pages[1].link("self").unwrap());
    assert_eq!(again.ids(), pages[1].ids(), "a page's own link is good too");
}

#[test]
fn each_page_is_a_look_of_its_own_by_whoever_asks_for_it() {
    let service = service();
    let next = by_twos(&service).link("next").unwrap();
    let midwife = service.token(SandboxRole::ScheduledClinician);
    assert_eq!(service.get_as(&midwife, &next).matches().len(), 2);
    assert_eq!(service.accesses(), 2);
    let hers = "select count(*) from accesses where organisation_code = 'RYH99' \
                and asked = 'Flag?_page'";
    assert_eq!(service.number(hers), 1);
    service
        .ask("GET", &next, &[], b"")
        .refusal(401, "ACCESS_DENIED");
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        let answer = service.get_as(&service.token(role), &next);
        answer.refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.accesses(), 2);
}

#[test]
fn a_link_is_good_for_a_while_and_then_gone() {
    let service = service();
    let next = by_twos(&service).link("next").unwrap();
    service
        .clock
        .advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert_eq!(service.get(&next).matches().len(), 2);
    service.clock.advance(TimeDelta::seconds(1));
    let issue = service.get(&next).refusal(410, "INVALID_SEARCH_DATA");
    assert_eq!(issue["expression"][0], "_page");
    assert_eq!(service.accesses(), 2);
}

#[test]
fn a_link_that_was_changed_made_up_or_taken_elsewhere_is_gone() {
    let service = service();
    let next = by_twos(&service).link("next").unwrap();
    let sealed = next.split_once("_page=").unwrap().1;
    let (head, tail) = sealed.split_at(20);
    let changed = if tail.starts_with('A') { "B" } else { "A" };
    let elsewhere = TestService::new();
    elsewhere.tell(&five_plans());
    let others = by_twos(&elsewhere).link("next").unwrap();
    for link in [
        format!("Flag?_page={head}{changed}{}", &tail[1..]),
        format!("Flag?_page={head}"),
        format!("Flag?_page={sealed}A"),
        format!("Flag?_page={NUMBER}"),
        "Flag?_page=%00".to_owned(),
        format!("EpisodeOfCare?_page={sealed}"),
        format!("AuditEvent?_page={sealed}"),
        format!("Patient?_page={sealed}"),
        format!("Flag?{}", others.split_once('?').unwrap().1),
        // A link is for its own child, whoever is named beside it.
        format!("Patient/9990000034/Flag?_page={sealed}"),
        format!("Patient/{NUMBER}/Flag?_page={sealed}"),
        format!("Flag?patient=9990000018&_page={sealed}"),
        format!("Flag?_page={sealed}&subject:identifier=9990000034"),
    ] {
        service.get(&link).refusal(410, "INVALID_SEARCH_DATA");
    }
    assert_eq!(service.accesses(), 1);
}

#[test]
fn a_plan_withdrawn_meanwhile_is_on_no_later_page() {
    let service = service();
    let all = service.find("Flag", NUMBER, &[]).ids();
    let first = by_twos(&service);
    let withdrawn = a_plan().from("2026-03-01").withdrawn("2026-11-22");
    service.tell(&[withdrawn]);
    let pages = to_the_end(&service, first);
    let expected = [&all[0], &all[1], &all[3], &all[4]];
    assert_eq!(ids(&pages).iter().collect::<Vec<_>>(), expected);
}

#[test]
fn pages_of_a_child_whose_last_plan_went_meanwhile_are_empty() {
    let service = service();
    let first = by_twos(&service);
    service.tell(&five_plans().map(|plan| plan.withdrawn("2026-11-22")));
    let pages = to_the_end(&service, first);
    assert_eq!(pages.len(), 3);
    assert!(pages[1..].iter().all(|page| page.matches().is_empty()));
}

#[test]
fn a_plan_told_meanwhile_shifts_no_page() {
    let service = service();
    let all = service.find("Flag", NUMBER, &[]).ids();
    let first = by_twos(&service);
    service.tell(&[a_plan().from("2025-12-01"), a_plan().from("2026-02-15")]);
    assert_eq!(ids(&to_the_end(&service, first)), all);
    assert_eq!(service.find("Flag", NUMBER, &[]).total(), 7);
}

#[test]
fn a_history_is_paged_to_its_end_whoever_looks_meanwhile() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    for number in 1..=30 {
        let doctor = service.token_saying(a_doctor(number));
        service.find_as(&doctor, "Flag", NUMBER);
        service.clock.advance(TimeDelta::seconds(1));
    }
    let first = service.find("AuditEvent", NUMBER, &[("_count", "10")]);
    assert_eq!(first.total(), 25);
    let mut told = first.ids();
    let mut next = first.link("next");
    for number in 40.. {
        let Some(link) = next else { break };
        service.clock.advance(TimeDelta::seconds(1));
        let page = service.get_as(&service.token_saying(a_doctor(number)), &link);
        told.extend(page.ids());
        next = page.link("next");
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 25);
}

#[test]
fn the_longest_history_can_be_told_one_by_one() {
    let service = TestService::with(|settings| {
        settings.history_length = 100;
        settings.history_period_hours = 0;
    });
    service.tell(&[a_plan()]);
    for _ in 0..100 {
        service.find("Flag", NUMBER, &[]);
    }
    let first = service.find("AuditEvent", NUMBER, &[("_count", "1")]);
    assert_eq!(first.total(), 100);
    let second = service.get(&first.link("next").unwrap());
    assert_eq!(second.matches().len(), 1);
}
