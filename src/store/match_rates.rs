//! How much of what authorities told agreed with the demographics service.

use diesel::{ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::domain::matching::MatchRate;
use crate::store::StoreError;
use crate::store::schema::uploads;

/// An authority's match rate: of its latest file that was compared. None where no file of it was.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn latest(
    postgres: &mut PgConnection,
    authority: Uuid,
) -> Result<Option<MatchRate>, StoreError> {
    let row: Option<(Option<i32>, Option<i32>)> = uploads::table
        .filter(uploads::authority_id.eq(authority))
        .filter(uploads::compared.gt(0))
        .order(uploads::sequence.desc())
        .select((uploads::compared, uploads::matched))
        .first(postgres)
        .optional()?;
    row.map_or(Ok(None), |(compared, matched)| rate_of(compared, matched))
}

/// The rate that a file's row holds.
pub(super) fn rate_of(
    compared: Option<i32>,
    matched: Option<i32>,
) -> Result<Option<MatchRate>, StoreError> {
    let count = |number: i32| {
        usize::try_from(number)
            .ok()
            .ok_or(StoreError::Row("match rate"))
    };
    let Some((compared, matched)) = compared.zip(matched) else {
        return Ok(None);
    };
    Ok(Some(MatchRate {
        compared: count(compared)?,
        matched: count(matched)?,
    }))
}
