//! Malformed, missing, repeated and absurd values of every parameter and id:
//! `search_flags`, `search_episodes_of_care`, `search_audit_events`, `search_patients`,
//! `read_flag`, `read_organization`. Each is answered as a caller's mistake or put up with.

use std::collections::BTreeMap;

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, TestService, a_plan, form, say};

const NUMBER: &str = "9990000026";

/// Every parameter of any search, and some that no search has.
const PARAMETERS: [&str; 34] = [
    "patient",
    "subject",
    "entity",
    "identifier",
    "patient:identifier",
    "patient.identifier",
    "subject:Patient.identifier",
    "date",
    "author",
    "status",
    "category",
    "code",
    "type",
    "organization",
    "subtype",
    "action",
    "outcome",
    "agent",
    "agent-role",
    "altid",
    "birthdate",
    "_security",
    "_id",
    "_lastUpdated",
    "_count",
    "_sort",
    "_include",
    "_revinclude",
    "_summary",
    "_total",
    "_format",
    "_pretty",
    "_page",
    "nonsense:x.y",
];

/// Values that no parameter means.
const ABSURD: [&str; 56] = [
    "",
    " ",
    "|",
    "||",
    "|||",
    ",",
    ",,,",
    "\\",
    "\\\\,",
    "\0",
    "a\0b",
    "\u{feff}",
    "\u{202e}",
    "𝟗𝟗𝟗",
    "é",
    "\r\n",
    "%",
    "%zz",
    "null",
    "-1",
    "0",
    "+1",
    "1e9",
    "99999999999999999999",
    "-9223372036854775809",
    "NaN",
    "true",
    "ge",
    "ge2026-13-45",
    "2026-02-30",
    "9999-12-31",
    "0000-01-01",
    "-0001-01-01",
    "2026-01-01T24:61:61Z",
    "2026-01-01T00:00:00+99:99",
    "*",
    "' or 1=1 --",
    "$1",
    "${jndi:ldap://a}",
    "<script>",
    "../../../etc/passwd",
    "Patient/",
    "/Patient/1",
    "Patient/a/b",
    "https://other.example/Patient/1",
    "urn:uuid:x",
    "https://fhir.nhs.uk/Id/nhs-number|",
    "https://fhir.nhs.uk/Id/nhs-number|9990000027",
    "https://fhir.nhs.uk/Id/nhs-number|9990000026|x",
    "9990000026,9990000034",
    "999 000 0026",
    "9990000026\0",
    "00000000-0000-0000-0000-000000000000",
    "{}",
    "[]",
    "Flag:author",
];

/// The same, and values that are only too long.
fn absurd() -> Vec<String> {
    let mut values: Vec<String> = ABSURD.map(str::to_owned).into();
    values.extend(["a", "9", ","].map(|sign| sign.repeat(3_000)));
    values.push("\u{1F600}".repeat(500));
    values
}

#[test]
fn every_absurd_value_of_every_parameter_is_answered_as_a_mistake_or_put_up_with() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let mut statuses = BTreeMap::new();
    // Every value in a Flag's parameters, and some in each other's: they are read alike.
    let kinds = [
        ("Flag", "patient", 1),
        ("EpisodeOfCare", "patient", 9),
        ("AuditEvent", "patient", 10),
        ("Patient", "identifier", 11),
    ];
    for (kind, child, step) in kinds {
        for name in PARAMETERS {
            for value in absurd().iter().step_by(step) {
                let asked = form(&[(child, NUMBER), (name, value)]);
                let answer = posted(&service, kind, &asked);
                assert_answered(&answer, &format!("{kind} {name}={value:?}"));
                *statuses.entry(answer.status).or_insert(0) += 1;
            }
        }
    }
    assert!(statuses[&200] > 0 && statuses[&400] > 0, "{statuses:?}");
    assert_still_right(&service);
}

