//! What can be wrong with a token, in words that are safe to show: nothing of the token is in them.

use thiserror::Error;

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Longer than [`super::TOKEN_BYTES_MAX`].
    #[error("the token is longer than 16384 bytes")]
    TooLong,
    /// Not RFC 7515's compact form, or base64url with padding, stray bits or other characters.
    #[error("the token is not three base64url parts, without padding, joined by full stops")]
    NotCompact,
    /// Its third part is empty.
    #[error("the token is not signed")]
    NotSigned,
    /// The header is not one JSON object, or names a member twice.
    #[error("the token's header is not a JSON object in which each member is named once")]
    HeaderNotJson,
    /// The header carries a member that would change how the token is read or trusted.
    #[error("the token's header carries `{0}`, which is not accepted")]
    HeaderMemberRefused(&'static str),
    /// A member of the header is missing, or not of its type.
    #[error("the token's header has no usable `{0}`")]
    HeaderMemberUnusable(&'static str),
    /// An algorithm other than our three, `none` among them.
    #[error("the token's algorithm is not RS512, PS256 or ES256")]
    AlgorithmRefused,
    /// One of our three, but not that of the key.
    #[error("the token's algorithm is not the one its key is for")]
    AlgorithmNotTheKeys,
    /// No key of that `kid`.
    #[error("the token's key is not one of the issuer's")]
    UnknownKey,
    /// The keys that it would be held to could not be had of late.
    #[error("the keys that the token would be held to are not known at present")]
    NoKeys,
    /// The signature does not hold.
    #[error("the token's signature does not hold")]
    WrongSignature,
    /// The claims are not one JSON object, or name a member twice.
    #[error("the token's claims are not a JSON object in which each member is named once")]
    ClaimsNotJson,
    /// A claim that must be there is not.
    #[error("the token has no `{0}` claim")]
    ClaimMissing(&'static str),
    /// A claim is of another type or shape than it must be.
    #[error("the token's `{0}` claim is not of the right type or shape")]
    ClaimMalformed(&'static str),
    /// A claim is too long, has too many members, or holds control characters.
    #[error("the token's `{0}` claim is too long, or holds control characters")]
    ClaimOutOfBounds(&'static str),
    /// Another issuer's.
    #[error("the token was issued by another issuer")]
    WrongIssuer,
    /// Meant for somebody else.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// Its `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` is to come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Its `iat` is more than a minute ahead of us.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// It ends before it begins, or is valid for longer than is taken.
    #[error("the token is valid for no time, or for longer than is taken")]
    LifetimeRefused,
    /// It was issued to other software.
    #[error("the token was issued to another client")]
    AnotherClients,
    /// It is bound to a certificate, and came without it.
    #[error("the token is bound to a client certificate that the request did not come with")]
    WrongCertificate,
    /// It is an assertion of two.
    #[error("the assertion's `iss` and `sub` are not the same client")]
    TwoClients,
    /// No role has the selected id.
    #[error("the token's selected role is not among its roles")]
    SelectedRoleNotHeld,
    /// More than one role has the selected id.
    #[error("the token's selected role is among its roles more than once")]
    SelectedRoleAmbiguous,
    /// It does not say that the person signed in strongly enough.
    #[error("the token does not say that the person signed in at the assurance level needed")]
    AssuranceTooLow,
    /// It claims to be a practitioner's and a system's.
    #[error("the token is both a practitioner's and a system's")]
    PractitionerAndSystem,
}

impl TokenError {
    /// The refusal's name in the security log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong | Self::NotCompact | Self::HeaderNotJson | Self::ClaimsNotJson => {
                "token-unreadable"
            }
            Self::HeaderMemberRefused(_) | Self::HeaderMemberUnusable(_) => "token-header",
            Self::AlgorithmRefused | Self::AlgorithmNotTheKeys => "token-algorithm",
            Self::UnknownKey | Self::NoKeys => "token-key",
            Self::NotSigned | Self::WrongSignature => "token-signature",
            Self::ClaimMissing(_)
            | Self::ClaimMalformed(_)
            | Self::ClaimOutOfBounds(_)
            | Self::TwoClients
            | Self::SelectedRoleNotHeld
            | Self::SelectedRoleAmbiguous
            | Self::PractitionerAndSystem => "token-claims",
            Self::WrongIssuer => "token-issuer",
            Self::WrongAudience => "token-audience",
            Self::Expired => "token-expired",
            Self::NotYetValid | Self::IssuedInFuture | Self::LifetimeRefused => "token-time",
            Self::AssuranceTooLow => "token-assurance",
            Self::AnotherClients => "token-client",
            Self::WrongCertificate => "wrong-certificate",
        }
    }
}
