//! Reads an upload of plans written as CSV (`docs/upload-csv.md`): the content of REPC_MT000002GB01
//! in the form of RFC 4180, <https://www.rfc-editor.org/rfc/rfc4180>.

use chrono::{DateTime, Utc};

use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::{PhoneNumber, PhoneNumberError};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{AuthorityDetails, RecordRefusal, Upload, UploadRecord};
use crate::messages::csv_lines::{Cell, Columns, Lines};
use crate::messages::file_head;
use crate::messages::plan_record_csv::upload_record;
use crate::messages::reading_rules::ReadingRules;

pub use crate::messages::file_refusal::FileRefusal;

/// The column that holds how many rows of plans the file has.
const RECORD_COUNT: &str = "record_count";

const HEAD_COLUMNS: [&str; 7] = [
    "file_sequence",
    RECORD_COUNT,
    "created_at",
    RecordField::Authority.name(),
    "authority_name",
    "emergency_phone",
    "office_phone",
];

struct Head {
    sequence: i64,
    record_count: usize,
    record_count_line: u64,
    created_at: DateTime<Utc>,
    authority: AuthorityDetails,
}

/// Reads a file. Its rows may be refused each for itself, in [`Upload::records`].
///
/// # Errors
/// [`FileRefusal`] when the file is unreadable or its head, its columns or its count are wrong:
/// then nothing of it may be taken in.
pub fn read(file: &[u8], rules: &ReadingRules) -> Result<Upload, FileRefusal> {
    let mut lines = Lines::of(file)?;
    let head = read_head(&mut lines, rules.now)?;
    let columns = lines.columns(RecordField::ALL)?;
    let records = read_records(&mut lines, &columns, &head.authority.code, rules)?;
    check_count(&head, records.len())?;
    Ok(Upload {
        sequence: head.sequence,
        created_at: head.created_at,
        authority: head.authority,
        records,
    })
}

fn read_head(lines: &mut Lines<'_>, now: DateTime<Utc>) -> Result<Head, FileRefusal> {
    let columns = lines.columns(HEAD_COLUMNS)?;
    if !lines.advance()? {
        let reason = "the file ends before the line that says its number, count and authority";
        return Err(FileRefusal::of_file(reason));
    }
    let line = lines.number();
    let [sequence, count, created, code, name, emergency, office] = lines.cells(&columns)?;
    let refuse = |cell: Cell<'_, &'static str>| {
        move |reason: String| FileRefusal::of_column(line, cell.column, &reason)
    };
    let sequence = whole_number(sequence).map_err(refuse(sequence))?;
    let record_count = whole_number(count).map_err(refuse(count))?;
    Ok(Head {
        sequence: i64::from(sequence),
        record_count: usize::try_from(record_count).unwrap_or(usize::MAX),
        record_count_line: line,
        created_at: moment(created, now).map_err(refuse(created))?,
        authority: AuthorityDetails {
            code: authority_code(code).map_err(refuse(code))?,
            name: authority_name(name).map_err(refuse(name))?,
            emergency_phone: phone(emergency).map_err(refuse(emergency))?,
            office_phone: optional_phone(office).map_err(refuse(office))?,
        },
    })
}

fn whole_number(cell: Cell<'_, &'static str>) -> Result<u32, String> {
    file_head::whole_number(cell.value())
}

fn moment(cell: Cell<'_, &'static str>, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let said = DateTime::parse_from_rfc3339(cell.value())
        .map(|moment| moment.to_utc())
        .ok()
        // A leap second becomes the second after it, as databases and FHIR have it.
        .and_then(|moment| DateTime::from_timestamp_micros(moment.timestamp_micros()))
        .ok_or("send a date, time and offset, as in 2026-11-20T02:00:00Z")?;
    file_head::created_at(said, now)
}

fn authority_code(cell: Cell<'_, &'static str>) -> Result<OdsCode, String> {
    file_head::authority_code(cell.value())
}

fn authority_name(cell: Cell<'_, &'static str>) -> Result<String, String> {
    file_head::authority_name(cell.value())
}

fn phone(cell: Cell<'_, &'static str>) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(cell.value()).map_err(|error: PhoneNumberError| error.to_string())
}

fn optional_phone(cell: Cell<'_, &'static str>) -> Result<Option<PhoneNumber>, String> {
    match cell.value() {
        "" => Ok(None),
        _ => phone(cell).map(Some),
    }
}

fn read_records(
    lines: &mut Lines<'_>,
    columns: &Columns<RecordField, 10>,
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Result<Vec<Result<UploadRecord, RecordRefusal>>, FileRefusal> {
    let mut records = Vec::new();
    while lines.advance()? {
        if records.len() == rules.records_max {
            let most = rules.records_max;
            let reason = format!("a file holds at most {most} plans; send the rest in the next");
            return Err(FileRefusal::of_line(lines.number(), &reason));
        }
        records.push(upload_record(lines.cells(columns)?, authority, rules));
    }
    Ok(records)
}

fn check_count(head: &Head, found: usize) -> Result<(), FileRefusal> {
    let said = head.record_count;
    if found == 0 {
        let reason = "no plan follows the line of columns; send at least one";
        return Err(FileRefusal::of_file(reason));
    }
    if found != said {
        let reason =
            format!("it says {said} but {found} rows of plans follow; send the whole file");
        return Err(FileRefusal::of_column(
            head.record_count_line,
            RECORD_COUNT,
            &reason,
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "upload_csv_rules.rs"]
pub(super) mod rules;

#[cfg(test)]
#[path = "upload_csv_sizes.rs"]
mod sizes;

#[cfg(test)]
#[path = "upload_csv_properties.rs"]
pub(super) mod properties;

#[cfg(test)]
#[path = "upload_csv_document.rs"]
mod document;
