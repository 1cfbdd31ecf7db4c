//! The last days of plans that the service works out: whose has come, whose moves with a date of
//! birth that was corrected, and what their authorities are owed of that.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{EffectiveEnd, PlanKind};
use crate::domain::upload::PlanRecord;
use crate::store::StoreError;

/// Whoever was told meanwhile that the end is that day, because a date of birth was corrected, need
/// not be told again; nor whoever was told under a number that this one replaced.
const EIGHTEEN: &str = "insert into notifications (nhs_number, id, authority_id, local_id, \
    upload_id, kind, plan_id, plan_kind, plan_start, plan_end, queued_at) \
    select p.nhs_number, uuid_of_moment($1), p.authority_id, p.local_id, p.upload_id, 'eighteen', \
    p.id, p.kind, p.start_date, p.effective_end_date, $1 from plans p \
    join children c on c.nhs_number = p.nhs_number and c.inactive_since is null \
    where p.deleted_on is null and p.end_is_computed and p.kind <> 'UCPP' \
    and p.effective_end_date <= $2 and p.effective_end_date >= $3 \
    and not exists (select from notifications n where n.nhs_number in (select p.nhs_number \
    union all select o.nhs_number from children o where o.replaced_by = p.nhs_number) \
    and n.plan_id = p.id and n.plan_end = p.effective_end_date \
    and (n.kind = 'eighteen' or (n.queued_at at time zone 'Europe/London')::date >= n.plan_end)) \
    on conflict (nhs_number, plan_id, plan_end) where kind = 'eighteen' do nothing";

const OF_OTHERS: &str = "select p.nhs_number, p.id, p.kind, p.start_date, p.sent_end_date, \
    p.effective_end_date, p.end_is_computed from plans p \
    where p.nhs_number = any($2) and p.authority_id <> $1 and p.kind <> 'UCPP'";

/// Each plan stands anew with another end, the same that its authority told otherwise.
const MOVE: &str = "with moved as (select * from unnest($1, $2, $3, $4) \
    as m (nhs_number, id, effective_end_date, end_is_computed)), \
    kept as (insert into plan_versions (nhs_number, id, version, authority_id, kind, local_id, \
    start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, \
    updated_at) select p.nhs_number, p.id, p.version, p.authority_id, p.kind, p.local_id, \
    p.start_date, p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, \
    p.upload_id, p.updated_at from plans p join moved m \
    on m.nhs_number = p.nhs_number and m.id = p.id), \
    told as (insert into notifications (nhs_number, id, authority_id, local_id, upload_id, kind, \
    plan_id, plan_kind, plan_start, plan_end, queued_at) select p.nhs_number, uuid_of_moment($5), \
    p.authority_id, p.local_id, p.upload_id, 'birth-date', p.id, p.kind, p.start_date, \
    m.effective_end_date, $5 from plans p join moved m \
    on m.nhs_number = p.nhs_number and m.id = p.id \
    where p.deleted_on is null and p.effective_end_date <> m.effective_end_date) \
    update plans p set version = p.version + 1, effective_end_date = m.effective_end_date, \
    end_is_computed = m.end_is_computed, updated_at = $5 from moved m \
    where p.nhs_number = m.nhs_number and p.id = m.id";

const TELL_OWN: &str = "insert into notifications (nhs_number, id, authority_id, local_id, \
    upload_id, kind, plan_id, plan_kind, plan_start, plan_end, queued_at) select p.nhs_number, \
    uuid_of_moment($7), p.authority_id, p.local_id, p.upload_id, 'birth-date', p.id, p.kind, \
    p.start_date, m.effective_end_date, $7 from unnest($1, $2, $3, $4, $5) \
    as m (nhs_number, kind, local_id, start_date, effective_end_date) join plans p \
    on p.nhs_number = m.nhs_number and p.authority_id = $6 and p.local_id = m.local_id \
    and p.kind = m.kind and p.start_date = m.start_date \
    where p.deleted_on is null and p.effective_end_date <> m.effective_end_date";

