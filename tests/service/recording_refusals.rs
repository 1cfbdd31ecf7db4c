//! The security log: every refusal of who asks is in it, by `issue_token` too; nobody fills it; and
//! the operator lists and counts what is in it.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, TestService, a_client, errors, program, runtime, words};

const SEARCH: &str = "Flag?patient=9990000026";
const LOGGED: &str = "select concat_ws(' ', request_id, reason, coalesce(client_id, '-'), \
                      coalesce(organisation_code, '-'), times) from security_log order by id";

/// The request's id as the answer repeats it.
fn request_id(answer: &Answer) -> String {
    answer.header("x-request-id").unwrap().to_owned()
}

fn few() -> TestService {
    TestService::with(|settings| {
        settings.refusals.stranger_refusals_max = 5;
        settings.refusals.client_refusals_max = 3;
    })
}

#[test]
fn every_refusal_of_the_token_endpoint_is_on_record_with_its_request_and_whoever_was_proven() {
    let service = TestService::new();
    service.register_client(&a_client("la", &["E90001"], &["plans.upload"]));
    service.register_client(&a_client("epr", &[], &["user/*.rs"]));
    let good = service.assertion("la", "1");
    assert_eq!(service.ask_for_token(&good, &[]).status, 200);
    let asked = [
        (service.ask_for_token("a.b", &[]), "token-unreadable - -"),
        (
            service.ask_for_token(&service.assertion("nobody", "1"), &[]),
            "unknown-client - -",
        ),
        (
            service.ask_for_token(&format!("{good}A"), &[]),
            "token-signature - -",
        ),
        (
            service.ask_for_token(&good, &[("grant_type", "password")]),
            "invalid-request - -",
        ),
        (
            service.ask_for_token(&good, &[]),
            "assertion-used-before la E90001",
        ),
        (
            service.ask_for_token(
                &service.assertion("la", "2"),
                &[("scope", "system/Flag.rs")],
            ),
            "invalid-scope la E90001",
        ),
        (
            service.exchange(&service.assertion("epr", "1"), "a.b.c", &[]),
            "invalid-grant epr -",
        ),
        (
            service.ask_for_token(&service.assertion("epr", "2"), &[]),
            "unauthorized-client epr -",
        ),
    ];
    let mut expected: Vec<String> = asked
        .iter()
        .map(|(answer, why)| format!("{} {why} 1", request_id(answer)))
        .collect();
    let mut logged = service.texts(LOGGED);
    logged.sort();
    expected.sort();
    assert_eq!(logged, expected);
}

#[test]
fn who_proves_nothing_fills_the_log_no_faster_than_is_allowed_and_is_counted_beyond() {
    let service = few();
    service.register_client(&a_client("la", &["E90001"], &["plans.upload"]));
    for _ in 0..40 {
        assert_eq!(service.ask("GET", SEARCH, &[], b"").status, 401);
        assert_eq!(service.ask_for_token("a.b", &[]).status, 401);
    }
    let rows = service.number("select count(*) from security_log");
    assert_eq!(rows, 5);
    // A client that is known has its own measure.
    let token = service.token(SandboxRole::LocalAuthority);
    for _ in 0..7 {
        assert_eq!(service.get_as(&token, SEARCH).status, 403);
    }
    let rows = "select count(*) from security_log where client_id is not null";
    assert_eq!(service.number(rows), 3);
    service.clock.advance(TimeDelta::minutes(1));
    let now = service.now();
    let added = service.within.security_log.add_counted(now);
    runtime().block_on(added).unwrap();
    let counted = service.texts(
        "select concat_ws(' ', reason, coalesce(client_id, '-'), \
         coalesce(organisation_code, '-'), times) from security_log where request_id is null \
         order by reason",
    );
    let expected = [
        "no-token - - 37",
        "token-unreadable - - 38",
        "unattended upload-system-E90001 E90001 4",
    ];
    assert_eq!(counted, expected);
    assert_eq!(service.number("select sum(times) from security_log"), 87);
    // The next minute is a new one.
    assert_eq!(service.ask("GET", SEARCH, &[], b"").status, 401);
    assert_eq!(service.number("select sum(times) from security_log"), 88);
}

#[test]
fn the_operator_lists_refusals_by_time_and_counts_them_by_reason_client_and_organisation() {
    let service = TestService::new();
    service.ask("GET", SEARCH, &[], b"");
    for role in [SandboxRole::NoActivity, SandboxRole::LocalAuthority] {
        service.get_as(&service.token(role), SEARCH);
        service.get_as(&service.token(role), "Patient?identifier=9990000026");
    }
    let run = |arguments: &[&str]| {
        let since = ["--since", "2026-11-22T00:00:00Z"];
        let output = program(&[&["refusals"], arguments, &since[..]].concat())
            .env("OWNER_DATABASE_URL", service.owner_url())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        words(&output)
    };
    let all = run(&["list"]);
    assert_eq!(all.lines().count(), 6, "{all}");
    assert!(all.starts_with("at,request_id,route,reason,client,organisation,person,address,times"));
    assert!(all.contains(",GET /FHIR/R4/Flag,no-token,,,,1"), "{all}");
    let person = ",GET /FHIR/R4/Patient,no-view-activity,sandbox-epr,RQX99,555000000104,1";
    assert!(all.contains(person), "{all}");
    assert!(!all.contains("9990000026"), "{all}");
    let of_client = run(&[
        "list",
        "--client",
        "sandbox-epr",
        "--reason",
        "no-view-activity",
    ]);
    assert_eq!(of_client.lines().count(), 3, "{of_client}");
    let of_authority = run(&["list", "--organisation", "E90001"]);
    assert_eq!(of_authority.lines().count(), 3, "{of_authority}");
    let later = run(&["list", "--until", "2026-11-22T00:00:01Z"]);
    assert_eq!(later.lines().count(), 1, "{later}");
    let counted = run(&["count"]);
    let lines: Vec<&str> = counted.lines().collect();
    assert_eq!(lines.len(), 4, "{counted}");
    assert!(lines[1].starts_with("2,no-view-activity,sandbox-epr,RQX99,2026-11-22T12:00:00Z"));
    assert!(lines[2].starts_with("2,unattended,upload-system-E90001,E90001,"));
    assert!(lines[3].starts_with("1,no-token,,,"));
}
