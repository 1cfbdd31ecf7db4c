//! How many plans an authority's requests about single plans have ended or withdrawn.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::schema::ended_by_writes;

/// What was confirmed, and whatever came before it, counts no more.
const COUNT: &str = "select coalesce(sum(e.plans), 0)::bigint as plans from ended_by_writes e \
    where e.authority_id = $1 and e.ended_at > $2 and not exists (select from ended_by_writes c \
    where c.authority_id = $1 and c.confirmed \
    and (c.ended_at > e.ended_at or c.upload_id = e.upload_id))";

/// Plans that requests end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many.
    pub plans: usize,
    /// Whether the authority has confirmed that they are so many, with those before them.
    pub confirmed: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    plans: i64,
}

/// How many an authority has ended since a moment, and since it last confirmed a number.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn count(
    postgres: &mut PgConnection,
    authority: Uuid,
    since: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let count: Count = sql_query(COUNT)
        .bind::<SqlUuid, _>(authority)
        .bind::<Timestamptz, _>(since)
        .get_result(postgres)?;
    let plans = usize::try_from(count.plans).ok();
    plans.ok_or(StoreError::Row("count"))
}

/// Keeps how many an authority's upload ended.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    (authority, upload): (Uuid, Uuid),
    ended: Ended,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let plans = i32::try_from(ended.plans).ok();
    diesel::insert_into(ended_by_writes::table)
        .values((
            ended_by_writes::upload_id.eq(upload),
            ended_by_writes::authority_id.eq(authority),
            ended_by_writes::ended_at.eq(at),
            ended_by_writes::plans.eq(plans.ok_or(StoreError::Row("count"))?),
            ended_by_writes::confirmed.eq(ended.confirmed),
        ))
        .execute(postgres)?;
    Ok(())
}
