//! The settings of MESH, all of them off until `mesh_url` is set.

use std::path::PathBuf;

use url::{Host, Url};

use super::error::SettingsError;
use super::reading::Stated;
use crate::domain::channel;
use crate::mesh::WorkflowId;

/// The settings of MESH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeshSettings {
    /// Where MESH is; nothing comes or goes through it where this is not set.
    pub url: Option<MeshUrl>,
    /// Our mailbox.
    pub mailbox: Option<channel::Mailbox>,
    /// The file of our mailbox's password.
    pub password_file: Option<PathBuf>,
    /// The file of the key that every mailbox of the environment shares.
    pub shared_key_file: Option<PathBuf>,
    /// The file of our certificate and of those above it, PEM.
    pub client_certificate_file: Option<PathBuf>,
    /// The file of our certificate's private key, PEM and not encrypted.
    pub client_key_file: Option<PathBuf>,
    /// The file of the authorities that MESH's certificate may come from, PEM; the system's where
    /// it is not set.
    pub ca_file: Option<PathBuf>,
    /// The workflow of uploads.
    pub upload_workflow: WorkflowId,
    /// The workflow of their acknowledgements.
    pub acknowledgement_workflow: WorkflowId,
    /// The workflow of notifications of accesses.
    pub notification_workflow: WorkflowId,
    /// The workflow of notifications of NHS numbers that are in use no longer.
    pub inactive_number_workflow: WorkflowId,
    /// The workflow of notifications of plans that end.
    pub plan_end_workflow: WorkflowId,
    /// Seconds between looks into our inbox, 1 to 86,400: MESH suggests five minutes and demands
    /// one look a day.
    pub poll_seconds: u32,
    /// The longest part of a message, in bytes: MESH takes 100 MB, over the internet 20 MB.
    pub chunk_bytes: usize,
}

/// The longest part unless told otherwise, in bytes.
const CHUNK_BYTES: usize = 20_000_000;

impl Default for MeshSettings {
    fn default() -> Self {
        let workflow = |text| WorkflowId::of(text);
        Self {
            url: None,
            mailbox: None,
            password_file: None,
            shared_key_file: None,
            client_certificate_file: None,
            client_key_file: None,
            ca_file: None,
            // The ids of the live service are not published; these follow MESH's own pattern.
            upload_workflow: workflow("CPIS_UPLOAD"),
            acknowledgement_workflow: workflow("CPIS_UPLOAD_ACK"),
            notification_workflow: workflow("CPIS_ASN"),
            inactive_number_workflow: workflow("CPIS_INACTIVE_NHS_NUMBER"),
            plan_end_workflow: workflow("CPIS_PLAN_END"),
            poll_seconds: 300,
            chunk_bytes: CHUNK_BYTES,
        }
    }
}

/// Where MESH is: `https`, or `http` on this machine alone, with nothing behind host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeshUrl(String);

impl MeshUrl {
    /// Reads MESH's URL; nothing where it is none, or would carry children's plans in the clear.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        // An origin and no more, spelled as it is sent.
        let is_origin = url.origin().ascii_serialization() == text;
        (is_private && is_origin).then(|| Self(text.to_owned()))
    }

    /// The URL, with no slash behind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const MESH_URL: &str =
    "an https URL, or an http one of this machine, with nothing behind its host and port";
const MAILBOX: &str = "a mailbox's id, 1 to 100 capitals and digits";
const WORKFLOW: &str = "a workflow's id, 1 to 300 letters, digits and the signs _ - .";

impl MeshSettings {
    /// Takes the settings of MESH.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        let mut file = |name| stated.path(name);
        let password_file = file("mesh_password_file")?;
        let shared_key_file = file("mesh_shared_key_file")?;
        let client_certificate_file = file("mesh_client_certificate_file")?;
        let client_key_file = file("mesh_client_key_file")?;
        let ca_file = file("mesh_ca_file")?;
        let mut workflow = |name, default| stated.text(name, default, WORKFLOW, WorkflowId::parse);
        Ok(Self {
            password_file,
            shared_key_file,
            client_certificate_file,
            client_key_file,
            ca_file,
            upload_workflow: workflow("mesh_upload_workflow", default.upload_workflow)?,
            acknowledgement_workflow: workflow(
                "mesh_acknowledgement_workflow",
                default.acknowledgement_workflow,
            )?,
            notification_workflow: workflow(
                "mesh_notification_workflow",
                default.notification_workflow,
            )?,
            inactive_number_workflow: workflow(
                "mesh_inactive_number_workflow",
                default.inactive_number_workflow,
            )?,
            plan_end_workflow: workflow("mesh_plan_end_workflow", default.plan_end_workflow)?,
            url: stated.text("mesh_url", default.url, MESH_URL, |text| {
                MeshUrl::parse(text).map(Some)
            })?,
            mailbox: stated.text("mesh_mailbox", default.mailbox, MAILBOX, |text| {
                channel::Mailbox::parse(text).map(Some)
            })?,
            poll_seconds: stated.whole("mesh_poll_seconds", default.poll_seconds, 1..=86_400)?,
            chunk_bytes: stated.whole("mesh_chunk_bytes", default.chunk_bytes, 1..=100_000_000)?,
        })
    }

    /// Each setting's name and its default as documented.
    #[cfg(test)]
    pub(super) fn documented(self) -> Vec<(&'static str, String)> {
        let Self {
            url: None,
            mailbox: None,
            password_file: None,
            shared_key_file: None,
            client_certificate_file: None,
            client_key_file: None,
            ca_file: None,
            upload_workflow,
            acknowledgement_workflow,
            notification_workflow,
            inactive_number_workflow,
            plan_end_workflow,
            poll_seconds,
            chunk_bytes,
        } = self
        else {
            unreachable!("these have no default")
        };
        let workflow = |workflow: WorkflowId| workflow.as_str().to_owned();
        vec![
            ("mesh_url", String::new()),
            ("mesh_mailbox", String::new()),
            ("mesh_password_file", String::new()),
            ("mesh_shared_key_file", String::new()),
            ("mesh_client_certificate_file", String::new()),
            ("mesh_client_key_file", String::new()),
            ("mesh_ca_file", String::new()),
            ("mesh_upload_workflow", workflow(upload_workflow)),
            (
                "mesh_acknowledgement_workflow",
                workflow(acknowledgement_workflow),
            ),
            (
                "mesh_notification_workflow",
                workflow(notification_workflow),
            ),
            (
                "mesh_inactive_number_workflow",
                workflow(inactive_number_workflow),
            ),
            ("mesh_plan_end_workflow", workflow(plan_end_workflow)),
            ("mesh_poll_seconds", poll_seconds.to_string()),
            ("mesh_chunk_bytes", chunk_bytes.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::MeshUrl;

    #[test]
    fn mesh_is_reached_in_the_clear_on_this_machine_alone() {
        for right in [
            "https://mesh-sync.spineservices.nhs.uk",
            "https://mesh.example:8700",
            "http://localhost:8700",
            "http://127.0.0.1:8700",
            "http://[::1]:8700",
        ] {
            assert_eq!(
                MeshUrl::parse(right).as_ref().map(MeshUrl::as_str),
                Some(right)
            );
        }
        for wrong in [
            "",
            "mesh.example",
            "http://mesh.example",
            "http://10.0.0.1",
            "https://mesh.example/",
            "https://mesh.example/messageexchange",
            "https://user@mesh.example",
            "https://mesh.example?a",
            "ftp://mesh.example",
            "HTTPS://mesh.example",
        ] {
            assert_eq!(MeshUrl::parse(wrong), None, "{wrong}");
        }
    }
}
