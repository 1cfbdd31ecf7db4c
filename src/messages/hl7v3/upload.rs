//! Reads an upload of plans written as HL7 v3 (REPC_MT000002GB01, `docs/upload-hl7v3.md`), one
//! record after the other. Each plan of a record becomes an upload record of its own.

use super::element::{Element, Fault, Said};
use super::parts::Parts;
use super::timestamp::day;
use super::upload_head::{self, Head, QUANTITY, ROOT};
use super::upload_record::{Person, Record, WrittenPlan};
use crate::domain::ods_code::OdsCode;
use crate::domain::record_check::check;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanRecord, RecordCode, RecordRefusal, Upload, UploadRecord};
use crate::messages::field_values::{Sent, check_authority, local_id, nhs_number, person_name};
use crate::messages::file_refusal::FileRefusal;
use crate::messages::reading_rules::ReadingRules;

/// The name of each part behind the head.
pub(super) const RECORD: &str = "record";

/// Where a file says its number.
pub const SEQUENCE_LOCATION: &str = "/File/id/@extension";

/// Reads a file. Its plans may be refused each for itself, in [`Upload::records`]; a record whose
/// shape is wrong is refused as one.
///
/// # Errors
/// [`FileRefusal`] when the file is unreadable, or its head or its count is wrong: then nothing of
/// it may be taken in.
pub fn read(file: &[u8], rules: &ReadingRules) -> Result<Upload, FileRefusal> {
    let mut parts = Parts::of(file, ROOT)?;
    let head = upload_head::read(&mut parts, rules.now)?;
    let (mut records, mut found) = (Vec::new(), 0_usize);
    while let Some(part) = parts.next()? {
        if part.name != RECORD {
            return Err(parts.refusal("an element that is no record stands among the records"));
        }
        found = found.saturating_add(1);
        records.extend(plans(&part, &head.authority.code, rules));
        if records.len() > rules.records_max {
            let most = rules.records_max;
            let reason = format!("a file holds at most {most} plans; send the rest in the next");
            return Err(FileRefusal::of_location(&path_of_record(found), &reason));
        }
    }
    check_count(&head, found)?;
    Ok(Upload {
        sequence: head.sequence,
        created_at: head.created_at,
        authority: head.authority,
        records,
    })
}

/// The path to a record, counted from 1.
pub(super) fn path_of_record(number: usize) -> String {
    format!("/{ROOT}/{RECORD}[{number}]")
}

/// How a record of a wrong shape is refused.
fn refused_shape(fault: &Fault) -> RecordRefusal {
    RecordRefusal {
        code: RecordCode::Unsuccessful,
        field: None,
        echo: String::new(),
        reason: fault.reason.clone(),
    }
}

fn plans(
    part: &Element,
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Vec<Result<UploadRecord, RecordRefusal>> {
    let record = match Record::of(part) {
        Ok(record) => record,
        Err(fault) => return vec![Err(refused_shape(&fault))],
    };
    let plans = record.plans.iter();
    let owned = plans.filter_map(|plan| Some((plan, record.person_of(plan)?)));
    owned
        .map(|(plan, person)| upload_record(plan, person, authority, rules))
        .collect()
}

fn upload_record(
    plan: &WrittenPlan<'_>,
    person: &Person<'_>,
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Result<UploadRecord, RecordRefusal> {
    // The values are read in the order of the fields, so that the first fault is the one named.
    let nhs_number = nhs_number(sent(RecordField::NhsNumber, person.nhs_number))?;
    let local_id = local_id(sent(RecordField::LocalId, person.local_id))?;
    if let Some(said) = person.authority {
        check_authority(authority_of(said), authority)?;
    }
    let plan = PlanRecord {
        kind: plan.template.kind,
        nhs_number,
        local_id,
        birth_date: written_day(RecordField::BirthDate, person.birth)?,
        start: written_day(RecordField::StartDate, plan.start)?,
        sent_end: optional_day(RecordField::EndDate, plan.end)?,
        deleted_on: optional_day(RecordField::DeleteDate, plan.deleted)?,
    };
    let name = person_name(
        sent(RecordField::FamilyName, Some(person.family)),
        sent(RecordField::GivenNames, Some(person.given)),
    )?;
    check(&plan, rules.windows, rules.now)?;
    Ok(UploadRecord { plan, name })
}

fn sent<'part>(field: RecordField, said: Option<Said<'part>>) -> Sent<'part> {
    Sent {
        field,
        text: said.map_or("", |said| said.text),
    }
}

/// The code in front of the authority's name.
fn authority_of(said: Said<'_>) -> Sent<'_> {
    Sent {
        field: RecordField::Authority,
        text: said
            .text
            .split_once(':')
            .map_or(said.text, |(code, _)| code),
    }
}

fn written_day(field: RecordField, said: Said<'_>) -> Result<chrono::NaiveDate, RecordRefusal> {
    let sent = sent(field, Some(said));
    day(sent.mandatory()?)
        .ok_or_else(|| sent.unsuccessful("a date is written YYYYMMDD or YYYYMMDDHHMM"))
}

fn optional_day(
    field: RecordField,
    said: Option<Said<'_>>,
) -> Result<Option<chrono::NaiveDate>, RecordRefusal> {
    said.map(|said| written_day(field, said)).transpose()
}

fn check_count(head: &Head, found: usize) -> Result<(), FileRefusal> {
    let said = head.record_count;
    if found == said {
        return Ok(());
    }
    let reason = format!("it says {said} but {found} records follow; send the whole file");
    let location = format!("/{ROOT}/{QUANTITY}/@value");
    Err(FileRefusal::of_location(&location, &reason))
}

#[cfg(test)]
#[path = "upload_rules.rs"]
pub(super) mod rules;

#[cfg(test)]
#[path = "upload_file_rules.rs"]
mod file_rules;

#[cfg(test)]
#[path = "upload_properties.rs"]
mod properties;

#[cfg(test)]
#[path = "upload_document.rs"]
mod document;

#[cfg(test)]
#[path = "upload_bombs.rs"]
mod bombs;
