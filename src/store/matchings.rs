//! Whose record agreed with the demographics service, and when: so that it is not traced again.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::nhs_number::NhsNumber;
use crate::store::StoreError;

/// A quarter of the children come due early, each on a day of its own, so that a file that agreed
/// as a whole does not come due as a whole.
const FRESH: &str = "select nhs_number, digest, matched_at from matchings \
    where authority_id = $1 and nhs_number = any($2) \
    and matched_at > $3 + make_interval(days => (nhs_number % $4)::integer)";

const KEEP: &str = "insert into matchings (nhs_number, authority_id, digest, matched_at) \
    select distinct on (t.nhs_number) t.nhs_number, $1, t.digest, $4 \
    from unnest($2, $3) as t (nhs_number, digest) order by t.nhs_number \
    on conflict (nhs_number, authority_id) do update \
    set digest = excluded.digest, matched_at = excluded.matched_at";

const FORGET: &str = "delete from matchings where nhs_number = $1";

#[derive(QueryableByName)]
struct MatchingRow {
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    matched_at: DateTime<Utc>,
}

/// A record that agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Its keyed digest.
    pub digest: Vec<u8>,
    /// When its file came.
    pub at: DateTime<Utc>,
}

/// What of an authority's records for these numbers agreed within so many days.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn fresh(
    postgres: &mut PgConnection,
    authority: Uuid,
    numbers: &[i64],
    (now, days): (DateTime<Utc>, u16),
) -> Result<HashMap<NhsNumber, Agreed>, StoreError> {
    let oldest = now
        .checked_sub_signed(TimeDelta::days(i64::from(days)))
        .unwrap_or(DateTime::<Utc>::MIN_UTC);
    sql_query(FRESH)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Timestamptz, _>(oldest)
        .bind::<Integer, _>(i32::from(days / 4).max(1))
        .load::<MatchingRow>(postgres)?
        .into_iter()
        .map(|row| {
            let number = NhsNumber::from_stored(row.nhs_number);
            let agreed = Agreed {
                digest: row.digest,
                at: row.matched_at,
            };
            Ok((number.ok().ok_or(StoreError::Row("NHS number"))?, agreed))
        })
        .collect()
}

/// Keeps that records agreed: numbers, and the digest of each.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn keep(
    postgres: &mut PgConnection,
    authority: Uuid,
    (numbers, digests): (&[i64], &[Vec<u8>]),
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sql_query(KEEP)
        .bind::<SqlUuid, _>(authority)
        .bind::<Array<BigInt>, _>(numbers)
        .bind::<Array<Binary>, _>(digests)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}

/// Forgets what agreed of a number that changed.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn forget(postgres: &mut PgConnection, number: NhsNumber) -> Result<(), StoreError> {
    sql_query(FORGET)
        .bind::<BigInt, _>(number.stored())
        .execute(postgres)?;
    Ok(())
}
