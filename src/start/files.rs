//! What the files hold that settings name.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::StartError;
use crate::api::search::page::KEY_BYTES;

/// A key of 32 bytes that a file holds in base64.
///
/// # Errors
/// [`StartError`] when the file cannot be read, or holds none.
pub(super) fn key(setting: &'static str, file: &Path) -> Result<[u8; KEY_BYTES], StartError> {
    let text = read(setting, file)?;
    let bytes = STANDARD.decode(text.trim()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(StartError::Key(setting))
}

/// What a file holds that a setting names.
///
/// # Errors
/// [`StartError::File`].
pub(super) fn read(setting: &'static str, path: &Path) -> Result<String, StartError> {
    fs::read_to_string(path).map_err(|cause| StartError::File {
        setting,
        path: path.to_owned(),
        cause,
    })
}
