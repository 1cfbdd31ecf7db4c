//! The plans that requests about single plans name, for the intake to decide by.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::held_plans::{HeldPlan, HeldPlans};
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::PlanKind;
use crate::domain::upload::PlanRecord;
use crate::store::StoreError;

/// One statement for both ways a plan is named.
const STANDING: &str = "select p.id, p.nhs_number, p.version, p.kind, p.local_id, p.start_date, \
    p.sent_end_date, p.effective_end_date, p.deleted_on, p.updated_at, c.birth_date \
    from plans p join children c on c.nhs_number = p.nhs_number \
    where p.authority_id = $1 and (p.id = any($3) or p.local_id = any($2)) order by p.id";

/// Of another's plan nothing is told but that it is another's.
const OF_OTHERS: &str = "select others.id from plans_of_others($1) as others (id)";

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Integer)]
    version: i32,
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
    #[diesel(sql_type = Nullable<Date>)]
    deleted_on: Option<NaiveDate>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
}

/// The plans of an authority that has taken its turn, by its own identifiers and by the plans' ids,
/// the withdrawn ones included.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn standing(
    postgres: &mut PgConnection,
    authority: &LocalAuthority,
    (local_ids, ids): (&[&str], &[Uuid]),
    at: DateTime<Utc>,
) -> Result<HeldPlans, StoreError> {
    let rows = sql_query(STANDING)
        .bind::<SqlUuid, _>(authority.id)
        .bind::<Array<Text>, _>(local_ids)
        .bind::<Array<SqlUuid>, _>(ids)
        .load::<StandingRow>(postgres)?;
    Ok(HeldPlans {
        own: rows
            .into_iter()
            .map(StandingRow::plan)
            .collect::<Result<_, _>>()?,
        of_others: of_others(postgres, ids)?,
        at,
        described: authority.version,
    })
}

/// Which of the plans of these ids are others' than the transaction's authority's.
fn of_others(postgres: &mut PgConnection, ids: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let others: Vec<OthersRow> = sql_query(OF_OTHERS)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(postgres)?;
    Ok(others.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct OthersRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl StandingRow {
    fn plan(self) -> Result<HeldPlan, StoreError> {
        Ok(HeldPlan {
            id: self.id,
            told: self.version,
            end: self.effective_end_date,
            updated_at: self.updated_at,
            record: PlanRecord {
                kind: PlanKind::parse(&self.kind).ok_or(StoreError::Row("plan kind"))?,
                nhs_number: NhsNumber::from_stored(self.nhs_number)
                    .ok()
                    .ok_or(StoreError::Row("NHS number"))?,
                local_id: self.local_id,
                birth_date: self.birth_date,
                start: self.start_date,
                sent_end: self.sent_end_date,
                deleted_on: self.deleted_on,
            },
        })
    }
}
