//! Whether what was committed is there to stay. PostgreSQL calls a commit done whose wait for a
//! standby was cut short, with a warning that nobody sees; so it is asked again, by the position in
//! its log.

use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::store::{Postgres, StoreError};

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    holds: bool,
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = Text)]
    position: String,
}

/// Whether the database keeps on its disk what it calls committed, through a crash of its machine.
///
/// # Errors
/// [`StoreError`] when the database does not say.
pub fn keeps_what_is_committed(postgres: &mut Postgres) -> Result<bool, StoreError> {
    let kept: Holds = sql_query(
        "select current_setting('fsync')::boolean \
         and current_setting('full_page_writes')::boolean as holds",
    )
    .get_result(postgres)?;
    Ok(kept.holds)
}

/// The end of the log: behind all that was committed before it was asked for.
///
/// # Errors
/// [`StoreError`] when the database does not say.
pub fn log_position(postgres: &mut Postgres) -> Result<String, StoreError> {
    let end: Position =
        sql_query("select pg_current_wal_insert_lsn()::text as position").get_result(postgres)?;
    Ok(end.position)
}

/// Whether a synchronous standby has the log on its disk up to a position.
///
/// # Errors
/// [`StoreError`] when the database does not say.
pub fn is_replicated_through(postgres: &mut Postgres, position: &str) -> Result<bool, StoreError> {
    let has: Holds = sql_query("select is_replicated_through($1::pg_lsn) as holds")
        .bind::<Text, _>(position)
        .get_result(postgres)?;
    Ok(has.holds)
}
