//! A message into another's inbox, in as many parts as its length needs, and once: MESH is asked
//! first whether it has it already.

use std::borrow::Cow;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use ureq::http::request::Builder;
use ureq::http::{Method, header};

use super::chunks::{ChunkRange, cut};
use super::error::MeshError;
use super::letter::{Letter, MessageId};
use super::mailbox::{Mailbox, expect, json};
use super::tracking::Tracked;

const ASKED: &str = "a message sent";
/// From how many bytes on a message is packed: a shorter one gains nothing by it, and can be read
/// by eye where it arrives.
const PACKED_FROM_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Accepted {
    message_id: String,
}

impl Mailbox {
    /// Sends a message, unless MESH has it already under our id for it.
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not say that it has all of it. It is then to be sent again,
    /// under the same id.
    pub fn send(&self, letter: Letter<'_>) -> Result<MessageId, MeshError> {
        let sent = self.send_whole(letter);
        let outcome = sent.as_ref().map_or_else(MeshError::code, |_id| "sent");
        self.sent.one(outcome);
        sent
    }

    fn send_whole(&self, letter: Letter<'_>) -> Result<MessageId, MeshError> {
        let parts = cut(letter.bytes, self.chunk_bytes);
        let total = u32::try_from(parts.len())
            .ok()
            .ok_or(MeshError::TooLong(letter.bytes.len()))?;
        let message = match self.track(letter.local_id)? {
            Tracked::Sent(message) => return Ok(message),
            Tracked::Begun { message, chunks } if chunks == total => message,
            // Of several under one id none may be whole: who gets two knows them by their content.
            Tracked::Begun { .. } | Tracked::Several | Tracked::Unsent => {
                self.begin(letter, parts.first().copied().unwrap_or_default(), total)?
            }
        };
        for (range, part) in ChunkRange::all(total).zip(&parts).skip(1) {
            let path = format!("/outbox/{message}/{}", range.number());
            let request = self
                .request(Method::POST, &path)?
                .header("Mex-Chunk-Range", range.to_string())
                .header(header::CONTENT_TYPE, "application/octet-stream");
            let (request, body) = packed(request, letter, part);
            let response = self.ask(ASKED, request, body.as_ref())?;
            expect(ASKED, &response, &[200, 202])?;
        }
        Ok(message)
    }

    fn begin(&self, letter: Letter<'_>, part: &[u8], total: u32) -> Result<MessageId, MeshError> {
        let mut request = self
            .request(Method::POST, "/outbox")?
            .header("Mex-To", letter.to.as_str())
            .header("Mex-WorkflowID", letter.workflow.as_str())
            .header("Mex-LocalID", letter.local_id.as_str())
            .header("Mex-FileName", letter.file_name)
            .header("Mex-Content-Type", letter.media_type);
        if total == 1 {
            request = request.header(header::CONTENT_TYPE, letter.media_type);
        } else {
            request = request
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .header("Mex-Chunk-Range", format!("1:{total}"));
        }
        let (request, body) = packed(request, letter, part);
        let response = self.ask(ASKED, request, body.as_ref())?;
        expect(ASKED, &response, &[200, 202])?;
        let accepted: Accepted = json(ASKED, response)?;
        MessageId::parse(&accepted.message_id).ok_or(MeshError::Unexpected(ASKED))
    }
}

/// A part of a message as it is sent: all the parts of a long one packed, each for itself, as the
/// specification has it.
fn packed<'a>(request: Builder, letter: Letter<'_>, part: &'a [u8]) -> (Builder, Cow<'a, [u8]>) {
    if letter.bytes.len() < PACKED_FROM_BYTES {
        return (request, Cow::Borrowed(part));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    match encoder.write_all(part).and_then(|()| encoder.finish()) {
        Ok(bytes) => (
            request.header(header::CONTENT_ENCODING, "gzip"),
            Cow::Owned(bytes),
        ),
        // Memory does not fail to be written to; where it would, the part goes as it is.
        Err(_unwritten) => (request, Cow::Borrowed(part)),
    }
}