#[test]
fn every_parameter_may_be_repeated_and_the_worst_of_it_is_a_refusal() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for name in PARAMETERS {
        for value in ["1", NUMBER, "2026-01-01", "a,b"] {
            let twice = form(&[("patient", NUMBER), (name, value), (name, value)]);
            let answer = spelled(&service, "GET", &format!("/FHIR/R4/Flag?{twice}"), "", b"");
            assert_answered(&answer, &format!("{name}={value} twice"));
            let crowd = vec![(name, value); 51];
            let answer = posted(&service, "Flag", &form(&crowd));
            let (status, code) = match name {
                // A page link is all there is to a search that has one.
                "_page" => (410, "INVALID_SEARCH_DATA"),
                // Which form an answer has is asked before what it says.
                "_format" => (406, "UNSUPPORTED_SERVICE"),
                _ => (400, "INVALID_SEARCH_DATA"),
            };
            answer.refusal(status, code);
        }
    }
    assert_still_right(&service);
}

#[test]
fn every_absurd_id_is_not_found_or_refused_and_never_a_failure() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for id in [
        "1",
        "%00",
        "%0d%0a",
        "%ff%fe",
        "..",
        "%2e%2e%2f",
        "a%20b",
        "%F0%9F%98%80",
        "'%20or%201=1",
        "9990000026",
        "9990000027",
        "99999999-9999-9999-9999-999999999999",
        "$something",
        "%5C9990000018",
        "%5C",
        "Patient%2F9990000018",
        "_History",
        "{019371b8-1c00-7000-8000-000000000001}",
        "urn:uuid:019371b8-1c00-7000-8000-000000000001",
    ] {
        for kind in [
            "Flag",
            "EpisodeOfCare",
            "AuditEvent",
            "Patient",
            "Organization",
        ] {
            let answer = spelled(&service, "GET", &format!("/FHIR/R4/{kind}/{id}"), "", b"");
            assert_eq!(answer.status, 404, "{kind}/{id}: {}", answer.text);
            assert_answered(&answer, id);
        }
        for kind in ["Flag", "EpisodeOfCare", "AuditEvent"] {
            let path = format!("/FHIR/R4/Patient/{id}/{kind}");
            assert_answered(&spelled(&service, "GET", &path, "", b""), &path);
        }
    }
    assert_still_right(&service);
}

fn posted(service: &TestService, kind: &str, form: &str) -> Answer {
    let path = format!("/FHIR/R4/{kind}/_search");
    let header = "Content-Type: application/x-www-form-urlencoded";
    spelled(service, "POST", &path, header, form.as_bytes())
}

/// One request as its bytes say it, by the clinician, whose connection ends with it.
pub fn spelled(
    service: &TestService,
    method: &str,
    path: &str,
    header: &str,
    body: &[u8],
) -> Answer {
    let bearer = service.token(SandboxRole::Clinician);
    let header = if header.is_empty() {
        String::new()
    } else {
        format!("{header}\r\n")
    };
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {bearer}\r\n\
         Connection: close\r\nContent-Length: {}\r\n{header}\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    say(service, &request).unwrap_or_else(|| panic!("{method} {path} {header:?}: no answer"))
}

/// Asserts that an answer is FHIR: a resource, or an outcome that says what was wrong.
pub fn assert_answered(answer: &Answer, asked: &str) {
    let fine = answer.status == 200 || (400..500).contains(&answer.status);
    assert!(fine, "{asked}: {} {}", answer.status, answer.text);
    let content = answer.header("content-type");
    assert_eq!(
        content,
        Some("application/fhir+json; charset=utf-8"),
        "{asked}"
    );
    if answer.status != 200 {
        assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{asked}");
        assert_eq!(answer.json()["issue"][0]["severity"], "error", "{asked}");
    }
}

/// Asserts that the service is alive and answers rightly after all that.
pub fn assert_still_right(service: &TestService) {
    assert_eq!(service.get(&format!("Flag?patient={NUMBER}")).total(), 1);
}