/// Another authority's plan for a child.
#[derive(Debug, Clone, Copy)]
pub struct OthersPlan {
    /// The child.
    pub nhs_number: NhsNumber,
    /// The plan.
    pub id: Uuid,
    /// What it is.
    pub kind: PlanKind,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day, as it was sent.
    pub sent_end: Option<NaiveDate>,
    /// Its last day, as it stands.
    pub end: EffectiveEnd,
}

#[derive(QueryableByName)]
struct OthersRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Date)]
    start_date: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    sent_end_date: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    effective_end_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    end_is_computed: bool,
}

impl OthersRow {
    fn plan(self) -> Result<OthersPlan, StoreError> {
        Ok(OthersPlan {
            nhs_number: NhsNumber::from_stored(self.nhs_number)
                .ok()
                .ok_or(StoreError::Row("NHS number"))?,
            id: self.id,
            kind: PlanKind::parse(&self.kind).ok_or(StoreError::Row("plan kind"))?,
            start: self.start_date,
            sent_end: self.sent_end_date,
            end: EffectiveEnd {
                day: self.effective_end_date,
                computed: self.end_is_computed,
            },
        })
    }
}

/// Owes authorities a notification of each of their plans whose last day came between two days,
/// both included, because the child is eighteen, and of which they were not told; how many.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn tell_of_eighteen(
    postgres: &mut PgConnection,
    (earliest, today): (NaiveDate, NaiveDate),
    at: DateTime<Utc>,
) -> Result<usize, StoreError> {
    Ok(sql_query(EIGHTEEN)
        .bind::<Timestamptz, _>(at)
        .bind::<Date, _>(today)
        .bind::<Date, _>(earliest)
        .execute(postgres)?)
}

/// The plans for children that other authorities than one told, the withdrawn included: their last
/// days follow from the dates of birth.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn of_others(
    postgres: &mut PgConnection,
    authority: Uuid,
    children: &[NhsNumber],
) -> Result<Vec<OthersPlan>, StoreError> {
    let numbers: Vec<i64> = children.iter().map(|number| number.stored()).collect();
    sql_query(OF_OTHERS)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .load::<OthersRow>(postgres)?
        .into_iter()
        .map(OthersRow::plan)
        .collect()
}

/// Ends plans on other days than they stand with, keeps how each stood, and owes their authorities
/// a notification.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn move_ends(
    postgres: &mut PgConnection,
    moved: &[(OthersPlan, EffectiveEnd)],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let each = || moved.iter();
    let numbers: Vec<i64> = each().map(|(plan, _)| plan.nhs_number.stored()).collect();
    sql_query(MOVE)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<SqlUuid>, _>(each().map(|(plan, _)| plan.id).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(each().map(|(_, end)| end.day).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(each().map(|(_, end)| end.computed).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// Owes an authority a notification of those of its own plans that are about to end on another day
/// than they stand with, though it did not name them.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn tell_of_own(
    postgres: &mut PgConnection,
    authority: Uuid,
    recounted: &[PlanRecord],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let end =
        |record: &PlanRecord| EffectiveEnd::of(record.kind, record.birth_date, record.sent_end).day;
    let each = || {
        let plans = recounted.iter();
        plans.filter(|record| record.kind != PlanKind::UnbornChildProtection)
    };
    let numbers: Vec<i64> = each().map(|record| record.nhs_number.stored()).collect();
    sql_query(TELL_OWN)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<Text>, _>(each().map(|record| record.kind.code()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(
            each()
                .map(|record| record.local_id.as_str())
                .collect::<Vec<_>>(),
        )
        .bind::<Array<Date>, _>(each().map(|record| record.start).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(each().map(end).collect::<Vec<_>>())
        .bind::<SqlUuid, _>(authority)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}
