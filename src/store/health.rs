//! Whether the database answers, under the side's own role.

use diesel::{RunQueryDsl, sql_query};

use crate::store::{Postgres, StoreError};

/// Asks the database a question that touches nothing.
///
/// # Errors
/// [`StoreError`] when it does not answer.
pub fn answers(postgres: &mut Postgres) -> Result<(), StoreError> {
    sql_query("select 1").execute(postgres)?;
    Ok(())
}
