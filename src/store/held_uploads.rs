//! Files, and requests about single plans, that are held until their authority says that they are
//! meant as they are.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl, sql_query,
};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::shrinkage::Shrinkage;
use crate::store::StoreError;
use crate::store::schema::held_uploads;

/// A file held again is as it is now: what was confirmed of another file under its number, or of
/// other figures, is not confirmed of it.
const HOLD: &str = "insert into held_uploads as h (authority_id, sequence, digest, held_at, \
    client_id, current_plans, ending_plans) values ($1, $2, $3, $4, $5, $6, $7) \
    on conflict (authority_id, sequence) do update set digest = excluded.digest, \
    held_at = excluded.held_at, client_id = excluded.client_id, \
    current_plans = excluded.current_plans, ending_plans = excluded.ending_plans, \
    confirmed_at = null, confirmed_by = null";

/// What waits still: a file that did not come in under its number, and requests since which none
/// were let through by a confirmation.
const WAITS: &str = "not exists (select from uploads u where u.authority_id = h.authority_id \
    and u.sequence = h.sequence) and not (h.sequence = 0 and exists (select from ended_by_writes e \
    where e.authority_id = h.authority_id and e.confirmed and e.ended_at >= h.held_at))";

const WAITING: &str = "select a.code, h.sequence, h.held_at, h.current_plans, h.ending_plans, \
    h.confirmed_at from held_uploads h join authorities a on a.id = h.authority_id where";

const CONFIRM: &str = "update held_uploads h set confirmed_at = $4, confirmed_by = $5 \
    from authorities a where a.id = h.authority_id and a.code = $1 and h.sequence = $2 \
    and h.ending_plans = $3 and";

const REQUESTS_CONFIRMED: &str = "select exists (select from held_uploads h \
    where h.authority_id = $1 and h.sequence = 0 and h.ending_plans = $2 and h.held_at > $3 \
    and h.confirmed_at is not null and";

/// The number under which requests about single plans are held: that of no file.
pub const REQUESTS: i64 = 0;

/// A file about to be held.
#[derive(Debug, Clone, Copy)]
pub struct HeldFile<'a> {
    /// The authority it is from.
    pub authority: Uuid,
    /// Its number; [`REQUESTS`] of requests about single plans.
    pub sequence: i64,
    /// SHA-256 of its bytes.
    pub digest: &'a [u8; 32],
    /// The client that sent it.
    pub client_id: &'a str,
    /// What it would take off.
    pub shrinkage: Shrinkage,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// A file that waits for a word of its authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFile {
    /// The authority's ODS code.
    pub authority: String,
    /// The file's number.
    pub sequence: i64,
    /// When it last came.
    pub held_at: DateTime<Utc>,
    /// How many current plans the authority had then.
    pub current: i64,
    /// How many of them the file would end or withdraw.
    pub ending: i64,
    /// When it was confirmed; it then waits to be sent again.
    pub confirmed_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Timestamptz)]
    held_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    current_plans: i64,
    #[diesel(sql_type = BigInt)]
    ending_plans: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
}

/// How many ending plans an operator confirmed of exactly this file.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn confirmed(
    postgres: &mut PgConnection,
    authority: Uuid,
    sequence: i64,
    digest: &[u8; 32],
) -> Result<Option<usize>, StoreError> {
    let found: Option<i64> = held_uploads::table
        .filter(held_uploads::authority_id.eq(authority))
        .filter(held_uploads::sequence.eq(sequence))
        .filter(held_uploads::digest.eq(digest.as_slice()))
        .filter(held_uploads::confirmed_at.is_not_null())
        .select(held_uploads::ending_plans)
        .first(postgres)
        .optional()?;
    Ok(found.and_then(|ending| usize::try_from(ending).ok()))
}

/// Whether an operator confirmed that an authority's requests since a moment end so many plans, and
/// none were let through by that yet. It is the number that is confirmed: which of several requests
/// comes again first, their system decides.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn requests_confirmed(
    postgres: &mut PgConnection,
    authority: Uuid,
    ending: usize,
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let ending = i64::try_from(ending).ok().ok_or(StoreError::Row("count"))?;
    let found: ConfirmedRow = sql_query(format!("{REQUESTS_CONFIRMED} {WAITS}) as confirmed"))
        .bind::<SqlUuid, _>(authority)
        .bind::<BigInt, _>(ending)
        .bind::<Timestamptz, _>(since)
        .get_result(postgres)?;
    Ok(found.confirmed)
}

#[derive(QueryableByName)]
struct ConfirmedRow {
    #[diesel(sql_type = Bool)]
    confirmed: bool,
}

/// Holds a file.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn hold(postgres: &mut PgConnection, file: &HeldFile<'_>) -> Result<(), StoreError> {
    let count = |plans: usize| i64::try_from(plans).ok().ok_or(StoreError::Row("count"));
    sql_query(HOLD)
        .bind::<SqlUuid, _>(file.authority)
        .bind::<BigInt, _>(file.sequence)
        .bind::<Binary, _>(file.digest.as_slice())
        .bind::<Timestamptz, _>(file.at)
        .bind::<Text, _>(file.client_id)
        .bind::<BigInt, _>(count(file.shrinkage.current)?)
        .bind::<BigInt, _>(count(file.shrinkage.ending)?)
        .execute(postgres)?;
    Ok(())
}

/// The files that wait, the longest first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn waiting(postgres: &mut PgConnection) -> Result<Vec<WaitingFile>, StoreError> {
    let rows =
        sql_query(format!("{WAITING} {WAITS} order by h.held_at")).load::<WaitingRow>(postgres)?;
    let file = |row: WaitingRow| WaitingFile {
        authority: row.code,
        sequence: row.sequence,
        held_at: row.held_at,
        current: row.current_plans,
        ending: row.ending_plans,
        confirmed_at: row.confirmed_at,
    };
    Ok(rows.into_iter().map(file).collect())
}

/// Who confirms a held file, and what exactly.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// The authority.
    pub authority: OdsCode,
    /// The file's number.
    pub sequence: i64,
    /// How many plans it is meant to end or withdraw.
    pub ending: i64,
    /// Who says so.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Confirms a held file. False when no file that waits ends exactly so many plans.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn confirm(
    postgres: &mut PgConnection,
    confirmation: &Confirmation,
) -> Result<bool, StoreError> {
    let changed = sql_query(format!("{CONFIRM} {WAITS}"))
        .bind::<Text, _>(confirmation.authority.as_str())
        .bind::<BigInt, _>(confirmation.sequence)
        .bind::<BigInt, _>(confirmation.ending)
        .bind::<Timestamptz, _>(confirmation.at)
        .bind::<Text, _>(&confirmation.by)
        .execute(postgres)?;
    Ok(changed > 0)
}
