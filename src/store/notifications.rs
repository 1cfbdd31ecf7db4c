//! What a local authority is owed and was told, as the authority itself reads it: its own rows and
//! no other's, in the order in which they arrived.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::notification::{Notification, Place};
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;
use crate::store::notification_rows::{COLUMNS, JOINS, NotificationRow};

/// Only rows whose transactions, and all before them, are over: what commits late lands behind
/// whatever was read, and is read next.
pub(super) const ARRIVED: &str =
    "n.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Which are sought: of this authority, queued within these moments, of this state, after a place.
const SOUGHT: &str = "n.authority_id = (select id from authorities where code = $1) \
    and ($2::timestamptz is null or n.queued_at >= $2) \
    and ($3::timestamptz is null or n.queued_at < $3) \
    and ($4::boolean is null or (n.delivered_at is not null) = $4) \
    and (n.transaction_id, n.id) > ($5::bigint, $6::uuid)";

/// Marks what an authority says it has, however often it says so: then no mailbox can give it back.
const ACKNOWLEDGE: &str = "with named as (select n.nhs_number, n.id, n.delivered_at \
    from notifications n where n.authority_id = (select id from authorities where code = $1) \
    and n.id = any($2) and n.queued_at >= $3 and n.queued_at <= $4), \
    marked as (update notifications n set failed_at = null, window_id = null, \
    delivered_at = coalesce(n.delivered_at, greatest($5, n.queued_at)) from named \
    where n.nhs_number = named.nhs_number and n.id = named.id \
    and (n.delivered_at is null or n.window_id is not null)) \
    select id from named";

/// What an authority seeks among its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The authority.
    pub authority: OdsCode,
    /// Queued at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Queued before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Delivered, or not.
    pub delivered: Option<bool>,
    /// After this place.
    pub after: Place,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Awaited {
    #[diesel(sql_type = Bool)]
    awaits: bool,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// What was found of the notifications sought.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The first of them.
    pub told: Vec<Notification>,
    /// How many there are in all.
    pub total: i64,
    /// Whether there are others that are not told yet, because something might still come before
    /// them.
    pub awaits: bool,
}

/// Finds the first of the notifications sought.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn find(postgres: &mut PgConnection, sought: &Sought, limit: i64) -> Result<Found, StoreError> {
    // Asked first: what arrives in between is found, though it was awaited.
    let awaited: Awaited = asking(
        format!(
            "select exists (select from notifications n where {SOUGHT} and not {ARRIVED}) as awaits"
        ),
        sought,
    )
    .get_result(postgres)?;
    let found = asking(
        format!(
            "select {COLUMNS} from notifications n {JOINS} where {SOUGHT} and {ARRIVED} \
             order by n.transaction_id, n.id limit $7"
        ),
        sought,
    )
    .bind::<BigInt, _>(limit)
    .load::<NotificationRow>(postgres)?;
    // Counted afterwards: what arrives in between is counted, and is on the next page.
    let count: Count = asking(
        format!("select count(*) as count from notifications n where {SOUGHT} and {ARRIVED}"),
        sought,
    )
    .get_result(postgres)?;
    let told = found
        .into_iter()
        .map(NotificationRow::notification)
        .collect::<Result<_, _>>()?;
    Ok(Found {
        told,
        total: count.count,
        awaits: awaited.awaits,
    })
}

/// A statement with the six values of [`SOUGHT`].
fn asking(sql: String, sought: &Sought) -> BoxedSqlQuery<'_, Pg, SqlQuery> {
    sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Text, _>(sought.authority.as_str())
        .bind::<Nullable<Timestamptz>, _>(sought.from)
        .bind::<Nullable<Timestamptz>, _>(sought.until)
        .bind::<Nullable<Bool>, _>(sought.delivered)
        .bind::<BigInt, _>(sought.after.transaction)
        .bind::<SqlUuid, _>(sought.after.id)
}

/// One of an authority's own, by its id, queued at the moment that the id holds.
///
/// # Errors
/// As [`find`].
pub fn read(
    postgres: &mut PgConnection,
    authority: &OdsCode,
    id: Uuid,
) -> Result<Option<Notification>, StoreError> {
    sql_query(format!(
        "select {COLUMNS} from notifications n {JOINS} where n.id = $2 \
         and n.queued_at = moment_of_uuid($2) \
         and n.authority_id = (select id from authorities where code = $1)"
    ))
    .bind::<Text, _>(authority.as_str())
    .bind::<SqlUuid, _>(id)
    .get_result::<NotificationRow>(postgres)
    .optional()?
    .map(NotificationRow::notification)
    .transpose()
}

/// Marks those of an authority's own that it says it has; which of the ids are its own.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn acknowledge(
    postgres: &mut PgConnection,
    authority: &OdsCode,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, StoreError> {
    let moments = || ids.iter().filter_map(|id| moment(*id));
    let (Some(first), Some(last)) = (moments().min(), moments().max()) else {
        return Ok(Vec::new());
    };
    let own = sql_query(ACKNOWLEDGE)
        .bind::<Text, _>(authority.as_str())
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(first)
        .bind::<Timestamptz, _>(last)
        .bind::<Timestamptz, _>(now)
        .load::<Id>(postgres)?;
    Ok(own.into_iter().map(|row| row.id).collect())
}

/// The moment a UUIDv7 holds.
fn moment(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}
