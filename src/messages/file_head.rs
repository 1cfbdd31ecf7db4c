//! What the head of a file may say, whatever form the file is written in (REPC_MT000002GB01, File).

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use crate::domain::ods_code::OdsCode;
use crate::domain::record_check::YEARS;

/// How far ahead of ours an authority's clock may be.
const AHEAD_MAX: TimeDelta = TimeDelta::days(1);

/// The longest name of an authority, in characters.
const NAME_CHARACTERS_MAX: usize = 200;

/// The most digits of a whole number.
const DIGITS_MAX: usize = 9;

/// Reads a file's number, or its count of records.
///
/// # Errors
/// What would be right, in words.
pub(super) fn whole_number(digits: &str) -> Result<u32, String> {
    let shaped = digits.len() <= DIGITS_MAX && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = shaped.then(|| digits.parse().ok()).flatten();
    number
        .filter(|number| *number >= 1)
        .ok_or_else(|| "send a whole number from 1 to 999999999".to_owned())
}

/// Checks when a file was written.
///
/// # Errors
/// What would be right, in words.
pub(super) fn created_at(said: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if !YEARS.contains(&said.year()) {
        return Err("a file is of the years 1900 to 2150".to_owned());
    }
    if said.signed_duration_since(now) > AHEAD_MAX {
        return Err("the file is of more than a day ahead of now; check the clock".to_owned());
    }
    Ok(said)
}

/// Reads the code of the authority.
///
/// # Errors
/// What would be right, in words.
pub(super) fn authority_code(code: &str) -> Result<OdsCode, String> {
    OdsCode::parse(code).map_err(|error| error.to_string())
}

/// Reads the name of the authority.
///
/// # Errors
/// What would be right, in words.
pub(super) fn authority_name(name: &str) -> Result<String, String> {
    // Spaces of any script are no name, and no text that FHIR takes.
    let is_blank = name.trim().is_empty();
    let length = name.chars().take(NAME_CHARACTERS_MAX + 1).count();
    if !is_blank && length <= NAME_CHARACTERS_MAX && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err("send the authority's name in 1 to 200 characters, without line breaks".to_owned())
    }
}
