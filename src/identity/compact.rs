//! Takes a token apart: three parts of canonical base64url, and not a byte beside them.
//!
//! <https://www.rfc-editor.org/rfc/rfc7515#section-3.1>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::TokenError;

/// A token's three parts, decoded, and what its signature is over.
pub struct Parts<'token> {
    /// The header's JSON.
    pub header: Vec<u8>,
    /// The claims' JSON.
    pub claims: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// The first two parts and the full stop between them, as they came.
    pub signed: &'token [u8],
}

/// Takes `token` apart. The engine refuses padding, whitespace and non-zero trailing bits, so that
/// each token has one spelling only.
pub fn parts(token: &str) -> Result<Parts<'_>, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::NotCompact)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::NotCompact)?;
    // A fourth part leaves a full stop in `claims`, which is not of the alphabet.
    let (header, claims) = (decoded(header)?, decoded(claims)?);
    if signature.is_empty() {
        return Err(TokenError::NotSigned);
    }
    let signature = decoded(signature)?;
    Ok(Parts {
        header,
        claims,
        signature,
        signed: signed.as_bytes(),
    })
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenError> {
    match URL_SAFE_NO_PAD.decode(part) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        Ok(_) | Err(_) => Err(TokenError::NotCompact),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use base64::Engine as _;
    use proptest::prelude::{any, proptest};

    use super::{URL_SAFE_NO_PAD, parts};

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            header in proptest::collection::vec(any::<u8>(), 1..64),
            claims in proptest::collection::vec(any::<u8>(), 1..64),
            signature in proptest::collection::vec(any::<u8>(), 1..64),
        ) {
            let written = [&header, &claims, &signature].map(|part| URL_SAFE_NO_PAD.encode(part));
            let token = written.join(".");
            let read = parts(&token).unwrap();
            assert_eq!((read.header, read.claims, read.signature), (header, claims, signature));
        }

        #[test]
        fn what_is_read_has_one_spelling(token in "[A-Za-z0-9_=.-]{0,40}") {
            if let Ok(read) = parts(&token) {
                let parts = [&read.header, &read.claims, &read.signature];
                assert_eq!(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."), token);
            }
        }

        #[test]
        fn any_text_is_taken_apart_or_refused(token: String) {
            let _ = parts(&token);
        }
    }
}
