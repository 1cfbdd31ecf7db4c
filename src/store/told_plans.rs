//! Plans as an authority tells them: replaced version by version, each earlier one kept.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::plan::EffectiveEnd;
use crate::domain::upload::PlanRecord;
use crate::store::{StoreError, identifiers};

/// What changed is copied to the earlier versions and replaced.
const REPLACE: &str = "with told as (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8) \
    as t (nhs_number, kind, local_id, start_date, sent_end_date, effective_end_date, \
    end_is_computed, deleted_on)), \
    changed as (select p.nhs_number, p.id, t.sent_end_date, t.effective_end_date, \
    t.end_is_computed, t.deleted_on from told t join plans p on p.nhs_number = t.nhs_number \
    and p.authority_id = $9 and p.local_id = t.local_id and p.kind = t.kind \
    and p.start_date = t.start_date), \
    kept as (insert into plan_versions (nhs_number, id, version, authority_id, kind, local_id, \
    start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, \
    updated_at) select p.nhs_number, p.id, p.version, p.authority_id, p.kind, p.local_id, \
    p.start_date, p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, \
    p.upload_id, p.updated_at from plans p join changed c \
    on c.nhs_number = p.nhs_number and c.id = p.id) \
    update plans p set version = p.version + 1, sent_end_date = c.sent_end_date, \
    effective_end_date = c.effective_end_date, end_is_computed = c.end_is_computed, \
    deleted_on = c.deleted_on, upload_id = $10, updated_at = $11 from changed c \
    where p.nhs_number = c.nhs_number and p.id = c.id";

/// From arrays, because PostgreSQL copies no file into a table whose rows it keeps apart.
const ADD: &str = "insert into plans (nhs_number, id, version, authority_id, kind, local_id, \
    start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, \
    updated_at) select t.nhs_number, t.id, 1, $9, t.kind, t.local_id, t.start_date, \
    t.sent_end_date, t.effective_end_date, t.end_is_computed, t.deleted_on, $10, $11 \
    from unnest($1, $2, $3, $4, $5, $6, $7, $8, $12) as t (nhs_number, kind, local_id, \
    start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, id)";

const WITHDRAWN: &str = "select exists (select from plans p \
    join authorities a on a.id = p.authority_id \
    where p.id = $1 and a.code = $2 and p.deleted_on is not null) as withdrawn";

const CURRENT: &str = "select count(*) as current from plans where authority_id = $1 \
    and deleted_on is null and effective_end_date >= $2";

/// How many plans one statement tells: enough to make round trips cheap, few enough to bound what
/// the database holds for one.
const BATCH: usize = 10_000;

/// Under which upload an authority tells plans, and when.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    /// The authority.
    pub authority: Uuid,
    /// The upload.
    pub upload: Uuid,
    /// When the upload was taken in.
    pub at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct WithdrawnRow {
    #[diesel(sql_type = Bool)]
    withdrawn: bool,
}

#[derive(QueryableByName)]
struct CurrentRow {
    #[diesel(sql_type = BigInt)]
    current: i64,
}

/// How many plans of an authority protect somebody on a day: told, not withdrawn, not ended.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn count_current(
    postgres: &mut PgConnection,
    authority: Uuid,
    today: NaiveDate,
) -> Result<usize, StoreError> {
    let row: CurrentRow = sql_query(CURRENT)
        .bind::<SqlUuid, _>(authority)
        .bind::<Date, _>(today)
        .get_result(postgres)?;
    usize::try_from(row.current)
        .ok()
        .ok_or(StoreError::Row("count"))
}

/// Whether a plan is one that this authority told and has withdrawn. It tells nothing else of the
/// plan, and of another's plan nothing at all.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn is_withdrawn(
    postgres: &mut PgConnection,
    authority: &OdsCode,
    plan: Uuid,
) -> Result<bool, StoreError> {
    let row: WithdrawnRow = sql_query(WITHDRAWN)
        .bind::<SqlUuid, _>(plan)
        .bind::<Text, _>(authority.as_str())
        .get_result(postgres)?;
    Ok(row.withdrawn)
}

/// Adds plans that their authority had not told before, each once, in the order of its own
/// identifiers: their ids ascend with them, so that both come at the ends of their indexes.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    telling: Telling,
    plans: &[&PlanRecord],
) -> Result<(), StoreError> {
    let mut sorted = plans.to_vec();
    sorted.sort_unstable_by(|one, other| one.local_id.cmp(&other.local_id));
    let ids = identifiers::ids_of(telling.at, sorted.len());
    for (batch, ids) in sorted.chunks(BATCH).zip(ids.chunks(BATCH)) {
        tell(ADD, telling, batch)
            .bind::<Array<SqlUuid>, _>(ids)
            .execute(postgres)?;
    }
    Ok(())
}

/// Replaces plans that their authority told otherwise before, each once, and keeps what it told.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn replace(
    postgres: &mut PgConnection,
    telling: Telling,
    plans: &[&PlanRecord],
) -> Result<(), StoreError> {
    for batch in plans.chunks(BATCH) {
        tell(REPLACE, telling, batch).execute(postgres)?;
    }
    Ok(())
}

/// A statement that tells a batch of plans, with the values 1 to 11.
fn tell(
    statement: &str,
    telling: Telling,
    batch: &[&PlanRecord],
) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
    let ends: Vec<EffectiveEnd> = batch
        .iter()
        .map(|record| EffectiveEnd::of(record.kind, record.birth_date, record.sent_end))
        .collect();
    let each = || batch.iter();
    let local_ids: Vec<String> = each().map(|r| r.local_id.clone()).collect();
    sql_query(statement)
        .into_boxed::<Pg>()
        .bind::<Array<BigInt>, _>(each().map(|r| r.nhs_number.stored()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(each().map(|r| r.kind.code()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(local_ids)
        .bind::<Array<Date>, _>(each().map(|r| r.start).collect::<Vec<_>>())
        .bind::<Array<Nullable<Date>>, _>(each().map(|r| r.sent_end).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(ends.iter().map(|end| end.day).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(ends.iter().map(|end| end.computed).collect::<Vec<_>>())
        .bind::<Array<Nullable<Date>>, _>(each().map(|r| r.deleted_on).collect::<Vec<_>>())
        .bind::<SqlUuid, _>(telling.authority)
        .bind::<SqlUuid, _>(telling.upload)
        .bind::<Timestamptz, _>(telling.at)
}
