//! A message out of our inbox: first where it comes from, then, where that is wanted, what it says.

use std::io::Read;

use ureq::Body;
use ureq::http::{Method, Response, header};

use super::chunks::ChunkRange;
use super::error::MeshError;
use super::letter::{LocalId, MessageId, WorkflowId};
use super::mailbox::{Mailbox, expect, header_of};
use crate::domain::channel;

const ASKED: &str = "a download";
/// The longest file name kept, in characters.
const FILE_NAME_CHARACTERS_MAX: usize = 300;

/// Where a message comes from, as MESH vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The mailbox that sent it; none for MESH's own reports.
    pub from: Option<channel::Mailbox>,
    /// What kind of message it is.
    pub workflow: Option<WorkflowId>,
    /// The name of the file it was, where its sender said one.
    pub file_name: String,
    /// Where MESH reports that one of ours did not arrive: which, and why.
    pub report: Option<Report>,
}

/// MESH's report that a message of ours did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// MESH's id of the message that did not.
    pub message: Option<MessageId>,
    /// Our id of it.
    pub local_id: Option<LocalId>,
    /// MESH's code for why, such as `14` for a message that nobody collected.
    pub code: String,
}

/// A message that has begun to arrive.
pub struct Download<'a> {
    mailbox: &'a Mailbox,
    message: &'a MessageId,
    chunks: u32,
    first: Response<Body>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Mailbox {
    /// Asks for a message, and reads where it comes from.
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not give it out.
    pub fn download<'a>(&'a self, message: &'a MessageId) -> Result<Download<'a>, MeshError> {
        let first = self.part(&format!("/inbox/{message}"))?;
        let origin = origin(&first);
        let range = match header_of(&first, "Mex-Chunk-Range") {
            // A report says nothing, in no part.
            Some(text) if origin.report.is_none() => ChunkRange::parse(text),
            _ => Some(ChunkRange::WHOLE),
        };
        let range = range.filter(|range| range.number() == 1);
        Ok(Download {
            mailbox: self,
            message,
            chunks: range.ok_or(MeshError::Torn)?.total(),
            origin,
            first,
        })
    }

    fn part(&self, path: &str) -> Result<Response<Body>, MeshError> {
        let request = self
            .request(Method::GET, path)?
            .header(header::ACCEPT_ENCODING, "gzip");
        let response = self.ask(ASKED, request, ())?;
        expect(ASKED, &response, &[200, 206])?;
        Ok(response)
    }
}

impl Download<'_> {
    /// What it says, all its parts together and of at most `bytes_max` bytes, packed as it came.
    ///
    /// # Errors
    /// [`MeshError`] when a part does not arrive whole, or there is more.
    pub fn read(self, bytes_max: usize) -> Result<Vec<u8>, MeshError> {
        let mut bytes = Vec::new();
        add(&mut bytes, self.first, bytes_max)?;
        for range in ChunkRange::all(self.chunks).skip(1) {
            let path = format!("/inbox/{}/{}", self.message, range.number());
            let part = self.mailbox.part(&path)?;
            let told = header_of(&part, "Mex-Chunk-Range").and_then(ChunkRange::parse);
            if told != Some(range) {
                return Err(MeshError::Torn);
            }
            add(&mut bytes, part, bytes_max)?;
        }
        Ok(bytes)
    }
}

/// Adds a part to what has arrived, and never reads on past the limit.
fn add(bytes: &mut Vec<u8>, part: Response<Body>, bytes_max: usize) -> Result<(), MeshError> {
    let left = bytes_max.saturating_sub(bytes.len()).saturating_add(1);
    part.into_body()
        .into_reader()
        .take(u64::try_from(left).unwrap_or(u64::MAX))
        .read_to_end(bytes)
        .ok()
        .ok_or(MeshError::Torn)?;
    if bytes.len() > bytes_max {
        return Err(MeshError::TooLong(bytes_max));
    }
    Ok(())
}

fn origin(response: &Response<Body>) -> Origin {
    let of = |name| header_of(response, name).unwrap_or_default();
    let is_report = of("Mex-MessageType").eq_ignore_ascii_case("REPORT");
    Origin {
        from: channel::Mailbox::parse(of("Mex-From")),
        workflow: WorkflowId::parse(of("Mex-WorkflowID")),
        file_name: of("Mex-FileName")
            .chars()
            .take(FILE_NAME_CHARACTERS_MAX)
            .collect(),
        report: is_report.then(|| Report {
            message: MessageId::parse(of("Mex-LinkedMsgID")),
            local_id: LocalId::parse(of("Mex-LocalID")),
            code: code(of("Mex-StatusCode")),
        }),
    }
}

/// A status code as it may be logged: MESH's are short and of letters and digits.
fn code(text: &str) -> String {
    text.chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-')
        .take(20)
        .collect()
}
