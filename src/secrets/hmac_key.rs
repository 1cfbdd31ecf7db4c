//! A key that digests are made with: who has it not can neither make one nor try out what it is of.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use super::SecretKey;

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// A key for HMAC-SHA-256: wiped by openssl when it is dropped, never shown.
pub struct HmacKey(PKey<Private>);

impl HmacKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn of(key: &SecretKey) -> Result<Self, ErrorStack> {
        PKey::hmac(key.expose()).map(Self)
    }

    /// The digest of parts, one straight behind the other: whoever has several says where each
    /// ends.
    ///
    /// # Errors
    /// What openssl could not do.
    pub fn digest<'parts>(
        &self,
        parts: impl IntoIterator<Item = &'parts [u8]>,
    ) -> Result<[u8; DIGEST_BYTES], ErrorStack> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0)?;
        for part in parts {
            signer.update(part)?;
        }
        let mut digest = [0; DIGEST_BYTES];
        signer.sign(&mut digest)?;
        Ok(digest)
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HmacKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::HmacKey;
    use crate::secrets::SecretKey;

    #[test]
    fn a_digest_is_that_of_rfc_4231_and_the_key_is_not_shown() {
        // Test case 1 has a key of 20 bytes; HMAC fills a shorter key up with noughts.
        let mut bytes = [0; 32];
        bytes[..20].fill(0x0b);
        let key = HmacKey::of(&SecretKey::of(bytes)).unwrap();
        let digest = key.digest([b"Hi ".as_slice(), b"There"]).unwrap();
        let spelled: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(
            spelled,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(format!("{key:?}"), "HmacKey(hidden)");
    }
}
