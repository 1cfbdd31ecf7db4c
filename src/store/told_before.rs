//! Plans as their authority has told them so far, for a file of it to be compared with: those of
//! the children that the file names, and those that bear one of its identifiers.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::holding::HeldChild;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{EffectiveEnd, PlanKind};
use crate::domain::upload::PlanRecord;
use crate::store::StoreError;

/// The child is known already, and need not be looked up with every plan.
const OF_CHILDREN: &str = "select p.nhs_number, p.kind, p.local_id, p.start_date, p.sent_end_date, \
    p.effective_end_date, p.end_is_computed, p.deleted_on, null::date as birth_date \
    from unnest($2) as t (nhs_number) join plans p on p.nhs_number = t.nhs_number \
    where p.authority_id = $1";

const UNDER_LOCAL_IDS: &str = "select p.nhs_number, p.kind, p.local_id, p.start_date, \
    p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, c.birth_date \
    from unnest($2) as t (local_id) join plans p on p.authority_id = $1 \
    and p.local_id = t.local_id join children c on c.nhs_number = p.nhs_number";

/// A plan as it stands, the withdrawn ones included.
#[derive(Debug, Clone)]
pub struct ToldBefore {
    /// What its authority told.
    pub told: PlanRecord,
    /// The end on record.
    pub end: EffectiveEnd,
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    local_id: String,
    #[diesel(sql_type = Date)]
    start_date: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    sent_end_date: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    effective_end_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    end_is_computed: bool,
    #[diesel(sql_type = Nullable<Date>)]
    deleted_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    birth_date: Option<NaiveDate>,
}

/// The plans an authority has told for children that are known.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn of_children(
    postgres: &mut PgConnection,
    authority: Uuid,
    children: &HashMap<NhsNumber, HeldChild>,
) -> Result<Vec<ToldBefore>, StoreError> {
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let mut numbers: Vec<i64> = children.keys().map(|number| number.stored()).collect();
    numbers.sort_unstable();
    let rows = sql_query(OF_CHILDREN)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .load::<HeldRow>(postgres)?;
    rows.into_iter()
        .map(|row| held(row, |number| Some(children.get(&number)?.birth_date)))
        .collect()
}

/// The plans an authority has told under these identifiers, whichever child each is of. An
/// identifier must be given once.
///
/// # Errors
/// As [`of_children`].
pub fn under_local_ids(
    postgres: &mut PgConnection,
    authority: Uuid,
    local_ids: &[&str],
) -> Result<Vec<ToldBefore>, StoreError> {
    if local_ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sql_query(UNDER_LOCAL_IDS)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<Text>, _>(local_ids)
        .load::<HeldRow>(postgres)?;
    rows.into_iter()
        .map(|row| {
            let birth_date = row.birth_date;
            held(row, |_| birth_date)
        })
        .collect()
}

fn held(
    row: HeldRow,
    birth_date: impl Fn(NhsNumber) -> Option<NaiveDate>,
) -> Result<ToldBefore, StoreError> {
    let nhs_number = NhsNumber::from_stored(row.nhs_number)
        .ok()
        .ok_or(StoreError::Row("NHS number"))?;
    Ok(ToldBefore {
        told: PlanRecord {
            kind: PlanKind::parse(&row.kind).ok_or(StoreError::Row("plan kind"))?,
            nhs_number,
            local_id: row.local_id,
            birth_date: birth_date(nhs_number).ok_or(StoreError::Row("date of birth"))?,
            start: row.start_date,
            sent_end: row.sent_end_date,
            deleted_on: row.deleted_on,
        },
        end: EffectiveEnd {
            day: row.effective_end_date,
            computed: row.end_is_computed,
        },
    })
}
