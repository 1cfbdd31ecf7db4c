//! The leaves of the access history's tree and the roots of its subtrees: added to, read, never
//! changed.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bytea, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension as _, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::single::Number;

/// Every how many levels the roots of subtrees are kept: 256 of one level are one of the next.
pub const LEVELS_KEPT: u32 = 8;

/// A leaf: which row it is of, and its hash.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Leaf {
    /// Its place, counted from 0.
    #[diesel(sql_type = BigInt)]
    pub leaf_index: i64,
    /// What kind of row.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The row's id.
    #[diesel(sql_type = SqlUuid)]
    pub row_id: Uuid,
    /// The row's moment, as PostgreSQL writes it.
    #[diesel(sql_type = Text)]
    pub row_at: String,
    /// When it was sealed, as PostgreSQL writes it.
    #[diesel(sql_type = Text)]
    pub sealed_at: String,
    /// The leaf's hash.
    #[diesel(sql_type = Bytea)]
    pub leaf_hash: Vec<u8>,
}

/// The root of a complete subtree of two to the power of `level` leaves.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Subtree {
    /// The level.
    #[diesel(sql_type = SmallInt)]
    pub level: i16,
    /// Which of its level, counted from the left.
    #[diesel(sql_type = BigInt)]
    pub subtree_index: i64,
    /// The root.
    #[diesel(sql_type = Bytea)]
    pub root: Vec<u8>,
}

/// What the database says of the time.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Clocks {
    /// Its present moment.
    #[diesel(sql_type = Timestamptz)]
    pub database: DateTime<Utc>,
    /// When the newest leaf was sealed.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sealed_at: Option<DateTime<Utc>>,
}

const LEAVES: &str = "select leaf_index, kind, row_id, row_at::text, sealed_at::text, leaf_hash \
    from sealed_rows";

/// Up to which transaction everything is sealed, held by whoever seals until its transaction ends.
/// `None` while another process seals.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn hold_sealing(postgres: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    let held = sql_query("select sealed_below as number from sealing for update skip locked");
    Ok(held
        .get_result::<Number>(postgres)
        .optional()?
        .map(|row| row.number))
}

/// Up to which transaction everything is sealed.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn sealed_below(postgres: &mut PgConnection) -> Result<i64, StoreError> {
    number(postgres, "select sealed_below as number from sealing")
}

/// Notes up to which transaction everything is sealed.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn note_sealed_below(postgres: &mut PgConnection, transaction: i64) -> Result<(), StoreError> {
    sql_query("update sealing set sealed_below = $1")
        .bind::<BigInt, _>(transaction)
        .execute(postgres)?;
    Ok(())
}

/// The transaction below which all are over, and the one that has not begun yet.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn transactions(postgres: &mut PgConnection) -> Result<(i64, i64), StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        over_below: i64,
        #[diesel(sql_type = BigInt)]
        begun_below: i64,
    }
    let row: Row = sql_query(
        "select pg_snapshot_xmin(now)::text::bigint as over_below, \
         pg_snapshot_xmax(now)::text::bigint as begun_below from pg_current_snapshot() now",
    )
    .get_result(postgres)?;
    Ok((row.over_below, row.begun_below))
}

/// How many leaves there are: one more than the last one's index.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn size(postgres: &mut PgConnection) -> Result<i64, StoreError> {
    let last = "select coalesce(max(leaf_index) + 1, 0) as number from sealed_rows";
    number(postgres, last)
}

/// Adds leaves.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then none is added.
pub fn add(postgres: &mut PgConnection, leaves: &[Leaf]) -> Result<(), StoreError> {
    let indexes: Vec<i64> = leaves.iter().map(|leaf| leaf.leaf_index).collect();
    let kinds: Vec<&str> = leaves.iter().map(|leaf| leaf.kind.as_str()).collect();
    let ids: Vec<Uuid> = leaves.iter().map(|leaf| leaf.row_id).collect();
    let moments: Vec<&str> = leaves.iter().map(|leaf| leaf.row_at.as_str()).collect();
    let sealed: Vec<&str> = leaves.iter().map(|leaf| leaf.sealed_at.as_str()).collect();
    let hashes: Vec<&[u8]> = leaves
        .iter()
        .map(|leaf| leaf.leaf_hash.as_slice())
        .collect();
    sql_query(
        "insert into sealed_rows (leaf_index, kind, row_id, row_at, sealed_at, leaf_hash) \
         select * from unnest($1::bigint[], $2::text[], $3::uuid[], $4::timestamptz[], \
         $5::timestamptz[], $6::bytea[])",
    )
    .bind::<Array<BigInt>, _>(indexes)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(moments)
    .bind::<Array<Text>, _>(sealed)
    .bind::<Array<Bytea>, _>(hashes)
    .execute(postgres)?;
    Ok(())
}

