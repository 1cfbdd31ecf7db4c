//! Parameters that stand once at the most.

use crate::api::search::SearchRefusal;
use crate::api::search::parameters::Parameter;

/// Keeps what a parameter says.
///
/// # Errors
/// [`SearchRefusal::Value`] with what would be right, when it says nothing or stands again.
pub fn set<T>(
    slot: &mut Option<T>,
    value: Option<T>,
    parameter: &Parameter,
    expected: &'static str,
) -> Result<(), SearchRefusal> {
    if slot.is_none() && value.is_some() {
        *slot = value;
        return Ok(());
    }
    Err(SearchRefusal::Value {
        parameter: parameter.written.clone(),
        expected,
    })
}

/// A whole number, such as `_count` is.
#[must_use]
pub fn whole(value: &str) -> Option<usize> {
    let is_whole = value.len() <= 9 && value.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| value.parse().ok()).flatten()
}
