//! What the files hold that settings name.

use std::fs;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::StartError;
use crate::secrets::{SecretKey, file};

/// A key of 32 bytes that a file holds in base64.
///
/// # Errors
/// [`StartError`] when the file cannot be read, others may read it, or it holds none.
pub(super) fn key(setting: &'static str, path: &Path) -> Result<SecretKey, StartError> {
    SecretKey::of_base64(&secret(setting, path)?).ok_or(StartError::Key(setting))
}

/// A secret that a file holds.
///
/// # Errors
/// [`StartError::File`], also where others than the file's owner may read it.
pub(super) fn secret(setting: &'static str, path: &Path) -> Result<Zeroizing<String>, StartError> {
    file::read_text(path).map_err(|cause| unreadable(setting, path, cause))
}

/// The same where it need not be text.
///
/// # Errors
/// As [`secret`].
pub(super) fn secret_bytes(
    setting: &'static str,
    path: &Path,
) -> Result<Zeroizing<Vec<u8>>, StartError> {
    file::read(path).map_err(|cause| unreadable(setting, path, cause))
}

/// What a file holds that is for everybody.
///
/// # Errors
/// [`StartError::File`].
pub(super) fn read(setting: &'static str, path: &Path) -> Result<String, StartError> {
    fs::read_to_string(path).map_err(|cause| unreadable(setting, path, cause))
}

fn unreadable(setting: &'static str, path: &Path, cause: io::Error) -> StartError {
    StartError::File {
        setting,
        path: path.to_owned(),
        cause,
    }
}
