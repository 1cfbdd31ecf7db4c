//! Budgets: whoever tries NHS numbers is refused, in every process, and somebody is told.

use chrono::TimeDelta;
use cpis_fhir::settings::Settings;

use crate::support::{Answer, TestService, a_plan, errors, nhs, nhs_numbers_from, program, words};

/// The `which`th number that no child of these tests has, far from the last.
fn stranger(which: u64) -> String {
    nhs_numbers_from(999_100_000 + which * 137).next().unwrap()
}

fn few(settings: &mut Settings) {
    settings.budgets.person_children_max = 10;
    settings.budgets.person_misses_max = 5;
}

fn look(service: &TestService, number: &str) -> Answer {
    service.post_form(
        "Flag/_search",
        &format!("patient:identifier={}", nhs(number)),
    )
}

#[test]
fn the_look_after_the_last_of_a_budget_is_429_with_a_time_and_with_nothing_of_the_child() {
    let service = TestService::with(few);
    for which in 0..5 {
        assert_eq!(look(&service, &stranger(which)).total(), 0);
    }
    let accesses = service.accesses();
    let answer = look(&service, &stranger(5));
    let issue = answer.refusal(429, "TOO_MANY_REQUESTS");
    assert_eq!(issue["code"], "throttled");
    assert_eq!(answer.header("retry-after"), Some("3600"));
    assert!(
        answer
            .text
            .contains("nothing is known of this child either way")
    );
    assert!(!answer.text.contains(&stranger(5)));
    assert_eq!(service.accesses(), accesses);
    // What was looked at before can be looked at again.
    assert_eq!(look(&service, &stranger(0)).total(), 0);
    service.clock.advance(TimeDelta::hours(1));
    assert_eq!(look(&service, &stranger(6)).total(), 0);
}

#[test]
fn a_look_that_finds_a_plan_spends_nothing_of_the_budget_for_misses() {
    let service = TestService::with(few);
    let child = "9990000026";
    service.tell(&[a_plan().child(child)]);
    for which in 0..4 {
        assert_eq!(look(&service, &stranger(which)).total(), 0);
    }
    assert_eq!(look(&service, child).total(), 1);
    assert_eq!(look(&service, &stranger(4)).total(), 0);
    assert_eq!(look(&service, &stranger(5)).status, 429);
}

#[test]
fn a_refused_look_is_in_the_security_log_and_a_finding_is_there_for_the_operator() {
    let service = TestService::with(few);
    for which in 0..7 {
        look(&service, &stranger(which));
    }
    let logged = "select count(*) from security_log where reason = 'over-budget' \
                  and route = 'search-type' and practitioner_id = '555000000101' \
                  and organisation_code = 'RQX99' and address = '127.0.0.1'";
    assert_eq!(service.number(logged), 2);
    service.share_looks();
    let found = "select kind || ' ' || holder || ' ' || key || ' ' || count from look_findings \
                 order by found_at, kind";
    let person = "person 555000000101";
    let expected = [
        format!("near-budget {person} 4"),
        format!("spent-budget {person} 5"),
    ];
    assert_eq!(service.texts(found), expected);
    let of_a_child = format!(
        "select count(*) from look_findings f where f::text like '%{}%'",
        stranger(3)
    );
    assert_eq!(service.number(&of_a_child), 0);
}

#[test]
fn what_was_spent_in_one_process_is_spent_in_the_next() {
    let service = TestService::with(few);
    let other = service.beside();
    for which in 0..4 {
        assert_eq!(look(&service, &stranger(which)).total(), 0);
    }
    service.share_looks();
    // The other process hears of it with the first look that it shares itself.
    assert_eq!(look(&other, &stranger(4)).total(), 0);
    other.share_looks();
    assert_eq!(look(&other, &stranger(5)).status, 429);
    service.share_looks();
    assert_eq!(look(&service, &stranger(6)).total(), 0);
    service.share_looks();
    assert_eq!(look(&service, &stranger(7)).status, 429);
}

#[test]
fn a_batch_is_refused_look_by_look() {
    let service = TestService::with(few);
    let entries: Vec<_> = (0..7)
        .map(|which| {
            let url = format!("Flag?patient:identifier={}", nhs(&stranger(which)));
            serde_json::json!({ "request": { "method": "GET", "url": url } })
        })
        .collect();
    let batch = serde_json::json!({ "resourceType": "Bundle", "type": "batch", "entry": entries });
    let bearer = format!(
        "Bearer {}",
        service.token(cpis_fhir::sandbox::role::SandboxRole::Clinician)
    );
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let entries = answer.json()["entry"].as_array().unwrap().clone();
    let statuses: Vec<&str> = entries
        .iter()
        .map(|entry| &entry["response"]["status"].as_str().unwrap()[..3])
        .collect();
    assert_eq!(statuses, ["200", "200", "200", "200", "200", "429", "429"]);
}

