//! From the settings of MESH to our inbox, and to the way out of our mailbox.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{StartError, read, secret_bytes};
use crate::clock::SharedClock;
use crate::mesh::{
    Access, Certificates, Inbox, Mailbox, NotificationWorkflows, Outbox, Pem, Secret, Workflows,
};
use crate::settings::{MeshSettings, SettingsError};

/// Both ways through our mailbox.
pub struct Mesh {
    /// What comes in.
    pub inbox: Inbox,
    /// What goes out to authorities' mailboxes.
    pub outbox: Outbox,
}

/// Both ways through our mailbox, where `mesh_url` is set.
///
/// # Errors
/// [`StartError`] when a setting that belongs to it is missing, or a file of it cannot be used.
pub fn mesh(
    settings: &MeshSettings,
    clock: &SharedClock,
    base: &str,
) -> Result<Option<Mesh>, StartError> {
    let Some(url) = &settings.url else {
        return Ok(None);
    };
    let id = settings.mailbox.clone();
    let access = Access {
        url: url.as_str().to_owned(),
        mailbox: id.ok_or(SettingsError::Needed("mesh_mailbox"))?,
        password: secret("mesh_password_file", settings.password_file.as_deref())?,
        shared_key: secret("mesh_shared_key_file", settings.shared_key_file.as_deref())?,
        certificates: certificates(settings)?,
        chunk_bytes: NonZeroUsize::new(settings.chunk_bytes).unwrap_or(NonZeroUsize::MIN),
        clock: Arc::clone(clock),
    };
    let mailbox = Arc::new(Mailbox::open(access)?);
    let workflows = NotificationWorkflows {
        accesses: settings.notification_workflow.clone(),
        numbers: settings.inactive_number_workflow.clone(),
        plan_ends: settings.plan_end_workflow.clone(),
    };
    let outbox = Outbox::of(Arc::clone(&mailbox), workflows, base.to_owned());
    let inbox = Inbox::of(
        mailbox,
        Workflows {
            upload: settings.upload_workflow.clone(),
            acknowledgement: settings.acknowledgement_workflow.clone(),
        },
        Duration::from_secs(u64::from(settings.poll_seconds)),
        clock.now(),
    );
    Ok(Some(Mesh { inbox, outbox }))
}

fn secret(setting: &'static str, path: Option<&Path>) -> Result<Secret, StartError> {
    let bytes = secret_bytes(setting, path.ok_or(SettingsError::Needed(setting))?)?;
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(Secret::of_file)
        .ok_or(StartError::MeshSecret(setting))
}

/// A certificate is of no use without its key, nor the key without it.
fn certificates(settings: &MeshSettings) -> Result<Certificates, StartError> {
    let of = |setting, path: &Option<PathBuf>| {
        let read = path.as_deref().map(|path| read(setting, path));
        let read = read.map(|read| read.map(|text| Pem::new(text.into_bytes())));
        read.transpose()
    };
    let certificate = of(
        "mesh_client_certificate_file",
        &settings.client_certificate_file,
    )?;
    let key = settings.client_key_file.as_deref();
    let key = key.map(|path| secret_bytes("mesh_client_key_file", path));
    let key = key.transpose()?;
    let client = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (Some(_), None) => return Err(SettingsError::Needed("mesh_client_key_file").into()),
        (None, Some(_)) => return Err(SettingsError::Needed("mesh_client_certificate_file").into()),
    };
    Ok(Certificates {
        authorities: of("mesh_ca_file", &settings.ca_file)?,
        client,
    })
}
