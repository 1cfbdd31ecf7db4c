//! One row of an upload as a plan record, or the first thing wrong with it (REPC_MT000002GB01).

use chrono::NaiveDate;

use crate::domain::holding::{LOCAL_ID, NHS_NUMBER};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::PlanKind;
use crate::domain::record_check::{
    BIRTH_DATE, Checked, DELETE_DATE, END_DATE, START_DATE, check, day,
};
use crate::domain::upload::{PlanRecord, RecordCode, RecordRefusal};
use crate::messages::csv_lines::Cell;
use crate::messages::upload_csv::{AUTHORITY, ReadingRules};

/// The column that holds what the plan is.
pub(super) const PLAN_KIND: &str = "plan_kind";

/// The columns of a plan; of several faults in a row, the first in this order is named.
pub(super) const PLAN_COLUMNS: [&str; 8] = [
    PLAN_KIND,
    NHS_NUMBER,
    LOCAL_ID,
    AUTHORITY,
    BIRTH_DATE,
    START_DATE,
    END_DATE,
    DELETE_DATE,
];

/// The longest cell read, in characters: anything longer is another thing in the wrong place.
const CELL_CHARACTERS_MAX: usize = 1_000;

/// The longest identifier an authority may give a child, in characters.
const LOCAL_ID_CHARACTERS_MAX: usize = 64;

/// Reads a row of the authority that the file's head names.
pub(super) fn plan_record(
    row: [Cell<'_>; 8],
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Checked {
    let [
        kind,
        number,
        local,
        of_authority,
        birth,
        start,
        end,
        deleted,
    ] = row;
    // The fields are in the order of the columns, so that the first fault is the one named.
    let record = PlanRecord {
        kind: plan_kind(kind)?,
        nhs_number: nhs_number(number)?,
        local_id: local_id(local)?,
        birth_date: {
            check_authority(of_authority, authority)?;
            mandatory_day(birth)?
        },
        start: mandatory_day(start)?,
        sent_end: optional_day(end)?,
        deleted_on: optional_day(deleted)?,
    };
    check(record, rules.windows, rules.now)
}

fn plan_kind(cell: Cell<'_>) -> Result<PlanKind, RecordRefusal> {
    PlanKind::parse(mandatory(cell)?)
        .ok_or_else(|| unsuccessful(cell, "a plan_kind is CPP, CLA or UCPP"))
}

fn nhs_number(cell: Cell<'_>) -> Result<NhsNumber, RecordRefusal> {
    NhsNumber::parse(mandatory(cell)?).map_err(|error| {
        let reason = error.to_string();
        RecordRefusal::of(RecordCode::NhsNumberFormat, cell.column, cell.sent, &reason)
    })
}

fn local_id(cell: Cell<'_>) -> Result<String, RecordRefusal> {
    let value = mandatory(cell)?;
    let visible = value.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && value.len() <= LOCAL_ID_CHARACTERS_MAX {
        Ok(value.to_owned())
    } else {
        let reason = "a local_id is 1 to 64 ASCII letters, digits and signs, without spaces";
        Err(unsuccessful(cell, reason))
    }
}

fn check_authority(cell: Cell<'_>, expected: &OdsCode) -> Result<(), RecordRefusal> {
    let given =
        OdsCode::parse(mandatory(cell)?).map_err(|error| unsuccessful(cell, &error.to_string()))?;
    if given == *expected {
        Ok(())
    } else {
        let reason = "this row is of another authority; send each authority's plans in a file of \
                      its own";
        Err(unsuccessful(cell, reason))
    }
}

fn mandatory_day(cell: Cell<'_>) -> Result<NaiveDate, RecordRefusal> {
    mandatory(cell)?;
    written_day(cell)
}

fn optional_day(cell: Cell<'_>) -> Result<Option<NaiveDate>, RecordRefusal> {
    match bounded(cell)? {
        "" => Ok(None),
        _ => written_day(cell).map(Some),
    }
}

fn written_day(cell: Cell<'_>) -> Result<NaiveDate, RecordRefusal> {
    day(cell.value()).ok_or_else(|| unsuccessful(cell, "a date is written YYYY-MM-DD"))
}

fn mandatory(cell: Cell<'_>) -> Result<&str, RecordRefusal> {
    match bounded(cell)? {
        "" => Err(unsuccessful(cell, &format!("{} is mandatory", cell.column))),
        value => Ok(value),
    }
}

fn bounded(cell: Cell<'_>) -> Result<&str, RecordRefusal> {
    match cell.sent.chars().nth(CELL_CHARACTERS_MAX) {
        Some(_) => Err(unsuccessful(cell, "a cell is at most 1000 characters long")),
        None => Ok(cell.value()),
    }
}

fn unsuccessful(cell: Cell<'_>, reason: &str) -> RecordRefusal {
    RecordRefusal::unsuccessful(cell.column, cell.sent, reason)
}

#[cfg(test)]
#[path = "plan_record_csv_rules.rs"]
mod rules;
