//! What is written of a record reads back as the same texts, in JSON and in XML; and whatever is
//! sent is read or refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{Unfit, episode_of_care, texts};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::person_name::{PersonName, part};
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, UploadRecord};
use crate::fhir::json::to_value;
use crate::fhir::reading::{read_json, read_xml};
use crate::fhir::xml::{Layout, to_xml};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn today() -> NaiveDate {
    now().date_naive()
}

fn authority() -> OdsCode {
    OdsCode::parse("E90001").unwrap()
}

fn a_day() -> impl Strategy<Value = NaiveDate> {
    (0_i64..18_000).prop_map(|days| NaiveDate::default() + Duration::days(days))
}

fn a_name() -> impl Strategy<Value = String> {
    "[^\\p{C}\\p{Z}]{1,8}( [^\\p{C}\\p{Z}]{1,8}){0,2}"
        .prop_filter_map("no name", |text| part(&text))
}

fn an_end() -> impl Strategy<Value = Option<NaiveDate>> {
    proptest::option::of(a_day())
}

fn a_record() -> impl Strategy<Value = UploadRecord> {
    let days = (a_day(), a_day(), an_end(), an_end());
    let names = (a_name(), a_name());
    (0_usize..3, "[!-~]{1,64}", days, names).prop_map(|(kind, local_id, days, names)| {
        let (birth_date, start, sent_end, deleted_on) = days;
        UploadRecord {
            plan: PlanRecord {
                kind: PlanKind::ALL.into_iter().nth(kind).unwrap(),
                nhs_number: NhsNumber::parse("9990000026").unwrap(),
                local_id,
                birth_date,
                start,
                sent_end,
                deleted_on,
            },
            name: PersonName {
                family: names.0,
                given: names.1,
            },
        }
    })
}

fn written(record: &UploadRecord) -> Value {
    to_value(&episode_of_care(record, &authority(), now(), None)).unwrap()
}

/// The texts of the fields, as CSV would have them.
fn cells(record: &UploadRecord) -> [String; 10] {
    let plan = &record.plan;
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    [
        plan.kind.code().to_owned(),
        plan.nhs_number.reveal(),
        plan.local_id.clone(),
        "E90001".to_owned(),
        plan.birth_date.to_string(),
        plan.start.to_string(),
        day(plan.sent_end),
        day(plan.deleted_on),
        record.name.family.clone(),
        record.name.given.clone(),
    ]
}

fn read(resource: &Value) -> Result<[String; 10], Unfit> {
    let texts = texts(resource, today())?;
    Ok(texts.fields().map(|(_, text)| text.to_owned()))
}

fn sample() -> Value {
    let record = UploadRecord {
        plan: PlanRecord {
            kind: PlanKind::ChildProtection,
            nhs_number: NhsNumber::parse("9990000026").unwrap(),
            local_id: "H-1".into(),
            birth_date: "2015-04-01".parse().unwrap(),
            start: "2026-01-10".parse().unwrap(),
            sent_end: None,
            deleted_on: None,
        },
        name: PersonName {
            family: "Okonkwo".into(),
            given: "Ada Grace".into(),
        },
    };
    written(&record)
}

fn text_of(resource: &Value, field: RecordField) -> String {
    let fields = texts(resource, today()).unwrap();
    let found = fields
        .fields()
        .into_iter()
        .find(|(known, _)| *known == field);
    found.unwrap().1.to_owned()
}

fn with(pointer: &str, member: &str, value: Value) -> Value {
    let mut resource = sample();
    let place = resource.pointer_mut(pointer).unwrap();
    place
        .as_object_mut()
        .unwrap()
        .insert(member.to_owned(), value);
    resource
}

#[test]
fn what_is_said_twice_and_differs_is_given_as_both() {
    let nhs = "https://fhir.nhs.uk/Id/nhs-number";
    let other =
        json!({"reference": "#child", "identifier": {"system": nhs, "value": "9990000034"}});
    let number = text_of(&with("", "patient", other), RecordField::NhsNumber);
    assert_eq!(number, "9990000026 | 9990000034");
    let local = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90002";
    let theirs = json!([{"system": local, "value": "H-1"}]);
    let theirs = with("", "identifier", theirs);
    assert_eq!(text_of(&theirs, RecordField::LocalId), "H-1");
    assert_eq!(text_of(&theirs, RecordField::Authority), "E90001 | E90002");
    let nobodys = with("", "managingOrganization", json!({"display": "Northshire"}));
    assert_eq!(text_of(&nobodys, RecordField::Authority), "");
}

