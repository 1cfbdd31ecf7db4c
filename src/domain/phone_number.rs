//! A local authority's telephone number, as CP-IS takes it: `[+]?digits` (REPC_MT000002GB01).

use std::fmt;

use thiserror::Error;

/// A number that can be dialled: an optional plus and 3 to 15 digits (ITU-T E.164 allows 15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// The text is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a telephone number is 3 to 15 digits, with an optional + in front; spaces are allowed")]
pub struct PhoneNumberError;

impl PhoneNumber {
    /// Reads a number; spaces between digits are dropped.
    ///
    /// # Errors
    /// [`PhoneNumberError`] when anything but an optional plus, digits and spaces is found.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let dialled: String = text.chars().filter(|character| *character != ' ').collect();
        let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
        if (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(dialled))
        } else {
            Err(PhoneNumberError)
        }
    }

    /// The number as dialled, without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::PhoneNumber;

    #[test]
    fn numbers_as_local_authorities_write_them_are_accepted() {
        for text in ["01632 960001", "+441632960001", "999"] {
            assert!(PhoneNumber::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_that_cannot_be_dialled_is_refused() {
        for text in [
            "",
            "+",
            "12",
            "01632-960001",
            "tel:01632960001",
            "0163296000101632",
        ] {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_back_the_same(text in any::<String>()) {
            if let Ok(number) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
            }
        }

        #[test]
        fn every_dialled_form_is_accepted(text in "\\+?[0-9]{3,15}") {
            prop_assert_eq!(PhoneNumber::parse(&text).map(|n| n.as_str().to_owned()), Ok(text));
        }
    }
}
