//! The three signature algorithms that are taken, and no other.
//!
//! <https://www.rfc-editor.org/rfc/rfc7518#section-3.1>

/// A signature algorithm of RFC 7518.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-512: what the NHS API platform signs with.
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, and a salt of 32 bytes.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Rs512, Self::Ps256, Self::Es256];

    /// Its name in a header's or a key's `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }

    /// The algorithm so named, letter for letter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}
