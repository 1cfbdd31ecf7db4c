//! A record whose fields were sent as texts, or the first thing wrong with it: read alike in every
//! wire form that gives them so (REPC_MT000002GB01).

use chrono::NaiveDate;

use crate::domain::ods_code::OdsCode;
use crate::domain::plan::PlanKind;
use crate::domain::record_check::{check, day};
use crate::domain::upload::{PlanRecord, RecordRefusal, UploadRecord};
use crate::messages::field_values::{Sent, check_authority, local_id, nhs_number, person_name};
use crate::messages::reading_rules::ReadingRules;

/// Reads a record that an authority sent. Its fields are in the order of
/// [`crate::domain::record_field::RecordField::ALL`].
///
/// # Errors
/// [`RecordRefusal`] names the first field at fault, in this order.
pub fn upload_record(
    sent: [Sent<'_>; 10],
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Result<UploadRecord, RecordRefusal> {
    let [
        kind,
        number,
        local,
        of_authority,
        birth,
        start,
        end,
        deleted,
        family,
        given,
    ] = sent;
    // The values are read in the order of the fields, so that the first fault is the one named.
    let plan = PlanRecord {
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
    let name = person_name(family, given)?;
    check(&plan, rules.windows, rules.now)?;
    Ok(UploadRecord { plan, name })
}

fn plan_kind(sent: Sent<'_>) -> Result<PlanKind, RecordRefusal> {
    PlanKind::parse(sent.mandatory()?)
        .ok_or_else(|| sent.unsuccessful("a plan_kind is CPP, CLA or UCPP"))
}

fn mandatory_day(sent: Sent<'_>) -> Result<NaiveDate, RecordRefusal> {
    sent.mandatory()?;
    written_day(sent)
}

fn optional_day(sent: Sent<'_>) -> Result<Option<NaiveDate>, RecordRefusal> {
    match sent.bounded()? {
        "" => Ok(None),
        _ => written_day(sent).map(Some),
    }
}

fn written_day(sent: Sent<'_>) -> Result<NaiveDate, RecordRefusal> {
    day(sent.text.trim_matches(' '))
        .ok_or_else(|| sent.unsuccessful("a date is written YYYY-MM-DD"))
}
