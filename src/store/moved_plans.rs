//! Plans that go with their child to the number that replaced the child's: every version with them.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Date, Timestamptz};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::domain::calendar::day_of;
use crate::domain::nhs_number::NhsNumber;
use crate::store::StoreError;

/// Which plans of the old number ($1) go to the new ($2): all that do not stand there already.
const MOVES: &str = "not exists (select from plans q where q.nhs_number = $2 \
    and q.authority_id = p.authority_id and q.local_id = p.local_id and q.kind = p.kind \
    and q.start_date = p.start_date)";

/// What stands before and after the number under which a version is kept, and a condition.
const KEEP: [&str; 2] = [
    "insert into plan_versions (nhs_number, id, version, authority_id, kind, local_id, start_date, \
     sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, updated_at) \
     select ",
    ", p.id, p.version, p.authority_id, p.kind, p.local_id, p.start_date, p.sent_end_date, \
     p.effective_end_date, p.end_is_computed, p.deleted_on, p.upload_id, p.updated_at \
     from plans p where p.nhs_number = $1 and ",
];

const RESTORE: &str = "update plans p set version = p.version + 1, \
    sent_end_date = q.sent_end_date, effective_end_date = q.effective_end_date, \
    end_is_computed = q.end_is_computed, deleted_on = null, upload_id = q.upload_id, \
    updated_at = $3 from plans q where p.nhs_number = $1 and p.deleted_on is not null \
    and q.nhs_number = $2 and q.deleted_on is null and q.authority_id = p.authority_id \
    and q.local_id = p.local_id and q.kind = p.kind and q.start_date = p.start_date";

/// Moves what stands under one number to another. A plan that its authority has told under the new
/// number already stays behind, withdrawn; where that one was withdrawn and this one stands, that
/// one stands again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub(super) fn go(
    postgres: &mut PgConnection,
    old: NhsNumber,
    new: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    move_plans(postgres, old, new, at)?;
    restore_what_stands(postgres, old, new, at)?;
    withdraw_what_is_left(postgres, old, at)
}

/// The plans that go, with every version: each present one is kept as it was, and stands anew.
fn move_plans(
    postgres: &mut PgConnection,
    old: NhsNumber,
    new: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let [keep, kept] = KEEP;
    let earlier = "update plan_versions v set nhs_number = $2 from plans p \
         where p.nhs_number = $1 and v.nhs_number = $1 and v.id = p.id and ";
    let plans = "update plans p set nhs_number = $2, version = p.version + 1, updated_at = $3 \
         where p.nhs_number = $1 and ";
    sql_query(format!("{earlier}{MOVES}"))
        .bind::<BigInt, _>(old.stored())
        .bind::<BigInt, _>(new.stored())
        .execute(postgres)?;
    sql_query(format!("{keep}$2{kept}{MOVES}"))
        .bind::<BigInt, _>(old.stored())
        .bind::<BigInt, _>(new.stored())
        .execute(postgres)?;
    sql_query(format!("{plans}{MOVES}"))
        .bind::<BigInt, _>(old.stored())
        .bind::<BigInt, _>(new.stored())
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// A plan that was withdrawn under the new number and stands under the old stands under the new.
fn restore_what_stands(
    postgres: &mut PgConnection,
    old: NhsNumber,
    new: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let [keep, kept] = KEEP;
    let stands = "exists (select from plans q where q.nhs_number = $2 and q.deleted_on is null \
         and q.authority_id = p.authority_id and q.local_id = p.local_id and q.kind = p.kind \
         and q.start_date = p.start_date)";
    // Here the plans that are kept are those of the new number, and the others the old one's.
    sql_query(format!(
        "{keep}$1{kept}p.deleted_on is not null and {stands}"
    ))
    .bind::<BigInt, _>(new.stored())
    .bind::<BigInt, _>(old.stored())
    .execute(postgres)?;
    sql_query(RESTORE)
        .bind::<BigInt, _>(new.stored())
        .bind::<BigInt, _>(old.stored())
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// What stands under the new number already is not told twice.
fn withdraw_what_is_left(
    postgres: &mut PgConnection,
    old: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let [keep, kept] = KEEP;
    sql_query(format!("{keep}$1{kept}p.deleted_on is null"))
        .bind::<BigInt, _>(old.stored())
        .execute(postgres)?;
    let withdraw = "update plans set deleted_on = $2, version = version + 1, updated_at = $3 \
         where nhs_number = $1 and deleted_on is null";
    sql_query(withdraw)
        .bind::<BigInt, _>(old.stored())
        .bind::<Date, _>(day_of(at))
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}
