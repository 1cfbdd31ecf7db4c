//! From settings to what puts answers on record.

use std::time::Duration;

use super::{StartError, key, store};
use crate::disclosure::answers::Answers;
use crate::disclosure::audit_key::AuditKey;
use crate::settings::Settings;
use crate::store::Side;

/// Connections that answers are put on record by: one transaction at a time takes all that wait.
const CONNECTIONS: u32 = 1;

/// The key of the digests on record.
///
/// # Errors
/// [`StartError`] when it is not set, or cannot be used.
pub fn audit_key(settings: &Settings) -> Result<AuditKey, StartError> {
    let key = key("audit_key_file", settings.audit.key_file()?)?;
    Ok(AuditKey::of(&key))
}

/// What puts answers on record, with a connection of its own, so that no answer waits behind looks.
pub(super) fn answers(settings: &Settings) -> Result<Answers, StartError> {
    let audit_key = audit_key(settings)?;
    let deadline = Duration::from_millis(settings.request_deadline_ms);
    let url = settings.database_url()?;
    let store = store(settings, url, (CONNECTIONS, deadline), Side::Query);
    let durably = (store, settings.audit.durability);
    Answers::open(audit_key, durably, deadline).map_err(StartError::Thread)
}
