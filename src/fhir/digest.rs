//! A short name for a content: the same for the same content whatever compiler built the service,
//! so that a version a caller holds outlives an upgrade. It is no protection against forgery.

/// The parameters of 64-bit FNV-1a (RFC 9923, 2.2).
const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The digest of a text, as 16 hexadecimal digits.
#[must_use]
pub fn digest(text: &str) -> String {
    let digest = text.bytes().fold(OFFSET_BASIS, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    format!("{digest:016x}")
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_digest_of_a_text_is_the_one_that_is_published() {
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_eq!(digest("a"), "af63dc4c8601ec8c");
        assert_eq!(digest("foobar"), "85944171f73967e8");
    }
}
