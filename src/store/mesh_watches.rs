//! Which process looks into a mailbox: one at a time, and another when it has gone silent.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;

const HOLD: &str = "insert into mesh_watches (mailbox, watcher, held_until) values ($1, $2, $4) \
    on conflict (mailbox) do update set watcher = $2, held_until = $4 \
    where mesh_watches.watcher = $2 or mesh_watches.held_until < $3";

const RELEASE: &str = "delete from mesh_watches where mailbox = $1 and watcher = $2";

/// Holds the watch of a mailbox until a moment, anew or longer; false where another holds it.
///
/// The processes' clocks are compared here, and may differ by a little: what two would do at once
/// is safe, and only less orderly.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn hold(
    postgres: &mut PgConnection,
    mailbox: &str,
    watcher: Uuid,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let held = sql_query(HOLD)
        .bind::<Text, _>(mailbox)
        .bind::<SqlUuid, _>(watcher)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(until)
        .execute(postgres)?;
    Ok(held == 1)
}

/// Lets the watch of a mailbox go, so that another need not wait for its end.
///
/// # Errors
/// As [`hold`].
pub fn release(
    postgres: &mut PgConnection,
    mailbox: &str,
    watcher: Uuid,
) -> Result<(), StoreError> {
    sql_query(RELEASE)
        .bind::<Text, _>(mailbox)
        .bind::<SqlUuid, _>(watcher)
        .execute(postgres)?;
    Ok(())
}
