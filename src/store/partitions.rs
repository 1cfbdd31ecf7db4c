//! The monthly partitions of the access history, made before their month comes.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Timestamptz};
use diesel::{PgConnection, RunQueryDsl, sql_query};

use crate::store::StoreError;

/// How many months ahead partitions stand ready: a service that nobody looks after for a quarter
/// still writes each month where it belongs.
const MONTHS_AHEAD: i32 = 3;

/// Makes the partitions of this month and the next few, where they are missing.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn plan_months(postgres: &mut PgConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    sql_query("select plan_access_months($1, $2)")
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(MONTHS_AHEAD)
        .execute(postgres)?;
    Ok(())
}
