//! A whole number in a query, asked for once at the most.

use std::str::FromStr;

/// Said of a number that is written with anything but digits, is too long, or stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOneNumber;

/// Reads the number of a parameter; one without a value says nothing.
///
/// # Errors
/// [`NotOneNumber`].
pub fn number_asked<T: FromStr>(query: &str, name: &str) -> Result<Option<T>, NotOneNumber> {
    let mut asked = form_urlencoded::parse(query.as_bytes())
        .filter(|(asked, value)| asked == name && !value.is_empty())
        .map(|(_, value)| value);
    let (first, second) = (asked.next(), asked.next());
    let Some(value) = first else {
        return Ok(None);
    };
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number, second) {
        (true, None) => value.parse().map(Some).ok().ok_or(NotOneNumber),
        _ => Err(NotOneNumber),
    }
}
