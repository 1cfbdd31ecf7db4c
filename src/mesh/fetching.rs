//! A message of our inbox, as far as it concerns us: MESH's reports, what is not for us, and files.

use std::collections::HashMap;

use super::downloading::{Origin, Report};
use super::error::MeshError;
use super::letter::{MessageId, WorkflowId};
use super::mailbox::Mailbox;
use super::unpacking::unpacked;
use crate::domain::channel;
use crate::domain::ods_code::OdsCode;
use crate::store::mesh_messages::MessageOutcome;

/// What is fetched, and of whom.
pub struct Wanted {
    /// The authorities, each by its mailbox.
    pub senders: HashMap<channel::Mailbox, OdsCode>,
    /// The workflow of uploads.
    pub workflow: WorkflowId,
    /// The longest file, in bytes.
    pub bytes_max: usize,
}

/// A message as far as it concerns us.
pub enum Fetched {
    /// A message of ours did not arrive.
    Report(Report),
    /// It is not for us; what it says was not read.
    PutAside(MessageOutcome),
    /// A file of an authority.
    File(MeshFile),
}

/// A file that came.
pub struct MeshFile {
    /// The mailbox it is from, which is answered.
    pub sender: channel::Mailbox,
    /// Whose mailbox that is.
    pub authority: OdsCode,
    /// The name it came under.
    pub name: String,
    /// What it says, or why that cannot be read.
    pub bytes: Result<Vec<u8>, String>,
}

/// Fetches a message, and reads it only where it is an authority's upload.
///
/// # Errors
/// [`MeshError`] when MESH does not give all of it out.
pub fn fetch(
    mailbox: &Mailbox,
    message: &MessageId,
    wanted: &Wanted,
) -> Result<(Origin, Fetched), MeshError> {
    let download = mailbox.download(message)?;
    let origin = download.origin.clone();
    if let Some(report) = origin.report.clone() {
        return Ok((origin, Fetched::Report(report)));
    }
    if origin.workflow.as_ref() != Some(&wanted.workflow) {
        return Ok((origin, Fetched::PutAside(MessageOutcome::AnotherWorkflow)));
    }
    let sender = origin.from.clone();
    let known = sender.and_then(|sender| {
        let authority = wanted.senders.get(&sender)?.clone();
        Some((sender, authority))
    });
    let Some((sender, authority)) = known else {
        return Ok((origin, Fetched::PutAside(MessageOutcome::UnknownMailbox)));
    };
    let bytes = match download.read(wanted.bytes_max) {
        Ok(packed) => unpacked(packed, wanted.bytes_max).map_err(|error| error.to_string()),
        Err(error @ MeshError::TooLong(_)) => Err(error.to_string()),
        Err(error) => return Err(error),
    };
    let file = MeshFile {
        sender,
        authority,
        name: origin.file_name.clone(),
        bytes,
    };
    Ok((origin, Fetched::File(file)))
}
