//! The ceiling: the same bytes, copied by PostgreSQL into a table of as many columns, which has no
//! index, checks nothing and keeps no log.

use std::io;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::{CopyFormat, CopyFromQuery};
use diesel::{ExecuteCopyFromDsl, PgConnection};
use thiserror::Error;

use crate::Outcome;
use crate::file::Rows;

diesel::table! {
    copied (plan_kind) {
        plan_kind -> Text,
        nhs_number -> Text,
        local_id -> Text,
        authority -> Text,
        birth_date -> Text,
        start_date -> Text,
        end_date -> Text,
        delete_date -> Text,
        family_name -> Text,
        given_names -> Text,
    }
}

/// Why nothing was copied.
#[derive(Debug, Error)]
enum CopyError {
    /// The database refused.
    #[error(transparent)]
    Refused(#[from] diesel::result::Error),
    /// The connection broke off.
    #[error(transparent)]
    Broken(#[from] io::Error),
}

/// Makes the table.
pub fn prepare(postgres: &mut PgConnection) -> Outcome<()> {
    Ok(postgres.batch_execute(
        "create unlogged table copied (plan_kind text, nhs_number text, local_id text, \
         authority text, birth_date text, start_date text, end_date text, delete_date text, \
         family_name text, given_names text)",
    )?)
}

/// Copies the rows, and gives how long it took.
pub fn copy(postgres: &mut PgConnection, rows: &Rows) -> Outcome<Duration> {
    postgres.batch_execute("truncate copied")?;
    let text = rows.text().as_bytes();
    let began = Instant::now();
    let copying: CopyFromQuery<_, _> = diesel::copy_from(copied::table)
        .from_raw_data(copied::table, |target| {
            Ok::<_, CopyError>(target.write_all(text)?)
        })
        .with_format(CopyFormat::Csv);
    let copied = copying.execute(postgres)?;
    let took = began.elapsed();
    if copied != rows.count() {
        return Err(format!("{copied} rows were copied, not {}", rows.count()).into());
    }
    Ok(took)
}
