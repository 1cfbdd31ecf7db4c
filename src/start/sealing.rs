//! From settings to what seals the access history, and to the keys it is verified with.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{StartError, key, secret, store};
use crate::sealing::file::CheckpointFile;
use crate::sealing::note::NoteKey;
use crate::sealing::row::RowKey;
use crate::sealing::sealer::Sealer;
use crate::settings::{Settings, SettingsError};
use crate::store::Side;

/// Connections of the sealer: it works on one thing at a time, and waits for nobody.
const CONNECTIONS: u32 = 2;

/// The longest that a round's transaction is waited for.
const DEADLINE: Duration = Duration::from_secs(60);

/// What seals, where there is a key to sign with.
///
/// # Errors
/// [`StartError`] when a setting that it needs is missing, or a key cannot be used.
pub(super) fn sealer(settings: &Settings) -> Result<Option<Arc<Sealer>>, StartError> {
    let sealing = &settings.sealing;
    if !sealing.seals() {
        return Ok(None);
    }
    let file = sealing.sealing_checkpoints_file.as_deref();
    let file = file.ok_or(SettingsError::Needed("sealing_checkpoints_file"))?;
    let url = settings.sealer_database_url()?;
    let store = store(settings, url, (CONNECTIONS, DEADLINE), Side::Sealer);
    let keys = (log_key(settings)?, row_key(settings)?);
    let interval = Duration::from_secs(u64::from(sealing.sealing_seconds));
    let file = CheckpointFile::at(file);
    Ok(Some(Arc::new(Sealer::new(store, keys, file, interval))))
}

/// The key that checkpoints are signed with.
///
/// # Errors
/// [`StartError`] when a setting that it needs is missing, or the key cannot be used.
pub fn log_key(settings: &Settings) -> Result<NoteKey, StartError> {
    let sealing = &settings.sealing;
    let origin = sealing.sealing_origin.as_deref();
    let origin = origin.ok_or(SettingsError::Needed("sealing_origin"))?;
    let pem = match (&sealing.sealing_key, &sealing.sealing_key_file) {
        (Some(key), _) => Zeroizing::new(key.expose().to_owned()),
        (None, Some(file)) => secret("sealing_key_file", file)?,
        (None, None) => return Err(SettingsError::Needed("sealing_key_file").into()),
    };
    Ok(NoteKey::from_pem(origin, pem.as_bytes())?)
}

/// The key of what is hidden in sealed rows: that of all digests on record.
///
/// # Errors
/// [`StartError`] when a setting that it needs is missing, or the key cannot be used.
pub fn row_key(settings: &Settings) -> Result<RowKey, StartError> {
    let key = key("audit_key_file", settings.audit.key_file()?)?;
    Ok(RowKey::of(&key))
}
