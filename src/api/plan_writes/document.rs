//! `docs/upload-fhir.md` is what local authorities write their requests by, so it is held to the
//! code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::Value;

use super::criteria::read_criteria;
use super::refused::{Asked, RefusedWrite};
use super::sent::SentPlan;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::{PlanKind, Windows};
use crate::domain::plan_write::WriteRefusal;
use crate::domain::record_field::RecordField;
use crate::fhir::batch::{Together, read_batch};
use crate::fhir::json::to_value;
use crate::fhir::operation_outcome::record_outcome;
use crate::fhir::terminology::{plan_kind, upload_sequence};
use crate::fhir::upload_record::place;
use crate::messages::reading_rules::ReadingRules;

const DOCUMENT: &str = include_str!("../../../docs/upload-fhir.md");

fn example(number: usize) -> Value {
    let fenced = DOCUMENT.split("```json\n").nth(number).unwrap();
    serde_json::from_str(fenced.split("```").next().unwrap()).unwrap()
}

fn authority() -> OdsCode {
    OdsCode::parse("E90001").unwrap()
}

fn rules() -> ReadingRules {
    ReadingRules {
        windows: Windows {
            after_end_days: 364,
            after_due_date_days: 28,
        },
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        records_max: 10,
    }
}

#[test]
fn the_documented_plan_is_taken_in_and_found_by_the_documented_criteria() {
    let sent = SentPlan::of(&example(1), &authority(), &rules());
    let key = sent.record.unwrap().plan.key();
    let line = DOCUMENT
        .lines()
        .find(|line| line.starts_with("PUT [base]/"))
        .unwrap();
    let query = line.split('?').nth(1).unwrap();
    assert!(read_criteria(query, &authority()).unwrap().find(&key));
}

#[test]
fn the_documented_refusal_is_what_is_answered() {
    let damaged = example(1).to_string().replace("9990000026", "9990000027");
    let damaged = serde_json::from_str(&damaged).unwrap();
    let sent = SentPlan::of(&damaged, &authority(), &rules());
    let refused = RefusedWrite {
        asked: Asked::Create,
        why: WriteRefusal::Record(sent.record.unwrap_err()),
        unfit: sent.unfit,
        entry: None,
    };
    assert_eq!(
        to_value(&record_outcome(&refused.issues())).unwrap(),
        example(2)
    );
}

#[test]
fn the_documented_bundle_is_read() {
    let bundle = read_batch(example(3).to_string().as_bytes()).unwrap();
    assert!(bundle.together == Together::All);
    let request = bundle.entries.first().unwrap();
    let query = request.url.split('?').nth(1).unwrap();
    assert!(request.method == "DELETE" && read_criteria(query, &authority()).is_ok());
}

#[test]
fn every_field_kind_and_system_is_documented() {
    for field in RecordField::ALL {
        let row = format!("\n| `{}` | `{}`", field.name(), place(field));
        assert!(DOCUMENT.contains(&row), "{row}");
    }
    for kind in PlanKind::ALL {
        let words = format!("{} {}", plan_kind(kind).code, kind.code());
        let is = format!("{} is {}", plan_kind(kind).code, kind.code());
        assert!(
            DOCUMENT.contains(&words) || DOCUMENT.contains(&is),
            "{words}"
        );
    }
    assert!(DOCUMENT.contains(&upload_sequence(&authority())));
}
