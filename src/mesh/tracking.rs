//! Whether a message of ours was sent already: MESH knows it by our own id for it.

use serde::Deserialize;
use ureq::http::{Method, header};

use super::error::MeshError;
use super::letter::{LocalId, MessageId};
use super::mailbox::{Mailbox, expect, json};

const ASKED: &str = "a look for a message we sent";

/// What MESH knows of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracked {
    /// Nothing, or that it failed: it has to be sent.
    Unsent,
    /// It was begun and not finished.
    Begun {
        /// MESH's id for it.
        message: MessageId,
        /// Of how many parts it was to be.
        chunks: u32,
    },
    /// It was sent.
    Sent(MessageId),
    /// There are several under our id, some perhaps unfinished.
    Several,
}

/// The form that version 1 of the API has, the only one in which our own id can be asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tracking {
    message_id: String,
    status: String,
    chunk_count: Option<u32>,
}

impl Mailbox {
    /// What MESH knows of the message that we call so.
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not say.
    pub fn track(&self, local_id: &LocalId) -> Result<Tracked, MeshError> {
        let path = format!("/outbox/tracking/{}", local_id.as_str());
        let mut request = self.request(Method::GET, &path)?;
        if let Some(headers) = request.headers_mut() {
            headers.insert(
                header::ACCEPT,
                header::HeaderValue::from_static("application/json"),
            );
        }
        let response = self.ask(ASKED, request, ())?;
        match response.status().as_u16() {
            404 => return Ok(Tracked::Unsent),
            300 => return Ok(Tracked::Several),
            _ => expect(ASKED, &response, &[200])?,
        }
        tracked(&json(ASKED, response)?).ok_or(MeshError::Unexpected(ASKED))
    }
}

fn tracked(told: &Tracking) -> Option<Tracked> {
    let message = MessageId::parse(&told.message_id)?;
    Some(match told.status.to_ascii_lowercase().as_str() {
        "accepted" | "acknowledged" => Tracked::Sent(message),
        "uploading" => Tracked::Begun {
            message,
            chunks: told.chunk_count?,
        },
        _ => Tracked::Unsent,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::{MessageId, Tracked, Tracking, tracked};

    #[test]
    fn a_message_is_sent_when_mesh_has_all_of_it() {
        let message = MessageId::parse("A1").unwrap();
        let begun = Tracked::Begun {
            message: message.clone(),
            chunks: 3,
        };
        for (status, expected) in [
            ("Accepted", Some(Tracked::Sent(message.clone()))),
            ("acknowledged", Some(Tracked::Sent(message))),
            ("Uploading", Some(begun)),
            ("Undeliverable", Some(Tracked::Unsent)),
            ("Error", Some(Tracked::Unsent)),
        ] {
            let json = format!(r#"{{"messageId":"A1","status":"{status}","chunkCount":3}}"#);
            let told: Tracking = serde_json::from_str(&json).unwrap();
            assert_eq!(tracked(&told), expected, "{status}");
        }
    }
}
