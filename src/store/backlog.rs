//! What is owed and what was given up, for the operator: nothing of any child.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;

/// How much is owed, and how much was given up, each up to [`COUNTED_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Notifications that are owed.
    pub owed: i64,
    /// When the oldest of them was queued.
    pub oldest: Option<DateTime<Utc>>,
    /// Notifications that were given up and not acknowledged since.
    pub given_up: i64,
}

/// How far is counted: beyond it the number says nothing more, and counting costs.
pub const COUNTED_MAX: i64 = 10_000;

#[derive(QueryableByName)]
struct BacklogRow {
    #[diesel(sql_type = BigInt)]
    owed: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    oldest: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    given_up: i64,
}

/// How much is owed and was given up.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn backlog(postgres: &mut PgConnection) -> Result<Backlog, StoreError> {
    let row: BacklogRow = sql_query(
        "select (select count(*) from (select from notifications where delivered_at is null \
         and failed_at is null limit $1) n) as owed, \
         (select count(*) from (select from notifications where failed_at is not null limit $1) n) \
         as given_up, \
         (select min(first.queued_at) from authorities a cross join lateral \
         (select queued_at from notifications n where n.authority_id = a.id \
         and n.delivered_at is null and n.failed_at is null \
         order by n.transaction_id, n.id limit 1) first) as oldest",
    )
    .bind::<BigInt, _>(COUNTED_MAX)
    .get_result(postgres)?;
    Ok(Backlog {
        owed: row.owed,
        oldest: row.oldest,
        given_up: row.given_up,
    })
}

/// Since when something is owed to an authority, for the operator: nothing of a child.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OwedSince {
    /// The authority's ODS code.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// When the oldest of it was queued.
    #[diesel(sql_type = Timestamptz)]
    pub queued_at: DateTime<Utc>,
}

/// The authorities to which something is owed, and since when, the longest first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn owed_since(postgres: &mut PgConnection) -> Result<Vec<OwedSince>, StoreError> {
    Ok(sql_query(
        "select a.code as authority, first.queued_at from authorities a cross join lateral \
         (select queued_at from notifications n where n.authority_id = a.id \
         and n.delivered_at is null and n.failed_at is null \
         order by n.transaction_id, n.id limit 1) first order by first.queued_at, a.code",
    )
    .load(postgres)?)
}

/// A notification that was given up, for the operator: nothing of a child.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct GivenUp {
    /// The notification.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The authority's ODS code.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// When it was queued.
    #[diesel(sql_type = Timestamptz)]
    pub queued_at: DateTime<Utc>,
    /// When it was given up.
    #[diesel(sql_type = Timestamptz)]
    pub failed_at: DateTime<Utc>,
    /// After how many attempts.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// Why the last one failed, as a code.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
}

/// The oldest of those given up.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn given_up(postgres: &mut PgConnection) -> Result<Vec<GivenUp>, StoreError> {
    Ok(sql_query(
        "select n.id, a.code as authority, n.queued_at, n.failed_at, n.attempts, n.last_error \
         from notifications n join authorities a on a.id = n.authority_id \
         where n.failed_at is not null order by n.failed_at, n.id limit $1",
    )
    .bind::<BigInt, _>(COUNTED_MAX)
    .load(postgres)?)
}

/// Owes what was given up again: of one notification, of one authority, or all; how many there
/// were.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn owe_again(
    postgres: &mut PgConnection,
    id: Option<Uuid>,
    authority: Option<&str>,
) -> Result<usize, StoreError> {
    Ok(sql_query(
        "update notifications n set failed_at = null, next_attempt_at = null, attempts = 0 \
         where n.failed_at is not null and ($1 is null or n.id = $1) and ($2 is null \
         or n.authority_id = (select id from authorities where code = $2))",
    )
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<Nullable<Text>, _>(authority)
    .execute(postgres)?)
}
