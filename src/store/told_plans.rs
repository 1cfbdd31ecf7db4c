//! Plans as an authority tells them: replaced version by version, each earlier one kept.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::held_plans::{HeldPlan, HeldPlans};
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::{EffectiveEnd, PlanKind};
use crate::domain::upload::PlanRecord;
use crate::store::{StoreError, identifiers};

const HELD: &str = "select p.nhs_number, p.kind, p.local_id, p.start_date, p.sent_end_date, \
    p.deleted_on, c.birth_date from plans p join children c on c.nhs_number = p.nhs_number \
    where p.authority_id = $1 and (p.local_id = any($2) or p.nhs_number = any($3))";

/// One statement for both ways a plan is named.
const STANDING: &str = "select p.id, p.authority_id = $1 as own, p.nhs_number, p.version, p.kind, \
    p.local_id, p.start_date, p.sent_end_date, p.effective_end_date, p.deleted_on, p.updated_at, \
    c.birth_date from plans p join children c on c.nhs_number = p.nhs_number \
    where p.id = any($3) or (p.authority_id = $1 and p.local_id = any($2))";

/// One statement a batch: what changed is copied to the earlier versions and replaced, what is new
/// is added, and what stands as told is left alone, so that the same file again changes nothing.
const TELL: &str = "with told as (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    as t (nhs_number, id, kind, local_id, start_date, sent_end_date, effective_end_date, \
    end_is_computed, deleted_on)), \
    changed as (select p.nhs_number, p.id, t.sent_end_date, t.effective_end_date, \
    t.end_is_computed, t.deleted_on from told t join plans p on p.nhs_number = t.nhs_number \
    and p.authority_id = $10 and p.local_id = t.local_id and p.kind = t.kind \
    and p.start_date = t.start_date where p.sent_end_date is distinct from t.sent_end_date \
    or p.effective_end_date <> t.effective_end_date or p.end_is_computed <> t.end_is_computed \
    or (p.deleted_on is null) <> (t.deleted_on is null)), \
    kept as (insert into plan_versions (nhs_number, id, version, authority_id, kind, local_id, \
    start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, \
    updated_at) select p.nhs_number, p.id, p.version, p.authority_id, p.kind, p.local_id, \
    p.start_date, p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, \
    p.upload_id, p.updated_at from plans p join changed c \
    on c.nhs_number = p.nhs_number and c.id = p.id), \
    replaced as (update plans p set version = p.version + 1, sent_end_date = c.sent_end_date, \
    effective_end_date = c.effective_end_date, end_is_computed = c.end_is_computed, \
    deleted_on = c.deleted_on, upload_id = $11, updated_at = $12 from changed c \
    where p.nhs_number = c.nhs_number and p.id = c.id) \
    insert into plans (nhs_number, id, version, authority_id, kind, local_id, start_date, \
    sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, updated_at) \
    select t.nhs_number, t.id, 1, $10, t.kind, t.local_id, t.start_date, t.sent_end_date, \
    t.effective_end_date, t.end_is_computed, t.deleted_on, $11, $12 from told t \
    where not exists (select from plans p where p.nhs_number = t.nhs_number \
    and p.authority_id = $10 and p.local_id = t.local_id and p.kind = t.kind \
    and p.start_date = t.start_date) order by t.nhs_number";

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
    #[diesel(sql_type = Nullable<Date>)]
    deleted_on: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
}

#[derive(QueryableByName)]
struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    own: bool,
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

/// The plans an authority has told for these children, by its own identifiers or by NHS number,
/// the withdrawn ones included.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn held(
    postgres: &mut PgConnection,
    authority: Uuid,
    local_ids: &[&str],
    numbers: &[i64],
) -> Result<Vec<PlanRecord>, StoreError> {
    sql_query(HELD)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<Text>, _>(local_ids)
        .bind::<Array<BigInt>, _>(numbers)
        .load::<HeldRow>(postgres)?
        .into_iter()
        .map(|row| {
            Ok(PlanRecord {
                kind: PlanKind::parse(&row.kind).ok_or(StoreError::Row("plan kind"))?,
                nhs_number: NhsNumber::from_stored(row.nhs_number)
                    .ok()
                    .ok_or(StoreError::Row("NHS number"))?,
                local_id: row.local_id,
                birth_date: row.birth_date,
                start: row.start_date,
                sent_end: row.sent_end_date,
                deleted_on: row.deleted_on,
            })
        })
        .collect()
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
    let (own, of_others): (Vec<StandingRow>, Vec<StandingRow>) =
        rows.into_iter().partition(|row| row.own);
    Ok(HeldPlans {
        own: own
            .into_iter()
            .map(StandingRow::plan)
            .collect::<Result<_, _>>()?,
        of_others: of_others.into_iter().map(|row| row.id).collect(),
        at,
        described: authority.version,
    })
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

/// Tells plans in an authority's name.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn tell(
    postgres: &mut PgConnection,
    telling: Telling,
    records: &[&PlanRecord],
) -> Result<(), StoreError> {
    for batch in records.chunks(BATCH) {
        let ends: Vec<EffectiveEnd> = batch
            .iter()
            .map(|record| EffectiveEnd::of(record.kind, record.birth_date, record.sent_end))
            .collect();
        let each = || batch.iter();
        sql_query(TELL)
            .bind::<Array<BigInt>, _>(each().map(|r| r.nhs_number.stored()).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(
                each()
                    .map(|_| identifiers::id_of(telling.at))
                    .collect::<Vec<_>>(),
            )
            .bind::<Array<Text>, _>(each().map(|r| r.kind.code()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(each().map(|r| r.local_id.as_str()).collect::<Vec<_>>())
            .bind::<Array<Date>, _>(each().map(|r| r.start).collect::<Vec<_>>())
            .bind::<Array<Nullable<Date>>, _>(each().map(|r| r.sent_end).collect::<Vec<_>>())
            .bind::<Array<Date>, _>(ends.iter().map(|end| end.day).collect::<Vec<_>>())
            .bind::<Array<Bool>, _>(ends.iter().map(|end| end.computed).collect::<Vec<_>>())
            .bind::<Array<Nullable<Date>>, _>(each().map(|r| r.deleted_on).collect::<Vec<_>>())
            .bind::<SqlUuid, _>(telling.authority)
            .bind::<SqlUuid, _>(telling.upload)
            .bind::<Timestamptz, _>(telling.at)
            .execute(postgres)?;
    }
    Ok(())
}
