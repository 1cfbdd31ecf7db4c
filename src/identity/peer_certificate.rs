//! The certificate with which a caller proved itself when the connection was made, as a token can
//! be bound to it (<https://www.rfc-editor.org/rfc/rfc8705#section-3.1>).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;

/// The caller's certificate, by its thumbprint. It is there only where mutual TLS ends in this
/// process and the caller sent a certificate that our client authorities vouch for.
///
/// It belongs to the connection: a handler has it by
/// `request.conn_data::<PeerCertificate>()`, which is nothing where there was no certificate.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PeerCertificate {
    thumbprint: String,
}

impl PeerCertificate {
    /// The certificate in its DER, which is what is digested.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Self {
        Self {
            thumbprint: URL_SAFE_NO_PAD.encode(sha256(der)),
        }
    }

    /// Its SHA-256 in base64url without padding, as a token's `cnf.x5t#S256` says it.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PeerCertificate({})", self.thumbprint)
    }
}

#[cfg(test)]
mod tests {
    use super::PeerCertificate;

    #[test]
    fn a_thumbprint_is_the_digest_of_the_der_in_base64url_without_padding() {
        // What `printf abc | openssl dgst -sha256 -binary | basenc --base64url` says.
        assert_eq!(
            PeerCertificate::of_der(b"abc").thumbprint(),
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }
}
