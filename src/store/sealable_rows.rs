//! The rows that are sealed, whichever tables they are of: every column as text, in a fixed order.

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::store::StoreError;
pub use crate::store::sealed_kinds::{SEALED_KINDS, SealedKind};

/// A row that is to be sealed, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealableRow {
    /// Its id.
    pub id: Uuid,
    /// Its moment as PostgreSQL writes it.
    pub at: String,
    /// Its columns, in the kind's order.
    pub values: Vec<Option<String>>,
}

/// Which rows of a table are looked through for what is not sealed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// Those of transactions from one to before another.
    Between(i64, i64),
    /// Those of transactions from one on, also of another cluster's, from which they came over.
    From(i64),
    /// All.
    All,
}

impl Searched {
    /// The first transaction, and the one before which.
    fn bounds(self) -> (i64, i64) {
        match self {
            Self::Between(from, below) => (from, below),
            Self::From(from) => (from, i64::MAX),
            Self::All => (i64::MIN, i64::MAX),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    leaf_index: i64,
    #[diesel(sql_type = SqlUuid)]
    row_id: Uuid,
    #[diesel(sql_type = Text)]
    row_at: String,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    row_values: Vec<Option<String>>,
}

impl Row {
    fn row(self) -> SealableRow {
        SealableRow {
            id: self.row_id,
            at: self.row_at,
            values: self.row_values,
        }
    }
}

/// Rows of a kind that are not sealed, so many at the most, those of the oldest transactions first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn unsealed(
    postgres: &mut PgConnection,
    kind: &SealedKind,
    searched: Searched,
    most: usize,
) -> Result<Vec<SealableRow>, StoreError> {
    let (from, below) = searched.bounds();
    let sql = format!(
        "select 0::bigint as leaf_index, {} from {} a where a.transaction_id >= $2 \
         and a.transaction_id < $3 and {} \
         order by a.transaction_id, a.{moment}, a.{id} limit $4",
        selected(kind),
        kind.table,
        not_sealed(kind),
        moment = kind.moment,
        id = kind.id,
    );
    let rows = sql_query(sql)
        .bind::<Text, _>(kind.name)
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(below)
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
        .load::<Row>(postgres)?;
    Ok(rows.into_iter().map(Row::row).collect())
}

/// The first row of a kind, by its transaction, that is not sealed and should be: its transaction
/// is below that up to which everything is sealed, or its moment is not within the bounds.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn overdue(
    postgres: &mut PgConnection,
    kind: &SealedKind,
    sealed_below: i64,
    (since, until): (&str, &str),
) -> Result<Option<SealableRow>, StoreError> {
    let sql = format!(
        "select 0::bigint as leaf_index, {} from {} a where {} and (a.transaction_id < $2 \
         or a.{moment} < $3::timestamptz or a.{moment} > $4::timestamptz) \
         order by a.transaction_id, a.{moment}, a.{id} limit 1",
        selected(kind),
        kind.table,
        not_sealed(kind),
        moment = kind.moment,
        id = kind.id,
    );
    let rows = sql_query(sql)
        .bind::<Text, _>(kind.name)
        .bind::<BigInt, _>(sealed_below)
        .bind::<Text, _>(since)
        .bind::<Text, _>(until)
        .load::<Row>(postgres)?;
    Ok(rows.into_iter().map(Row::row).next())
}

/// The rows of a kind that leaves from one to before another are of, each with its leaf's index.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn of_leaves(
    postgres: &mut PgConnection,
    kind: &SealedKind,
    (from, before): (i64, i64),
) -> Result<Vec<(i64, SealableRow)>, StoreError> {
    // The moments' bounds, as values, keep PostgreSQL from looking through other partitions.
    #[derive(QueryableByName)]
    struct Bounds {
        #[diesel(sql_type = Nullable<Text>)]
        since: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        until: Option<String>,
    }
    let bounds: Bounds = sql_query(
        "select min(row_at)::text as since, max(row_at)::text as until from sealed_rows \
         where leaf_index >= $1 and leaf_index < $2 and kind = $3",
    )
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(before)
    .bind::<Text, _>(kind.name)
    .get_result(postgres)?;
    let (Some(since), Some(until)) = (bounds.since, bounds.until) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "select s.leaf_index, {} from sealed_rows s join {} a \
         on a.{id} = s.row_id and a.{moment} = s.row_at \
         where s.leaf_index >= $1 and s.leaf_index < $2 and s.kind = $3 \
         and a.{moment} >= $4::timestamptz and a.{moment} <= $5::timestamptz \
         order by s.leaf_index",
        selected(kind),
        kind.table,
        moment = kind.moment,
        id = kind.id,
    );
    let rows = sql_query(sql)
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(before)
        .bind::<Text, _>(kind.name)
        .bind::<Text, _>(since)
        .bind::<Text, _>(until)
        .load::<Row>(postgres)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.leaf_index, row.row()))
        .collect())
}

/// What is selected of a row. Names of tables and columns are the program's own.
fn selected(kind: &SealedKind) -> String {
    let columns: Vec<String> = kind
        .columns
        .iter()
        .map(|(column, _)| format!("a.{column}::text"))
        .collect();
    format!(
        "a.{} as row_id, a.{}::text as row_at, array[{}] as row_values",
        kind.id,
        kind.moment,
        columns.join(", ")
    )
}

fn not_sealed(kind: &SealedKind) -> String {
    format!(
        "not exists (select from sealed_rows s where s.row_id = a.{} and s.row_at = a.{} \
         and s.kind = $1)",
        kind.id, kind.moment
    )
}
