//! What lies in a month of the access history, and how a whole month is taken away.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::deserialize::QueryableByName;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use diesel::{Connection as _, PgConnection, RunQueryDsl, sql_query};

use crate::domain::month::Month;
use crate::store::StoreError;
use crate::store::sealable_rows::SealedKind;
use crate::store::sealed_rows::Leaf;
use crate::store::single::{Answer, Number};

/// The longest that any look waits for a month to go, in each of the tables: whoever waits for the
/// tables to be free gives up after it, and lets the looks go first.
const LOCK_WAIT: &str = "set local lock_timeout = '50ms'";

/// The months before a moment that rows of a kind lie in.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn before(
    postgres: &mut PgConnection,
    kind: &SealedKind,
    moment: DateTime<Utc>,
) -> Result<Vec<String>, StoreError> {
    let sql = format!(
        "select distinct to_char({} at time zone 'UTC', 'YYYY-MM') as word from {} where {} < $1",
        kind.moment, kind.table, kind.moment
    );
    let found = sql_query(sql).bind::<Timestamptz, _>(moment);
    let found: Vec<Word> = found.load(postgres)?;
    Ok(found.into_iter().map(|row| row.word).collect())
}

/// The leaves of a month's rows of these kinds, from one on, so many at the most, in their order.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn leaves(
    postgres: &mut PgConnection,
    (month, kinds): (Month, &[&str]),
    first: i64,
    most: usize,
) -> Result<Vec<Leaf>, StoreError> {
    Ok(sql_query(
        "select leaf_index, kind, row_id, row_at::text, sealed_at::text, leaf_hash \
         from sealed_rows where leaf_index >= $1 and kind = any($2) \
         and row_at >= $3 and row_at < $4 order by leaf_index limit $5",
    )
    .bind::<BigInt, _>(first)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Timestamptz, _>(month.begins_at())
    .bind::<Timestamptz, _>(month.ends_at())
    .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
    .load(postgres)?)
}

/// How many rows of a kind lie in a month.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn rows(
    postgres: &mut PgConnection,
    kind: &SealedKind,
    month: Month,
) -> Result<i64, StoreError> {
    let sql = format!(
        "select count(*) as number from {table} where {moment} >= $1 and {moment} < $2",
        table = kind.table,
        moment = kind.moment
    );
    let counted: Number = sql_query(sql)
        .bind::<Timestamptz, _>(month.begins_at())
        .bind::<Timestamptz, _>(month.ends_at())
        .get_result(postgres)?;
    Ok(counted.number)
}

/// Whether the present login may take months away: only the owner of the tables may.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn may_be_taken_away(
    postgres: &mut PgConnection,
    kinds: &[&SealedKind],
) -> Result<bool, StoreError> {
    let tables: Vec<&str> = kinds.iter().map(|kind| kind.table).collect();
    answer(
        postgres,
        "select bool_and(pg_has_role(c.relowner, 'usage')) as answer from pg_class c \
         where c.oid = any($1::regclass[])",
        &tables,
    )
}

/// Keeps a month's rows as they are until the transaction ends, in its own tables and, where it has
/// none, in the net under the months. Looks read them as before, and add to other months.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn hold(
    postgres: &mut PgConnection,
    month: Month,
    kinds: &[&SealedKind],
) -> Result<(), StoreError> {
    for kind in kinds {
        let partition = partition(kind, month);
        let holds_it = match is_there(postgres, &partition)? {
            true => partition,
            false => net(kind),
        };
        let hold = format!("lock table only {holds_it} in share row exclusive mode");
        postgres.batch_execute(&hold)?;
    }
    Ok(())
}

/// Whether every table of the month is that of the month alone.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn are_of_the_month(
    postgres: &mut PgConnection,
    month: Month,
    kinds: &[&SealedKind],
) -> Result<bool, StoreError> {
    for kind in kinds {
        let partition = partition(kind, month);
        let is_right = format!(
            "select coalesce(bool_and(i.inhparent is not distinct from to_regclass($1[2]) \
             and c.relispartition and pg_get_expr(c.relpartbound, c.oid) = format( \
             'FOR VALUES FROM (%L) TO (%L)', '{}'::timestamptz, '{}'::timestamptz)), true) \
             as answer from pg_class c left join pg_inherits i on i.inhrelid = c.oid \
             where c.oid = to_regclass($1[1])",
            month.begins_at().to_rfc3339(),
            month.ends_at().to_rfc3339()
        );
        if !answer(postgres, &is_right, &[&partition, kind.table])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes a month's tables away, and its rows in the nets under the months; whether that could be
/// done: it gives up where looks would wait. It must run in a transaction.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn take_away(
    postgres: &mut PgConnection,
    month: Month,
    kinds: &[&SealedKind],
) -> Result<bool, StoreError> {
    let (mut nets, mut tables) = (String::new(), String::new());
    let whole: Vec<&str> = kinds.iter().map(|kind| kind.table).collect();
    let from = month.begins_at().to_rfc3339();
    let before = month.ends_at().to_rfc3339();
    for kind in kinds {
        let (table, moment) = (kind.table, kind.moment);
        let within = format!("{moment} >= '{from}' and {moment} < '{before}'");
        let net = net(kind);
        let is_in_net = format!(
            "select exists (select from {net} where {moment} >= $1[1]::timestamptz \
             and {moment} < $1[2]::timestamptz) as answer"
        );
        if answer(postgres, &is_in_net, &[&from, &before])? {
            nets.push_str(&format!(
                "alter table {net} disable trigger user; delete from {net} where {within}; \
                 alter table {net} enable trigger user; "
            ));
        }
        let partition = partition(kind, month);
        if is_there(postgres, &partition)? {
            tables.push_str(&format!(
                "alter table {table} detach partition {partition}; drop table {partition}; "
            ));
        }
    }
    let held = format!(
        "{LOCK_WAIT}; {nets}lock table only {} in access exclusive mode; {tables}",
        whole.join(", only ")
    );
    match postgres.transaction(|postgres| postgres.batch_execute(&held)) {
        Ok(()) => Ok(true),
        Err(DatabaseError(_, words)) if words.message().ends_with("lock timeout") => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

/// Takes away what authorities were told of a month's looks, or could not be, and when they were
/// told of whom until then: both have served their time. What is still owed, of a look that came to
/// the month since by a clock that was wrong, is told yet.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn forget_told(postgres: &mut PgConnection, month: Month) -> Result<(), StoreError> {
    sql_query(
        "delete from notifications where kind = 'access' and accessed_at >= $1 \
         and accessed_at < $2 \
         and (delivered_at is not null or failed_at is not null)",
    )
    .bind::<Timestamptz, _>(month.begins_at())
    .bind::<Timestamptz, _>(month.ends_at())
    .execute(postgres)?;
    sql_query("delete from tellings where told_at < $1")
        .bind::<Timestamptz, _>(month.ends_at())
        .execute(postgres)?;
    Ok(())
}

fn partition(kind: &SealedKind, month: Month) -> String {
    format!("{}_{}", kind.table, month.to_string().replace('-', "_"))
}

fn net(kind: &SealedKind) -> String {
    format!("{}_of_unplanned_months", kind.table)
}

fn is_there(postgres: &mut PgConnection, table: &str) -> Result<bool, StoreError> {
    answer(
        postgres,
        "select to_regclass($1[1]) is not null as answer",
        &[table],
    )
}

fn answer(postgres: &mut PgConnection, sql: &str, words: &[&str]) -> Result<bool, StoreError> {
    let asked = sql_query(sql).bind::<Array<Text>, _>(words);
    Ok(asked.get_result::<Answer>(postgres)?.answer)
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}
