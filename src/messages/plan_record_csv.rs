//! One row of an upload as a record, or the first thing wrong with it (REPC_MT000002GB01).

use crate::domain::ods_code::OdsCode;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordRefusal, UploadRecord};
use crate::messages::csv_lines::Cell;
use crate::messages::field_values::Sent;
use crate::messages::reading_rules::ReadingRules;
use crate::messages::sent_record;

/// Reads a row of the authority that the file's head names. Its cells are in the order of
/// [`RecordField::ALL`].
pub(super) fn upload_record(
    row: [Cell<'_, RecordField>; 10],
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Result<UploadRecord, RecordRefusal> {
    let sent = row.map(|cell| Sent {
        field: cell.column,
        text: cell.sent,
    });
    sent_record::upload_record(sent, authority, rules)
}

#[cfg(test)]
#[path = "plan_record_csv_rules.rs"]
mod rules;
