//! What is read of the service's answers, in the shapes of its public specification.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use chrono::{DateTime, Utc};
use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::{trace_of, trace_of_refusal};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Trace};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn number(text: &str) -> NhsNumber {
    NhsNumber::parse(text).unwrap()
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "9000000009",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}],
        "meta": {"versionId": "2", "security": [{"code": "U", "display": "unrestricted"}]},
        "name": [{"id": "123", "use": "usual", "family": "Smith", "given": ["Jane", "Adele"],
            "period": {"start": "2020-01-01", "end": "2021-12-31"}}],
        "birthDate": "2010-10-22",
        "address": [{"line": ["1 Trevelyan Square"], "postalCode": "LS1 6AE"}],
    })
}

fn traced(patient: &Value) -> Option<Trace> {
    trace_of(patient.to_string().as_bytes(), number("9000000009"), now())
}

fn found(patient: &Value) -> Person {
    match traced(patient) {
        Some(Trace::Found(person)) => person,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_patient_is_a_person_with_name_and_date_of_birth() {
    let person = found(&patient());
    assert_eq!(person.nhs_number, number("9000000009"));
    assert_eq!(person.family_name, "Smith");
    assert_eq!(person.given_names, ["Jane", "Adele"]);
    assert_eq!(person.birth_date, "2010-10-22".parse().ok());
    assert!(!person.sensitive);
    assert_eq!(format!("{person:?}"), "Person(hidden)");
}

#[test]
fn a_patient_of_another_number_supersedes_the_one_asked_for() {
    let mut other = patient();
    other["id"] = json!("9000000025");
    other["identifier"][0]["value"] = json!("9000000025");
    assert!(matches!(traced(&other), Some(Trace::Superseded(_))));
}

#[test]
fn a_record_is_sensitive_unless_its_label_says_that_it_is_not() {
    for label in [json!("R"), json!("V"), json!("REDACTED"), Value::Null] {
        let mut labelled = patient();
        labelled["meta"]["security"][0]["code"] = label;
        assert!(found(&labelled).sensitive);
    }
    let mut unlabelled = patient();
    unlabelled["meta"] = json!({});
    assert!(found(&unlabelled).sensitive);
}

#[test]
fn the_usual_name_that_stands_today_counts_and_no_former_one() {
    let name = |name_use: &str, family: &str, start: &str, end: Option<&str>| {
        json!({"use": name_use, "family": family, "given": ["Jane"],
            "period": {"start": start, "end": end}})
    };
    for (names, counts) in [
        (
            vec![
                name("old", "Old", "2010-10-22", None),
                name("usual", "Before", "2010-10-22", Some("2020-01-01")),
                name("usual", "Today", "2020-01-02", None),
                name("usual", "Tomorrow", "2030-01-01", None),
                name("nickname", "Nick", "2020-01-01", None),
            ],
            "Today",
        ),
        (
            vec![
                name("usual", "Before", "2010-10-22", Some("2020-01-01")),
                name("official", "Official", "2010-10-22", None),
            ],
            "Official",
        ),
        (
            vec![
                name("usual", "First", "2010-10-22", Some("2012-01-01")),
                name("usual", "Last", "2012-01-01", Some("2020-01-01")),
            ],
            "Last",
        ),
        (vec![name("temp", "Baby", "2010-10-22", None)], ""),
    ] {
        let mut named = patient();
        named["name"] = json!(names);
        assert_eq!(found(&named).family_name, counts);
    }
}

#[test]
fn a_date_of_birth_known_only_to_the_month_is_none() {
    for date in [json!("2010-10"), json!("2010"), Value::Null] {
        let mut patient = patient();
        patient["birthDate"] = date;
        assert_eq!(found(&patient).birth_date, None);
    }
}

#[test]
fn an_answer_that_is_no_patient_or_contradicts_itself_is_not_read() {
    let mut contradicts = patient();
    contradicts["identifier"][0]["value"] = json!("9000000025");
    let mut other_kind = patient();
    other_kind["resourceType"] = json!("Bundle");
    let mut no_number = patient();
    no_number["id"] = json!("9000000000");
    for unreadable in [contradicts, other_kind, no_number, json!([]), json!("")] {
        assert_eq!(traced(&unreadable), None);
    }
}

#[test]
fn a_refusal_says_what_its_code_says_and_otherwise_nothing() {
    let outcome = |code: &str| {
        let coding = json!([{"system": "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode",
            "version": "1", "code": code}]);
        let issue = json!([{"severity": "error", "details": {"coding": coding}}]);
        json!({"resourceType": "OperationOutcome", "issue": issue}).to_string()
    };
    for (code, trace) in [
        ("RESOURCE_NOT_FOUND", Some(Trace::NotFound)),
        ("INVALID_RESOURCE_ID", Some(Trace::NotFound)),
        ("INVALIDATED_RESOURCE", Some(Trace::Inactive)),
        ("MISSING_VALUE", None),
    ] {
        assert_eq!(trace_of_refusal(outcome(code).as_bytes()), trace, "{code}");
    }
    for other in [
        "<html>404</html>",
        "{}",
        r#"{"resourceType": "OperationOutcome"}"#,
    ] {
        assert_eq!(trace_of_refusal(other.as_bytes()), None);
    }
}

proptest! {
    #[test]
    fn no_answer_makes_the_reader_panic(body in any::<Vec<u8>>(), cut in 0_usize..700) {
        let _ = (trace_of(&body, number("9000000009"), now()), trace_of_refusal(&body));
        let whole = patient().to_string();
        let cut = &whole.as_bytes()[..cut.min(whole.len() - 1)];
        prop_assert!(trace_of(cut, number("9000000009"), now()).is_none());
    }
}
