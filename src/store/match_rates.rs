//! How much of what authorities told agreed with the demographics service.

use crate::domain::matching::MatchRate;
use crate::store::StoreError;

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
