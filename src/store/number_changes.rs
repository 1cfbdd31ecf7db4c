//! What became of children's numbers: the plans go with the child to a new number, or are hidden.
//!
//! The access history stays where it was recorded, because no access is ever changed; it is found
//! through the number that replaced the old one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl, sql_query,
};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::store::children::take as take_children;
use crate::store::schema::children;
use crate::store::{StoreError, identifiers, matchings, moved_plans};

/// Whoever takes children to trace has this long; then others may take them.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// A child never traced is due so long after the service last learnt something of it.
const TAKE: &str = "update children c set traced_at = $1 from (select nhs_number from children \
    where replaced_by is null and coalesce(traced_at, updated_at) < $2 \
    order by nhs_number limit $3 for update skip locked) due \
    where c.nhs_number = due.nhs_number \
    returning c.id, c.nhs_number, c.birth_date, c.inactive_since is not null as inactive";

const NOTICE: &str = "insert into notifications \
    (nhs_number, id, authority_id, local_id, upload_id, kind, replacement, queued_at) \
    select told.nhs_number, uuid_of_moment($3), told.authority_id, told.local_id, told.upload_id, \
    'number', $2, $3 from (select distinct on (authority_id, local_id) nhs_number, authority_id, \
    local_id, upload_id from plans where nhs_number = $1 and deleted_on is null \
    order by authority_id, local_id, updated_at desc) told";

/// A child whose turn it is to be traced.
#[derive(Debug, Clone, Copy)]
pub struct TakenChild {
    /// The child's opaque id, which may be logged.
    pub id: Uuid,
    /// The number held.
    pub nhs_number: NhsNumber,
    /// The date of birth held.
    pub birth_date: NaiveDate,
    /// Whether the number was found to be inactive before.
    pub inactive: bool,
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Date)]
    birth_date: NaiveDate,
    #[diesel(sql_type = Bool)]
    inactive: bool,
}

/// Takes so many children whose numbers were not traced for so many days; nobody else takes them
/// within ten minutes.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn take(
    postgres: &mut PgConnection,
    now: DateTime<Utc>,
    days: u16,
    children: i64,
) -> Result<Vec<TakenChild>, StoreError> {
    let due = now - TimeDelta::days(i64::from(days));
    sql_query(TAKE)
        .bind::<Timestamptz, _>(due + LEASE)
        .bind::<Timestamptz, _>(due)
        .bind::<BigInt, _>(children)
        .load::<TakenRow>(postgres)?
        .into_iter()
        .map(|row| {
            let nhs_number = NhsNumber::from_stored(row.nhs_number);
            Ok(TakenChild {
                id: row.id,
                nhs_number: nhs_number.ok().ok_or(StoreError::Row("NHS number"))?,
                birth_date: row.birth_date,
                inactive: row.inactive,
            })
        })
        .collect()
}

/// Keeps that numbers were traced, and that nothing came of it.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn traced(
    postgres: &mut PgConnection,
    numbers: &[i64],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(children::table.filter(children::nhs_number.eq_any(numbers)))
        .set(children::traced_at.eq(at))
        .execute(postgres)?;
    Ok(())
}

/// Hides the plans of a child whose number no other replaced, and owes their authorities a notice
/// without a replacement. Of a number that is inactive already nothing changes.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn hide(
    postgres: &mut PgConnection,
    number: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    take_children(postgres, &[number])?;
    let current = children::table
        .filter(children::nhs_number.eq(number.stored()))
        .filter(children::replaced_by.is_null())
        .filter(children::inactive_since.is_null());
    let hidden = diesel::update(current)
        .set((children::inactive_since.eq(at), children::traced_at.eq(at)))
        .execute(postgres)?;
    if hidden > 0 {
        notice(postgres, number, None, at)?;
        matchings::forget(postgres, number)?;
    }
    Ok(())
}

/// Shows the plans of a child again whose number turned out to be theirs after all.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn show(
    postgres: &mut PgConnection,
    number: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(children::table.filter(children::nhs_number.eq(number.stored())))
        .set((
            children::inactive_since.eq(None::<DateTime<Utc>>),
            children::traced_at.eq(at),
        ))
        .execute(postgres)?;
    Ok(())
}

/// Moves a child's plans, every version of them, to the number that replaced theirs, and owes the
/// authorities a notice with it. A plan that its authority has told under the new number already
/// stays behind, withdrawn; where the one under the new number was withdrawn and the other stands,
/// it stands again.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn replace(
    postgres: &mut PgConnection,
    old: NhsNumber,
    new: NhsNumber,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    take_children(postgres, &[old, new])?;
    let held: Option<(Uuid, NaiveDate)> = children::table
        .filter(children::nhs_number.eq(old.stored()))
        .filter(children::replaced_by.is_null())
        .select((children::id, children::birth_date))
        .first(postgres)
        .optional()?;
    let Some((id, birth_date)) = held else {
        return Ok(());
    };
    notice(postgres, old, Some(new), at)?;
    let is_new_child = add_under(postgres, new, (id, birth_date), at)?;
    moved_plans::go(postgres, old, new, at)?;
    // The child keeps its id under the new number, where it was not held there under another.
    let old_id = if is_new_child {
        identifiers::id_of(at)
    } else {
        id
    };
    diesel::update(children::table.filter(children::nhs_number.eq(old.stored())))
        .set((
            children::id.eq(old_id),
            children::replaced_by.eq(new.stored()),
            children::inactive_since.eq(None::<DateTime<Utc>>),
            children::traced_at.eq(at),
        ))
        .execute(postgres)?;
    // What the old number had replaced leads straight to the new.
    let earlier = children::table
        .filter(children::replaced_by.eq(old.stored()))
        .filter(children::nhs_number.ne(new.stored()));
    diesel::update(earlier)
        .set(children::replaced_by.eq(new.stored()))
        .execute(postgres)?;
    matchings::forget(postgres, old)
}

fn notice(
    postgres: &mut PgConnection,
    old: NhsNumber,
    new: Option<NhsNumber>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sql_query(NOTICE)
        .bind::<BigInt, _>(old.stored())
        .bind::<Nullable<BigInt>, _>(new.map(NhsNumber::stored))
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// Adds a child under a new number; whether it was not there before. One that was there has this
/// number now, whatever was thought of it.
fn add_under(
    postgres: &mut PgConnection,
    new: NhsNumber,
    (id, birth_date): (Uuid, NaiveDate),
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let added = diesel::insert_into(children::table)
        .values((
            children::nhs_number.eq(new.stored()),
            children::id.eq(id),
            children::birth_date.eq(birth_date),
            children::updated_at.eq(at),
            children::traced_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(postgres)?;
    diesel::update(children::table.filter(children::nhs_number.eq(new.stored())))
        .set((
            children::replaced_by.eq(None::<i64>),
            children::inactive_since.eq(None::<DateTime<Utc>>),
            children::updated_at.eq(at),
        ))
        .execute(postgres)?;
    Ok(added > 0)
}
