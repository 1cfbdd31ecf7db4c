//! A key of 32 bytes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::rand::rand_bytes;
use zeroize::Zeroizing;

/// Bytes of a key: of AES-256, and of HMAC-SHA-256.
pub const KEY_BYTES: usize = 32;

/// A key: wiped when it is dropped, never shown.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; KEY_BYTES]>);

impl SecretKey {
    /// A key of these bytes.
    #[must_use]
    pub fn of(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key that a text says in base64, with nothing else but white space around it.
    #[must_use]
    pub fn of_base64(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        Some(Self::of(bytes.as_slice().try_into().ok()?))
    }

    /// A key that nobody else has.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, ErrorStack> {
        let mut key = Self::of([0; KEY_BYTES]);
        rand_bytes(key.0.as_mut_slice())?;
        Ok(key)
    }

    /// Its bytes, for whoever works with it.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::SecretKey;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_key_is_32_bytes_in_base64_and_is_not_shown() {
        for text in [KEY.to_owned(), format!("{KEY}\n"), format!(" {KEY}\r\n")] {
            let key = SecretKey::of_base64(&text).unwrap();
            assert_eq!((key.expose()[0], key.expose()[31]), (0, 31));
            assert_eq!(format!("{key:?}"), "SecretKey(hidden)");
        }
        for text in [
            "",
            "AAEC",
            &KEY[1..],
            &format!("{KEY}{KEY}"),
            &KEY.replace('A', "-"),
        ] {
            assert!(SecretKey::of_base64(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_two_random_keys_are_the_same() {
        let [one, other] = [(), ()].map(|()| SecretKey::random().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_ne!(one.expose(), &[0; 32]);
    }
}
