//! What must be known to nobody else: keys that are wiped when they are dropped and never shown,
//! and the way to the files that hold them.

pub mod file;
mod hmac_key;
mod key;
mod text;

pub use hmac_key::{DIGEST_BYTES, HmacKey};
pub use key::{KEY_BYTES, SecretKey};
pub use text::SecretText;
