//! A key that digests are made with: who has it not can neither make one nor try out what it is of.
//!
//! HMAC-SHA-256 (<https://www.rfc-editor.org/rfc/rfc2104>) made of the SHA-256 of openssl. Its own
//! HMAC looks the algorithm up by name, and makes and frees a dozen objects, for each digest: for
//! the three of a look, and the two of each column of a sealed row, that was a quarter of all that
//! the service did. So here are the few lines that put two hashes into one another.

use std::fmt;

use openssl::sha::Sha256;
use zeroize::Zeroizing;

use super::SecretKey;

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// Bytes that SHA-256 takes at a time; a key is not longer.
const BLOCK_BYTES: usize = 64;

/// A key for HMAC-SHA-256: wiped when it is dropped, never shown.
pub struct HmacKey {
    inner: Zeroizing<[u8; BLOCK_BYTES]>,
    outer: Zeroizing<[u8; BLOCK_BYTES]>,
}

impl HmacKey {
    /// A key of these bytes.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        let padded = |with: u8| {
            let mut block = Zeroizing::new([with; BLOCK_BYTES]);
            for (padded, byte) in block.iter_mut().zip(key.expose()) {
                *padded ^= byte;
            }
            block
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    /// The digest of parts, one straight behind the other: whoever has several says where each
    /// ends.
    #[must_use]
    pub fn digest<'parts>(
        &self,
        parts: impl IntoIterator<Item = &'parts [u8]>,
    ) -> [u8; DIGEST_BYTES] {
        let mut inner = Sha256::new();
        inner.update(self.inner.as_slice());
        for part in parts {
            inner.update(part);
        }
        let mut outer = Sha256::new();
        outer.update(self.outer.as_slice());
        outer.update(&inner.finish());
        outer.finish()
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

    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::HmacKey;
    use crate::secrets::SecretKey;

    proptest! {
        #[test]
        fn a_digest_is_the_one_that_openssls_own_hmac_makes(
            key in any::<[u8; 32]>(),
            parts in any::<Vec<Vec<u8>>>(),
        ) {
            let own = PKey::hmac(&key).unwrap();
            let mut signer = Signer::new(MessageDigest::sha256(), &own).unwrap();
            let expected = signer.sign_oneshot_to_vec(&parts.concat()).unwrap();
            let digest = HmacKey::of(&SecretKey::of(key)).digest(parts.iter().map(Vec::as_slice));
            prop_assert_eq!(digest.as_slice(), expected.as_slice());
        }
    }

    #[test]
    fn a_digest_is_that_of_rfc_4231_and_the_key_is_not_shown() {
        // Test case 1 has a key of 20 bytes; HMAC fills a shorter key up with noughts.
        let mut bytes = [0; 32];
        bytes[..20].fill(0x0b);
        let key = HmacKey::of(&SecretKey::of(bytes));
        let digest = key.digest([b"Hi ".as_slice(), b"There"]);
        let spelled: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(
            spelled,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(format!("{key:?}"), "HmacKey(hidden)");
    }
}
