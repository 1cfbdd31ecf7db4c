//! What was signed of the access history, as it was signed: added to, read, never changed; and how
//! much waits to be sealed.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension as _, PgConnection, RunQueryDsl, sql_query};

use crate::store::sealable_rows::SEALED_KINDS;
use crate::store::sealed_rows::{sealed_below, transactions};
use crate::store::{StoreError, backlog};

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct KeptCheckpoint {
    /// How many leaves the tree had.
    #[diesel(sql_type = BigInt)]
    pub tree_size: i64,
    /// The signed note.
    #[diesel(sql_type = Text)]
    pub note: String,
}

/// How much waits to be sealed, counted up to [`backlog::COUNTED_MAX`] of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unsealed {
    /// How many rows.
    pub rows: i64,
    /// The moment of the oldest of them.
    pub oldest: Option<DateTime<Utc>>,
}

/// The newest checkpoint of a log.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn latest(
    postgres: &mut PgConnection,
    origin: &str,
) -> Result<Option<KeptCheckpoint>, StoreError> {
    Ok(sql_query(
        "select tree_size, note from sealed_checkpoints where origin = $1 \
         order by tree_size desc limit 1",
    )
    .bind::<Text, _>(origin)
    .get_result(postgres)
    .optional()?)
}

/// The checkpoints of a log of trees larger than one and up to another, the smallest first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn between(
    postgres: &mut PgConnection,
    origin: &str,
    (above, up_to): (i64, i64),
) -> Result<Vec<KeptCheckpoint>, StoreError> {
    Ok(sql_query(
        "select tree_size, note from sealed_checkpoints where origin = $1 \
         and tree_size > $2 and tree_size <= $3 order by tree_size",
    )
    .bind::<Text, _>(origin)
    .bind::<BigInt, _>(above)
    .bind::<BigInt, _>(up_to)
    .load(postgres)?)
}

/// Adds a checkpoint.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(
    postgres: &mut PgConnection,
    origin: &str,
    checkpoint: &KeptCheckpoint,
) -> Result<(), StoreError> {
    sql_query(
        "insert into sealed_checkpoints (origin, tree_size, note) \
         values ($1, $2, $3) on conflict do nothing",
    )
    .bind::<Text, _>(origin)
    .bind::<BigInt, _>(checkpoint.tree_size)
    .bind::<Text, _>(&checkpoint.note)
    .execute(postgres)?;
    Ok(())
}

/// How much waits to be sealed.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn unsealed(postgres: &mut PgConnection) -> Result<Unsealed, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        rows: i64,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest: Option<DateTime<Utc>>,
    }
    let from = sealed_below(postgres)?;
    let (_, below) = transactions(postgres)?;
    let mut waiting = Unsealed::default();
    for kind in &SEALED_KINDS {
        let sql = format!(
            "select count(*) as rows, min(at) as oldest from (select a.{moment} as at from {} a \
             where a.transaction_id >= $2 and a.transaction_id < $3 and not exists \
             (select from sealed_rows s where s.row_id = a.{} and s.row_at = a.{moment} \
             and s.kind = $1) order by a.transaction_id limit $4) waiting",
            kind.table,
            kind.id,
            moment = kind.moment,
        );
        let row: Row = sql_query(sql)
            .bind::<Text, _>(kind.name)
            .bind::<BigInt, _>(from)
            .bind::<BigInt, _>(below)
            .bind::<BigInt, _>(backlog::COUNTED_MAX)
            .get_result(postgres)?;
        waiting.rows += row.rows;
        waiting.oldest = waiting.oldest.into_iter().chain(row.oldest).min();
    }
    Ok(waiting)
}
