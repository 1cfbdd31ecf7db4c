//! An NHS number: ten digits, the last checking the other nine (NHS Data Dictionary, NHS NUMBER).
//!
//! It never shows itself by accident: there is no `Display`, and `Debug` says nothing of it.

use std::fmt;

use thiserror::Error;

/// A number that passed the Mod 11 check. Which child it is, only a demographics service can tell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(i64);

/// Why a text is not an NHS number. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NhsNumberError {
    /// Not exactly ten ASCII digits.
    #[error("an NHS number is exactly ten digits, without spaces")]
    NotTenDigits,
    /// Ten digits whose last does not check the others.
    #[error("the tenth digit of the NHS number does not agree with the Modulus 11 check")]
    CheckDigit,
}

impl NhsNumber {
    /// Reads exactly ten ASCII digits.
    ///
    /// # Errors
    /// [`NhsNumberError`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, NhsNumberError> {
        let digits: [u8; 10] = text
            .as_bytes()
            .try_into()
            .ok()
            .ok_or(NhsNumberError::NotTenDigits)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(NhsNumberError::NotTenDigits);
        }
        let weighted: i64 = digits
            .iter()
            .zip((1..=10).rev())
            .map(|(digit, weight)| value(*digit) * weight)
            .sum();
        // The check digit weighs 1, so a right number's weighted sum divides by eleven.
        if weighted % 11 != 0 {
            return Err(NhsNumberError::CheckDigit);
        }
        Ok(Self(
            digits
                .iter()
                .fold(0, |number, digit| number * 10 + value(*digit)),
        ))
    }

    /// The number as the database keeps it.
    #[must_use]
    pub fn stored(self) -> i64 {
        self.0
    }

    /// Reads a number back from the database.
    ///
    /// # Errors
    /// [`NhsNumberError`] when the stored value was never an NHS number.
    pub fn from_stored(stored: i64) -> Result<Self, NhsNumberError> {
        if !(0..10_000_000_000).contains(&stored) {
            return Err(NhsNumberError::NotTenDigits);
        }
        // Files of 50,000 plans are compared with what is stored: without writing digits to read.
        let (mut rest, mut weighted) = (stored, 0);
        for weight in 1..=10 {
            weighted += rest % 10 * weight;
            rest /= 10;
        }
        match weighted % 11 {
            0 => Ok(Self(stored)),
            _ => Err(NhsNumberError::CheckDigit),
        }
    }

    /// The ten digits. Call it only to answer the caller who asked for this child.
    #[must_use]
    pub fn reveal(self) -> String {
        format!("{:010}", self.0)
    }
}

fn value(digit: u8) -> i64 {
    i64::from(digit - b'0')
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NhsNumber(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{NhsNumber, NhsNumberError};

    #[test]
    fn numbers_of_the_reference_sources_pass_or_fail_as_published() {
        for good in [
            "9990276579",
            "9449306753",
            "9000000009",
            "9990000018",
            "9990000026",
        ] {
            assert!(
                NhsNumber::parse(good).is_ok(),
                "{good} is a valid test number"
            );
        }
        for bad in ["9912003890", "1234567895", "9990000019", "9000000000"] {
            assert_eq!(
                NhsNumber::parse(bad),
                Err(NhsNumberError::CheckDigit),
                "{bad}"
            );
        }
    }

    #[test]
    fn anything_but_ten_ascii_digits_is_refused() {
        for bad in [
            "",
            "999027657",
            "99902765790",
            "999 027 6579",
            "999027657x",
            "９９９０２７６５７９",
        ] {
            assert_eq!(
                NhsNumber::parse(bad),
                Err(NhsNumberError::NotTenDigits),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_number_does_not_show_itself_in_debug_output() {
        let shown = format!("{:?}", NhsNumber::parse("9990276579"));
        assert!(!shown.contains("999"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_back_and_changing_one_digit_is_refused(
            number in 0_i64..10_000_000_000, place in 0_u32..10, change in 1_i64..10
        ) {
            let text = format!("{number:010}");
            prop_assert_eq!(NhsNumber::from_stored(number), NhsNumber::parse(&text));
            if let Ok(parsed) = NhsNumber::parse(&text) {
                prop_assert_eq!(parsed.reveal(), text);
                prop_assert_eq!(parsed.stored(), number);
                let unit = 10_i64.pow(place);
                let digit = number / unit % 10;
                let changed = number - digit * unit + (digit + change) % 10 * unit;
                let changed = format!("{changed:010}");
                prop_assert!(NhsNumber::parse(&changed).is_err());
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = NhsNumber::parse(&text);
        }

        #[test]
        fn what_is_stored_without_being_of_ten_digits_is_refused(stored in any::<i64>()) {
            if !(0..10_000_000_000).contains(&stored) {
                let refused = Err(NhsNumberError::NotTenDigits);
                prop_assert_eq!(NhsNumber::from_stored(stored), refused);
            }
        }
    }
}
