//! The last days of plans that the service works out: whose has come, whose moves with a date of
//! birth that was corrected, and what their authorities are owed of that.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
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

const TELL_OWN: &str = "insert into notifications (nhs_number, id, authority_id, local_id, \
    upload_id, kind, plan_id, plan_kind, plan_start, plan_end, queued_at) select p.nhs_number, \
    uuid_of_moment($7), p.authority_id, p.local_id, p.upload_id, 'birth-date', p.id, p.kind, \
    p.start_date, m.effective_end_date, $7 from unnest($1, $2, $3, $4, $5) \
    as m (nhs_number, kind, local_id, start_date, effective_end_date) join plans p \
    on p.nhs_number = m.nhs_number and p.authority_id = $6 and p.local_id = m.local_id \
    and p.kind = m.kind and p.start_date = m.start_date \
    where p.deleted_on is null and p.effective_end_date <> m.effective_end_date";

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

/// Lets the plans of other authorities than the transaction's follow the dates of birth that it has
/// corrected, at once: nobody may be shown an end that is known to be wrong until the other uploads
/// again. How each stood is kept, and its authority owed a notification.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing has changed.
pub fn follow_birth_dates(
    postgres: &mut PgConnection,
    corrected: &HashMap<NhsNumber, NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if corrected.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = corrected.keys().map(|number| number.stored()).collect();
    sql_query("select follow_birth_dates($1, $2)")
        .bind::<Array<BigInt>, _>(numbers)
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
