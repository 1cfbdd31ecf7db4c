//! The SHA-256 thumbprint of a certificate: how a client's certificate is known
//! (<https://www.rfc-editor.org/rfc/rfc8705#section-3.1>).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

/// The digest of a certificate's DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint([u8; 32]);

/// The text is no thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a thumbprint is the SHA-256 digest of a certificate, as 43 characters of base64url or as 64 \
     hexadecimal digits with or without colons"
)]
pub struct ThumbprintError;

impl Thumbprint {
    /// The thumbprint with this digest, of a certificate's DER.
    #[must_use]
    pub fn of_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads a thumbprint as `x5t#S256` spells it, or as openssl prints a fingerprint.
    ///
    /// # Errors
    /// [`ThumbprintError`].
    pub fn parse(text: &str) -> Result<Self, ThumbprintError> {
        let bytes = match text.len() {
            43 => URL_SAFE_NO_PAD.decode(text).ok(),
            _ => of_digits(text),
        };
        let bytes = bytes.ok_or(ThumbprintError)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_other_length| ThumbprintError)
    }
}

/// As `x5t#S256` spells it.
impl fmt::Display for Thumbprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

fn of_digits(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<char> = text.chars().filter(|sign| *sign != ':').collect();
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => {
                let value = high.to_digit(16)? * 16 + low.to_digit(16)?;
                u8::try_from(value).ok()
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Thumbprint, ThumbprintError};

    #[test]
    fn a_thumbprint_reads_as_jose_and_as_openssl_write_it() {
        let digits = "00:".repeat(31) + "0F";
        let read = Thumbprint::parse(&digits);
        assert_eq!(read, Thumbprint::parse(&digits.replace(':', "")));
        assert_eq!(
            read,
            Thumbprint::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8")
        );
        for other in ["", "00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9", "é"] {
            assert_eq!(Thumbprint::parse(other), Err(ThumbprintError), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(digest in any::<[u8; 32]>()) {
            let thumbprint = Thumbprint::of_digest(digest);
            prop_assert_eq!(Thumbprint::parse(&thumbprint.to_string()), Ok(thumbprint));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = Thumbprint::parse(&text);
        }
    }
}
