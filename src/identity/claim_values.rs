//! Reads single claims, strictly: a number is not taken for a text, nor a text for a number, and a
//! text is bounded and free of control characters.
//!
//! <https://www.rfc-editor.org/rfc/rfc7519#section-2>

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::error::TokenError;

/// The longest text of any claim, in characters.
const TEXT_CHARACTERS_MAX: usize = 256;

/// A claim that must be there, and be text.
pub fn required_text(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<String, TokenError> {
    optional_text(claims, name)?.ok_or(TokenError::ClaimMissing(name))
}

/// A claim that may be there, and must then be text: one to 256 characters, none of them a control.
pub fn optional_text(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, TokenError> {
    claims.get(name).map(|value| text(value, name)).transpose()
}

/// Holds `value` to the bounds of a text.
pub fn text(value: &Value, name: &'static str) -> Result<String, TokenError> {
    let text = value.as_str().ok_or(TokenError::ClaimMalformed(name))?;
    if text.trim().is_empty() {
        return Err(TokenError::ClaimMalformed(name));
    }
    if text.chars().count() > TEXT_CHARACTERS_MAX || text.chars().any(char::is_control) {
        return Err(TokenError::ClaimOutOfBounds(name));
    }
    Ok(text.to_owned())
}

/// A claim that must be there, and be an identifier of digits only.
pub fn required_digits(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<String, TokenError> {
    let digits = required_text(claims, name)?;
    if digits.len() > 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TokenError::ClaimMalformed(name));
    }
    Ok(digits)
}

/// A claim that must be there, and be a whole number of seconds since 1970.
pub fn required_time(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<DateTime<Utc>, TokenError> {
    optional_time(claims, name)?.ok_or(TokenError::ClaimMissing(name))
}

/// A claim that may be there, and must then be a whole number of seconds since 1970, not negative.
pub fn optional_time(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<DateTime<Utc>>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_i64().filter(|seconds| *seconds >= 0);
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map(Some).ok_or(TokenError::ClaimMalformed(name))
}

/// A claim that may be there, and must then be a list, of no more than `length_max` members.
pub fn optional_list<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
    length_max: usize,
) -> Result<&'a [Value], TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(&[]);
    };
    let list = value.as_array().ok_or(TokenError::ClaimMalformed(name))?;
    if list.len() > length_max {
        return Err(TokenError::ClaimOutOfBounds(name));
    }
    Ok(list)
}
