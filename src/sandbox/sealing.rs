//! The sandbox's key of the sealed access history, and its file of checkpoints.

use std::fs;
use std::path::Path;

use openssl::error::ErrorStack;
use thiserror::Error;

use super::private_file::write_new_private;
use crate::sealing::note::NoteKey;
use crate::settings::SealingSettings;

/// The log's origin in the sandbox's checkpoints.
const ORIGIN: &str = "sandbox.cpis-fhir.invalid/accesses";

/// Why the sandbox cannot seal.
#[derive(Debug, Error)]
pub enum SandboxSealingError {
    /// A file cannot be made.
    #[error("the key of the sandbox's access history cannot be kept: {0}")]
    File(#[from] std::io::Error),
    /// openssl cannot make it.
    #[error("the key of the sandbox's access history cannot be made")]
    Key(#[from] ErrorStack),
}

/// How the sandbox seals, with a key that is made where it is not there yet.
///
/// # Errors
/// [`SandboxSealingError`] when it cannot be made or kept.
pub fn sealing(data: &Path, keys: &Path) -> Result<SealingSettings, SandboxSealingError> {
    fs::create_dir_all(keys)?;
    let key = keys.join("sealing.pem");
    // One that is there already stays.
    write_new_private(&key, &NoteKey::generate()?)?;
    Ok(SealingSettings {
        sealing_key_file: Some(key),
        sealing_origin: Some(ORIGIN.to_owned()),
        sealing_checkpoints_file: Some(data.join("checkpoints")),
        ..SealingSettings::default()
    })
}
