//! What local authorities read back of what is theirs: put on record, and never changed.
//!
//! [`record`] alone makes a [`RecordedReading`], and the rows that are read for one leave only with
//! the row on record, which says how many they were.

use diesel::{ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::domain::reading::AuthorityReading;
use crate::store::StoreError;
use crate::store::schema::{authorities, authority_readings};

/// The proof that a reading goes on record in the transaction that it reads in, and for whom it
/// may read. Only this module can make one.
pub struct RecordedReading {
    authority: Uuid,
}

impl RecordedReading {
    /// The authority whose rows may be read.
    pub(super) fn authority(&self) -> Uuid {
        self.authority
    }
}

/// What was read, and how many rows of it are told.
pub struct Read<T> {
    /// What was read.
    pub told: T,
    /// How many rows.
    pub rows: usize,
}

/// Reads what is an authority's own, and puts on record that it did and how much it was told: both
/// or neither. `None` when the authority is not on the register. It must run in a transaction.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails; then nothing is told.
pub fn record<T>(
    postgres: &mut PgConnection,
    id: Uuid,
    reading: &AuthorityReading,
    read: impl FnOnce(&mut PgConnection, &RecordedReading) -> Result<Read<T>, StoreError>,
) -> Result<Option<T>, StoreError> {
    let authority: Option<Uuid> = authorities::table
        .filter(authorities::code.eq(reading.authority.as_str()))
        .select(authorities::id)
        .first(postgres)
        .optional()?;
    let Some(authority) = authority else {
        return Ok(None);
    };
    let Read { told, rows } = read(postgres, &RecordedReading { authority })?;
    let rows = i64::try_from(rows).ok().ok_or(StoreError::Row("count"))?;
    diesel::insert_into(authority_readings::table)
        .values((
            authority_readings::id.eq(id),
            authority_readings::read_at.eq(reading.at),
            authority_readings::request_id.eq(reading.request_id),
            authority_readings::client_id.eq(&reading.client_id),
            authority_readings::authority_id.eq(authority),
            authority_readings::what.eq(reading.what.code()),
            authority_readings::rows_told.eq(rows),
        ))
        .execute(postgres)?;
    Ok(Some(told))
}
