//! Plans as their authority has told them so far, for a file of it to be compared with: those of
//! the children that the file names, and those that bear one of its identifiers.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::deserialize::QueryableByName;
use diesel::dsl::sql;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::holding::HeldChild;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::number_state::NumberState;
use crate::domain::plan::{EffectiveEnd, PlanKind};
use crate::domain::upload::PlanRecord;
use crate::store::StoreError;
use crate::store::children::number_of;

/// The children of these numbers that are known, each beside every plan of the authority.
const BESIDE: [&str; 2] = [
    "select c.nhs_number, c.birth_date, c.inactive_since is not null, c.replaced_by, p.kind, \
     p.local_id, p.start_date, p.sent_end_date, p.effective_end_date, p.end_is_computed, \
     p.deleted_on from unnest(",
    ") as t (nhs_number) join children c on c.nhs_number = t.nhs_number \
     left join plans p on p.nhs_number = c.nhs_number and p.authority_id = ",
];

/// Hardly any is found: a child is looked up for each, and not every child read to find them in.
const UNDER_LOCAL_IDS: &str = "select p.nhs_number, p.kind, p.local_id, p.start_date, \
    p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, \
    (select c.birth_date from children c where c.nhs_number = p.nhs_number) as birth_date \
    from unnest($2) as t (local_id) join plans p on p.authority_id = $1 \
    and p.local_id = t.local_id";

/// A plan as it stands, the withdrawn ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
}

/// A child, and one of its plans or none, in the order of the columns: a file has 50,000.
type BesideRow = (
    i64,
    NaiveDate,
    bool,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<bool>,
    Option<NaiveDate>,
);

type BesideColumns = (
    BigInt,
    Date,
    Bool,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Date>,
    Nullable<Date>,
    Nullable<Date>,
    Nullable<Bool>,
    Nullable<Date>,
);

/// The children of these numbers, each given once, that are known; none of them settled. And the
/// plans that an authority has told for them.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn of_children(
    postgres: &mut PgConnection,
    authority: Uuid,
    numbers: &[NhsNumber],
) -> Result<(HashMap<NhsNumber, HeldChild>, Vec<ToldBefore>), StoreError> {
    let stored: Vec<i64> = numbers.iter().map(|number| number.stored()).collect();
    let [select, join] = BESIDE;
    let rows: Vec<BesideRow> = sql::<BesideColumns>(select)
        .bind::<Array<BigInt>, _>(stored)
        .sql(join)
        .bind::<SqlUuid, _>(authority)
        .load(postgres)?;
    let mut children = HashMap::with_capacity(rows.len());
    let mut plans = Vec::with_capacity(rows.len());
    for row in rows {
        let (number, child) = child(&row)?;
        plans.extend(plan(row, (number, child.birth_date))?);
        children.insert(number, child);
    }
    Ok((children, plans))
}

fn child(row: &BesideRow) -> Result<(NhsNumber, HeldChild), StoreError> {
    let (number, birth_date, inactive, replaced_by, ..) = row;
    let number_state = match replaced_by {
        Some(replacement) => NumberState::Replaced(number_of(*replacement)?),
        None if *inactive => NumberState::Inactive,
        None => NumberState::Current,
    };
    let child = HeldChild {
        birth_date: *birth_date,
        settled: false,
        number: number_state,
    };
    Ok((number_of(*number)?, child))
}

fn plan(
    row: BesideRow,
    (nhs_number, birth_date): (NhsNumber, NaiveDate),
) -> Result<Option<ToldBefore>, StoreError> {
    let (.., kind, local_id, start, sent_end, end, computed, deleted_on) = row;
    let (Some(kind), Some(local_id), Some(start), Some(day), Some(computed)) =
        (kind, local_id, start, end, computed)
    else {
        return Ok(None);
    };
    Ok(Some(ToldBefore {
        told: PlanRecord {
            kind: PlanKind::parse(&kind).ok_or(StoreError::Row("plan kind"))?,
            nhs_number,
            local_id,
            birth_date,
            start,
            sent_end,
            deleted_on,
        },
        end: EffectiveEnd { day, computed },
    }))
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
    rows.into_iter().map(held).collect()
}

fn held(row: HeldRow) -> Result<ToldBefore, StoreError> {
    Ok(ToldBefore {
        told: PlanRecord {
            kind: PlanKind::parse(&row.kind).ok_or(StoreError::Row("plan kind"))?,
            nhs_number: number_of(row.nhs_number)?,
            local_id: row.local_id,
            birth_date: row.birth_date,
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