#[test]
fn an_end_that_the_service_worked_out_was_not_sent_and_a_withdrawal_without_a_day_is_today() {
    let computed = "https://cpis-fhir.invalid/StructureDefinition/computed-end";
    let period = json!({"start": "2026-01-10", "end": "2033-04-01",
        "extension": [{"url": computed, "valueBoolean": true}]});
    assert_eq!(
        text_of(&with("", "period", period), RecordField::EndDate),
        ""
    );
    let withdrawn = with("", "status", json!("entered-in-error"));
    assert_eq!(text_of(&withdrawn, RecordField::DeleteDate), "2026-11-22");
}

#[test]
fn the_official_name_is_the_one_to_match_by() {
    let names = json!([{"family": "First"}, {"use": "usual", "family": "Usual"},
        {"use": "official", "family": "Official"}]);
    let family = text_of(
        &with("/contained/0", "name", names),
        RecordField::FamilyName,
    );
    assert_eq!(family, "Official");
}

#[test]
fn a_type_that_is_coded_as_two_kinds_of_plan_is_neither() {
    let coded = |codes: &[&str]| {
        let coding = |code: &&str| json!({"system": "http://snomed.info/sct", "code": code});
        let codings: Vec<Value> = codes.iter().map(coding).collect();
        let types = json!([{ "coding": codings }]);
        text_of(&with("", "type", types), RecordField::PlanKind)
    };
    assert_eq!(coded(&["342191000000101", "764841000000100"]), "CPP | CLA");
    assert_eq!(coded(&["1234567890", "764841000000100"]), "CLA");
    assert_eq!(coded(&["764841000000100", "764841000000100"]), "CLA");
}

#[test]
fn a_patient_that_is_not_the_one_referred_to_says_nothing() {
    let apart = with("/contained/0", "id", json!("another"));
    assert_eq!(text_of(&apart, RecordField::NhsNumber), "");
    assert_eq!(text_of(&apart, RecordField::FamilyName), "");
}

#[test]
fn what_must_not_be_passed_over_and_what_no_plan_can_be_is_refused() {
    let modifier = json!([{"url": "urn:x", "valueBoolean": true}]);
    let past = json!([{"status": "active", "period": {"start": "2026-01-10"},
        "modifierExtension": modifier}]);
    for unfit in [
        with("", "modifierExtension", modifier.clone()),
        with("", "implicitRules", json!("urn:x")),
        with("/contained/0", "modifierExtension", modifier),
        with("/contained/0", "implicitRules", json!("urn:x")),
        with("", "statusHistory", past),
        with("", "status", json!("cancelled")),
        with("", "status", json!("finished")),
    ] {
        assert!(matches!(read(&unfit), Err(Unfit::NotARecord(_))));
    }
    for unfit in [
        with("", "status", json!("over")),
        with("", "unknown", json!("x")),
        with("", "type", json!("x")),
        with("", "resourceType", json!("Flag")),
        json!([]),
        Value::Null,
    ] {
        assert!(matches!(read(&unfit), Err(Unfit::NotR4(_))), "{unfit}");
    }
}

proptest! {
    #[test]
    fn a_record_reads_back_from_json_and_from_xml_as_csv_would_have_it(record in a_record()) {
        let json = written(&record);
        let expected = cells(&record);
        prop_assert_eq!(read(&json).unwrap(), expected.clone());
        let text = serde_json::to_vec(&json).unwrap();
        prop_assert_eq!(read(&read_json(&text).unwrap()).unwrap(), expected.clone());
        let xml = to_xml(&json, Layout::Pretty);
        prop_assert_eq!(read(&read_xml(&xml).unwrap()).unwrap(), expected);
    }

    #[test]
    fn no_member_makes_the_reader_panic(name in "[a-zA-Z_]{1,20}", text in any::<String>()) {
        let (list, object) = (json!([{ "system": text }]), json!({ "end": text }));
        for value in [json!(text), json!([text]), list, object] {
            let mut resource = sample();
            resource.as_object_mut().unwrap().insert(name.clone(), value);
            let _ = read(&resource);
        }
        prop_assert!(read(&sample()).is_ok());
    }
}
