//! Reads a token's header: which key, which algorithm, and nothing that would change either.
//!
//! <https://www.rfc-editor.org/rfc/rfc7515#section-4.1>

use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::error::TokenError;
use super::strict_json;

/// Members that bring a key of the sender's own, nest, encrypt, compress, or must be understood.
const REFUSED_MEMBERS: [&str; 9] = [
    "crit", "b64", "jwk", "jku", "x5u", "x5c", "cty", "zip", "enc",
];

/// What a header says that a token is (`typ`), where it says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// A JWT of any kind (<https://www.rfc-editor.org/rfc/rfc7519#section-5.1>).
    Jwt,
    /// An access token that is one (<https://www.rfc-editor.org/rfc/rfc9068#section-2.1>).
    AccessToken,
}

impl TokenType {
    fn named(name: &str) -> Option<Self> {
        match name {
            "JWT" => Some(Self::Jwt),
            "at+jwt" | "application/at+jwt" => Some(Self::AccessToken),
            _ => None,
        }
    }
}

/// What a header says that is of use.
pub struct Header {
    /// Its `typ`.
    pub token_type: Option<TokenType>,
    /// Its `alg`, which must be that of the key.
    pub algorithm: Algorithm,
    /// Its `kid`.
    pub key_id: String,
}

/// Reads the header from its JSON.
pub fn header(bytes: &[u8]) -> Result<Header, TokenError> {
    let members = strict_json::object(bytes).ok_or(TokenError::HeaderNotJson)?;
    if let Some(refused) = REFUSED_MEMBERS
        .into_iter()
        .find(|name| members.contains_key(*name))
    {
        return Err(TokenError::HeaderMemberRefused(refused));
    }
    let token_type = match members.contains_key("typ") {
        false => None,
        true => {
            let named = TokenType::named(text(&members, "typ")?);
            Some(named.ok_or(TokenError::HeaderMemberUnusable("typ"))?)
        }
    };
    let algorithm = Algorithm::named(text(&members, "alg")?).ok_or(TokenError::AlgorithmRefused)?;
    Ok(Header {
        token_type,
        algorithm,
        key_id: text(&members, "kid")?.to_owned(),
    })
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, TokenError> {
    members
        .get(name)
        .and_then(Value::as_str)
        .ok_or(TokenError::HeaderMemberUnusable(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::header;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = header(&bytes);
        }
    }
}
