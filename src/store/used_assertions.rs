//! Assertions that have been used at the token endpoint: each is used once, whichever process it
//! reaches.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl};

use crate::store::StoreError;
use crate::store::schema::used_assertions;

/// How long after its end an assertion is kept as used: longer than any clock of ours is behind.
const KEPT_AFTER_END: TimeDelta = TimeDelta::minutes(10);

/// Notes that a client's assertion is used; false where it was before. The row's key decides, under
/// any number of processes at once.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails: then nobody knows, and it must not count.
pub fn use_once(
    postgres: &mut PgConnection,
    client_id: &str,
    token_id: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let noted = diesel::insert_into(used_assertions::table)
        .values((
            used_assertions::client_id.eq(client_id),
            used_assertions::token_id.eq(token_id),
            used_assertions::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(postgres)?;
    Ok(noted > 0)
}

/// Forgets assertions that would by now be refused as expired.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn forget_expired(postgres: &mut PgConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::delete(used_assertions::table)
        .filter(used_assertions::expires_at.lt(now - KEPT_AFTER_END))
        .execute(postgres)?;
    Ok(())
}
