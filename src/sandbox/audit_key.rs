//! The key that the sandbox's answers are put on record with.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::issuer::IssuerError;
use super::private_file::{make_folder, write_new_private};
use crate::secrets::SecretKey;

/// The file of the key: 32 bytes in base64.
pub const AUDIT_KEY_FILE: &str = "audit.key";

/// The file of the sandbox's audit key in a folder, made where it is not there yet.
///
/// # Errors
/// [`IssuerError`] when it cannot be made.
pub fn audit_key(folder: &Path) -> Result<PathBuf, IssuerError> {
    let file = folder.join(AUDIT_KEY_FILE);
    let text = Zeroizing::new(STANDARD.encode(SecretKey::random()?.expose()));
    // One that is there already stays.
    let written = make_folder(folder).and_then(|()| write_new_private(&file, text.as_bytes()));
    match written {
        Ok(()) => Ok(file),
        Err(cause) => Err(IssuerError::File { path: file, cause }),
    }
}
