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

/// What `typ` may say: a JWT (RFC 7519), or an access token that is one (RFC 9068).
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// What a header says that is of use.
pub struct Header {
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
    if members.contains_key("typ") && !TYPES.contains(&text(&members, "typ")?) {
        return Err(TokenError::HeaderMemberUnusable("typ"));
    }
    let algorithm = Algorithm::named(text(&members, "alg")?).ok_or(TokenError::AlgorithmRefused)?;
    Ok(Header {
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