/// Adds the roots of subtrees.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then none is added.
pub fn add_subtrees(postgres: &mut PgConnection, subtrees: &[Subtree]) -> Result<(), StoreError> {
    let levels: Vec<i16> = subtrees.iter().map(|subtree| subtree.level).collect();
    let indexes: Vec<i64> = subtrees
        .iter()
        .map(|subtree| subtree.subtree_index)
        .collect();
    let roots: Vec<&[u8]> = subtrees
        .iter()
        .map(|subtree| subtree.root.as_slice())
        .collect();
    sql_query(
        "insert into sealed_subtrees (level, subtree_index, root) \
         select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])",
    )
    .bind::<Array<SmallInt>, _>(levels)
    .bind::<Array<BigInt>, _>(indexes)
    .bind::<Array<Bytea>, _>(roots)
    .execute(postgres)?;
    Ok(())
}

/// The leaves from one on, so many at the most, in their order.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn from(postgres: &mut PgConnection, first: i64, most: usize) -> Result<Vec<Leaf>, StoreError> {
    let sql = format!("{LEAVES} where leaf_index >= $1 order by leaf_index limit $2");
    Ok(sql_query(sql)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
        .load(postgres)?)
}

/// The leaf of a row, by the row's kind and id.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn of_row(
    postgres: &mut PgConnection,
    kind: &str,
    id: Uuid,
) -> Result<Option<Leaf>, StoreError> {
    let sql = format!("{LEAVES} where row_id = $1 and kind = $2 order by leaf_index limit 1");
    Ok(sql_query(sql)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(kind)
        .get_result(postgres)
        .optional()?)
}

/// The hashes of leaves from one to before another, in their order.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn hashes(
    postgres: &mut PgConnection,
    (from, before): (i64, i64),
) -> Result<Vec<Vec<u8>>, StoreError> {
    let found: Vec<Hashed> = sql_query(
        "select leaf_hash as hash from sealed_rows where leaf_index >= $1 and leaf_index < $2 \
         order by leaf_index",
    )
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(before)
    .load(postgres)?;
    Ok(found.into_iter().map(|row| row.hash).collect())
}

/// The roots of subtrees of a level from one to before another, in their order.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn subtrees(
    postgres: &mut PgConnection,
    level: i16,
    (from, before): (i64, i64),
) -> Result<Vec<Vec<u8>>, StoreError> {
    let found: Vec<Hashed> = sql_query(
        "select root as hash from sealed_subtrees where level = $1 and subtree_index >= $2 \
         and subtree_index < $3 order by subtree_index",
    )
    .bind::<SmallInt, _>(level)
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(before)
    .load(postgres)?;
    Ok(found.into_iter().map(|row| row.hash).collect())
}

#[derive(QueryableByName)]
struct Hashed {
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
}

fn number(postgres: &mut PgConnection, sql: &str) -> Result<i64, StoreError> {
    Ok(sql_query(sql).get_result::<Number>(postgres)?.number)
}

/// What time the database has, and when the newest leaf was sealed.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn clocks(postgres: &mut PgConnection) -> Result<Clocks, StoreError> {
    let clocks = "select clock_timestamp() as database, \
                  (select sealed_at from sealed_rows order by leaf_index desc limit 1)";
    Ok(sql_query(clocks).get_result(postgres)?)
}

/// A moment as PostgreSQL writes it, which is how a leaf has it.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn written(postgres: &mut PgConnection, moment: DateTime<Utc>) -> Result<String, StoreError> {
    #[derive(QueryableByName)]
    struct Written {
        #[diesel(sql_type = Text)]
        written: String,
    }
    let written = sql_query("select $1::text as written").bind::<Timestamptz, _>(moment);
    Ok(written.get_result::<Written>(postgres)?.written)
}

/// Readies a transaction for reading every leaf and row: moments are written in one way, and each
/// statement is planned for what it asks.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn prepare_to_verify(postgres: &mut PgConnection) -> Result<(), StoreError> {
    postgres.batch_execute(
        "set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; \
         set local bytea_output = 'hex'; set local plan_cache_mode = force_custom_plan; \
         set local jit = off",
    )?;
    Ok(())
}