#[test]
fn numbers_in_a_row_are_refused_after_the_tenth() {
    let service = TestService::with(|settings| settings.budgets.person_row_max = 10);
    let statuses: Vec<u16> = nhs_numbers_from(999_500_000)
        .take(30)
        .map(|number| look(&service, &number).status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10);
    assert_eq!(statuses.get(10), Some(&429));
}

#[test]
fn the_operator_lists_findings_and_closes_them_with_what_came_of_them() {
    let service = TestService::with(few);
    for which in 0..7 {
        look(&service, &stranger(which));
    }
    service.share_looks();
    let run = |arguments: &[&str]| {
        let output = program(arguments)
            .env("OWNER_DATABASE_URL", service.owner_url())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        words(&output)
    };
    let since = ["--since", "2026-11-22T00:00:00Z"];
    let listed = run(&["findings", "list", since[0], since[1]]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(
        lines[1].contains(",near-budget,person,555000000101,4,"),
        "{listed}"
    );
    let id = lines[1].split(',').next().unwrap();
    run(&["findings", "close", id, "--outcome", "a list of a ward"]);
    let open = run(&["findings", "list", since[0], since[1]]);
    assert_eq!(open.lines().count(), 2, "{open}");
    let all = run(&["findings", "list", "--all", since[0], since[1]]);
    assert!(all.contains("a list of a ward"), "{all}");
}

/// Two thousand people of twenty departments, each of whom sees between 8 and 17 children of a day,
/// and twenty of them, one in each department, 40 others too.
const A_DAY: &str = "insert into accesses select number, moment, gen_random_uuid(), \
    gen_random_uuid(), 'search-type', 'Flag', 'epr', organisation, 'O', person, 'P', 'r', 'R8000', \
    'J', 'unscheduled' from ( \
    select (person * 60 + child) * 20 as seed, 'RQ' || (person % 20 + 10) as organisation, \
    person::text as person, \
    timestamptz '2026-11-21 08:00Z' + make_interval(mins => child * 7) as moment \
    from generate_series(1, 2000) person cross join lateral generate_series(1, \
    8 + person * 7919 % 10 + case when person <= 20 then 40 else 0 end) child) looks \
    cross join lateral (select n as number from generate_series(9990000000 + seed, \
    9990000000 + seed + 19) n where is_nhs_number(n) limit 1) numbers";

#[test]
fn of_two_thousand_people_the_twenty_who_browse_are_found_and_at_most_ten_others() {
    let service = TestService::new();
    service.execute(A_DAY);
    let day = "2026-11-21".parse().unwrap();
    let found = service.review_looks(day);
    let browsers = "select count(*) from look_findings where kind = 'many-children' \
                    and key::integer <= 20";
    assert_eq!(service.number(browsers), 20);
    assert!(found <= 30, "{found}");
    // Another process finds the same, once.
    service.review_looks(day);
    let kept = service.number("select count(*) from look_findings");
    assert_eq!(usize::try_from(kept).unwrap(), found);
}

#[test]
fn clinics_at_night_and_one_child_again_and_again_are_found() {
    let service = TestService::new();
    let looks = |person: &str, number: &str, moment: &str, care: &str| {
        service.execute(&format!(
            "insert into accesses values ({number}, '{moment}', gen_random_uuid(), \
             gen_random_uuid(), 'read', 'a', 'c', 'RQX99', 'O', '{person}', 'P', '2', 'R8000', \
             'J', '{care}')"
        ));
    };
    let numbers: Vec<String> = nhs_numbers_from(999_600_000).take(6).collect();
    for number in &numbers {
        looks("night-clinic", number, "2026-11-21T02:00:00Z", "scheduled");
        looks("night-nurse", number, "2026-11-21T02:00:00Z", "unscheduled");
        looks("day-clinic", number, "2026-11-21T12:00:00Z", "scheduled");
    }
    let (own, shared) = (stranger(1), stranger(2));
    for day in 10..18 {
        let moment = format!("2026-11-{day}T12:00:00Z");
        looks("neighbour", &own, &moment, "unscheduled");
        looks("ward-doctor", &shared, &moment, "unscheduled");
        looks("ward-nurse", &shared, &moment, "unscheduled");
    }
    assert_eq!(service.review_looks("2026-11-21".parse().unwrap()), 2);
    let found = "select kind || ' ' || key || ' ' || count from look_findings order by kind";
    assert_eq!(
        service.texts(found),
        ["out-of-hours night-clinic 6", "repeated-views neighbour 8"]
    );
}
