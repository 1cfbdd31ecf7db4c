//! Which months of the access history left the database, by whose word, and what they were: added
//! to, read, never changed.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, Queryable, RunQueryDsl};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::schema::retirements;

/// A month's retirement.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct KeptRetirement {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub retired_at: DateTime<Utc>,
    /// The month, as `YYYY-MM`.
    pub month: String,
    /// What left, to the letter as it was exported.
    pub manifest: String,
    /// Who confirmed it.
    pub confirmed_by: String,
    /// The keyed digest of all that.
    pub authenticity: Vec<u8>,
}

/// All retirements, in the order of their months.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn all(postgres: &mut PgConnection) -> Result<Vec<KeptRetirement>, StoreError> {
    let columns = (
        retirements::id,
        retirements::retired_at,
        retirements::month,
        retirements::manifest,
        retirements::confirmed_by,
        retirements::authenticity,
    );
    let rows = retirements::table.select(columns).order(retirements::month);
    Ok(rows.load(postgres)?)
}

/// Adds a retirement.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(postgres: &mut PgConnection, retirement: &KeptRetirement) -> Result<(), StoreError> {
    diesel::insert_into(retirements::table)
        .values((
            retirements::id.eq(retirement.id),
            retirements::retired_at.eq(retirement.retired_at),
            retirements::month.eq(&retirement.month),
            retirements::manifest.eq(&retirement.manifest),
            retirements::confirmed_by.eq(&retirement.confirmed_by),
            retirements::authenticity.eq(&retirement.authenticity),
        ))
        .execute(postgres)?;
    Ok(())
}
