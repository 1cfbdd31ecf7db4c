//! Thousands of requests put together by chance from right and wrong parts, always the same ones:
//! `search_flags`, `search_episodes_of_care`, `search_audit_events`, `search_patients`,
//! `read_flag`, `read_organization`, `batch`. Every one is answered with FHIR, and no answer is the
//! service's own failure.

use std::collections::BTreeMap;

use cpis_fhir::sandbox::role::SandboxRole;

use crate::sending_nonsense::{assert_answered, assert_still_right};
use crate::support::{TestService, a_plan, say};

const REQUESTS: usize = 3_000;

/// Parts of a request line, from which a path is put together.
const PATHS: [&str; 14] = [
    "/FHIR/R4/Flag",
    "/FHIR/R4/EpisodeOfCare",
    "/FHIR/R4/AuditEvent",
    "/FHIR/R4/Patient",
    "/FHIR/R4/Organization",
    "/FHIR/R4",
    "/FHIR/R4/",
    "/FHIR/R4/metadata",
    "/_search",
    "/Flag",
    "/019371b8-1c00-7000-8000-000000000001",
    "/9990000026",
    "/%00",
    "/AuditEvent",
];

const NAMES: [&str; 18] = [
    "patient",
    "patient:identifier",
    "subject",
    "identifier",
    "date",
    "status",
    "code",
    "_id",
    "_count",
    "_sort",
    "_include",
    "_revinclude",
    "_summary",
    "_format",
    "_page",
    "_lastUpdated",
    "agent:identifier",
    "%00",
];

const VALUES: [&str; 20] = [
    "9990000026",
    "9990000018",
    "9990000027",
    "https://fhir.nhs.uk/Id/nhs-number%7C9990000026",
    "active",
    "ge2026-01-01",
    "2026",
    "0",
    "1",
    "-date",
    "Flag:author",
    "count",
    "json",
    "%ff",
    "%00",
    "a,b",
    "%7C",
    "%5C",
    "",
    "019371b8-1c00-7000-8000-000000000001",
];

const HEADERS: [&str; 18] = [
    "Prefer: handling=strict",
    "Prefer: handling=nonsense",
    "Accept: application/fhir+json",
    "Accept: text/html",
    "IsUnscheduledAccessEvent: true",
    "IsUnscheduledAccessEvent: 2",
    "X-Request-ID: 60e0b220-8136-4ca5-ae46-7d97ef59d001",
    "X-Request-ID: x",
    "X-Correlation-ID: a",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: application/fhir+json",
    "Content-Type: text/csv",
    "Accept: */*",
    "Cookie: a=b",
    "Content-Encoding: gzip",
    "If-None-Match: \"1\", W/\"",
    "If-Modified-Since: Sun, 22 Nov 2026 12:00:00 GMT",
    "Origin: https://record.example",
];

const BODIES: [&str; 8] = [
    "",
    "patient=9990000026",
    "patient=9990000018&_count=0",
    "{",
    "%ff\u{fffd}",
    "{\"resourceType\":\"Bundle\",\"type\":\"batch\"}",
    "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"request\":{\"method\":\"GET\",\
     \"url\":\"Flag?patient=9990000026\"}}]}",
    "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[]}",
];

#[test]
fn no_request_put_together_by_chance_makes_the_service_fail() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let tokens = [
        service.token(SandboxRole::Clinician),
        service.token(SandboxRole::Clinician),
        service.token(SandboxRole::BothSettingsClinician),
        service.token(SandboxRole::LocalAuthority),
        "a.b.c".to_owned(),
    ];
    let mut chance = Chance(0x5eed);
    let mut statuses = BTreeMap::new();
    for number in 0..REQUESTS {
        let request = request(&mut chance, &tokens);
        let answer = say(&service, request.as_bytes());
        let answer = answer.unwrap_or_else(|| panic!("{number}: no answer to {request:?}"));
        *statuses.entry(answer.status).or_insert(0) += 1;
        // To HEAD an answer has no body.
        if !request.starts_with("HEAD") {
            assert_answered(&answer, &format!("{number}: {request:?}"));
        }
        assert!(answer.header("x-request-id").is_some());
        let has_a_resource = !request.starts_with("HEAD") && !request.contains("/metadata");
        if answer.status == 200 && has_a_resource {
            let kind = answer.json()["resourceType"].clone();
            assert!(kind.is_string() && kind != "OperationOutcome");
        }
    }
    for status in [200, 400, 401, 403, 404, 405, 406, 415] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    assert_still_right(&service);
}

fn request(chance: &mut Chance, tokens: &[String]) -> String {
    let method = chance.one(&["GET", "GET", "GET", "POST", "POST", "PUT", "HEAD"]);
    let mut path = (*chance.one(&PATHS[..8])).to_owned();
    for _ in 0..chance.below(3) {
        path.push_str(chance.one::<&str>(&PATHS[8..]));
    }
    let parameters: Vec<String> = (0..chance.below(5))
        .map(|_| format!("{}={}", chance.one(&NAMES), chance.one(&VALUES)))
        .collect();
    let mut head = format!(
        "{method} {path}?{} HTTP/1.1\r\nHost: a\r\n",
        parameters.join("&")
    );
    if chance.below(8) > 0 {
        let token = chance.one(tokens);
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    for _ in 0..chance.below(3) {
        head.push_str(&format!("{}\r\n", chance.one(&HEADERS)));
    }
    let body = match *method {
        "POST" | "PUT" => *chance.one(&BODIES),
        _ => "",
    };
    format!(
        "{head}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Numbers that look like chance and are the same in every run (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        let (multiplier, increment) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(multiplier).wrapping_add(increment);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
