//! An ODS code: who an organisation is (NHS Organisation Data Service).

use std::fmt;

use thiserror::Error;

/// The longest code taken. Codes in use have 3 to 8 characters; the rest is room to grow.
const CHARACTERS_MAX: usize = 12;

/// An organisation's or a site's code: upper-case letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OdsCode(String);

/// The text is not an ODS code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an ODS code is 3 to 12 upper-case letters and digits")]
pub struct OdsCodeError;

impl OdsCode {
    /// Reads a code.
    ///
    /// # Errors
    /// [`OdsCodeError`] unless it has 3 to 12 upper-case ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, OdsCodeError> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if (3..=CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OdsCodeError)
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OdsCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::OdsCode;

    #[test]
    fn codes_in_use_are_accepted() {
        for code in ["QZ0", "SFD1", "RQX99", "E09000012"] {
            assert!(OdsCode::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn lower_case_blanks_and_overlong_codes_are_refused() {
        for code in ["", "RQ", "rqx99", "RQX 9", "RQX99;", "ABCDEFGHIJKLM"] {
            assert!(OdsCode::parse(code).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_back(text in any::<String>()) {
            if let Ok(code) = OdsCode::parse(&text) {
                prop_assert_eq!(code.as_str(), text);
            }
        }
    }
}
