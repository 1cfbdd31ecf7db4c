//! What we send, and the names MESH knows it by: its workflow, our id for it, and MESH's own.

use std::fmt;

use uuid::Uuid;

use crate::domain::channel;
use crate::domain::notification::Part;

/// A message to send.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    /// The mailbox it is for.
    pub to: &'a channel::Mailbox,
    /// What kind of message it is.
    pub workflow: &'a WorkflowId,
    /// Our id for it: the same each time it is sent.
    pub local_id: &'a LocalId,
    /// The name of the file it arrives as. It says nothing of any child.
    pub file_name: &'a str,
    /// Its media type.
    pub media_type: &'static str,
    /// The message.
    pub bytes: &'a [u8],
}

/// What kind a message is, as MESH routes and permits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowId(String);

impl WorkflowId {
    /// The longest id, in characters: MESH's own limit.
    const CHARACTERS_MAX: usize = 300;

    /// An id that is written here, and so known to be one.
    pub(crate) fn of(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Reads an id, such as `CPIS_UPLOAD`; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        shaped(text, "_-.", Self::CHARACTERS_MAX).map(Self)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many characters a UUID is written in.
const UUID_CHARACTERS: usize = 36;

/// What the id of a message of notifications begins with.
const NOTIFICATIONS: &str = "cpis-notifications-";

/// Our own id for a message, under which MESH is asked whether it was sent already. It says nothing
/// of any child, as MESH demands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalId(String);

impl LocalId {
    /// The longest id, in characters: MESH's own limit.
    const CHARACTERS_MAX: usize = 300;

    /// Reads an id of ours that MESH gives back; nothing where it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        shaped(text, "_-", Self::CHARACTERS_MAX).map(Self)
    }

    /// The id of the acknowledgement of a message that came.
    #[must_use]
    pub fn of_acknowledgement(message: &MessageId) -> Self {
        Self(format!("cpis-acknowledgement-{message}"))
    }

    /// The id of a message of notifications: of their window, and of the part of it that it tells.
    #[must_use]
    pub fn of_notifications(window: Uuid, part: Part) -> Self {
        Self(format!("{NOTIFICATIONS}{window}{}", ending(part)))
    }

    /// The window, and the part of it, that this is the id of a message of; none where it is
    /// another's.
    #[must_use]
    pub fn notifications(&self) -> Option<(Uuid, Part)> {
        let told = self.0.strip_prefix(NOTIFICATIONS)?;
        let (window, ends_with) = told.split_at_checked(UUID_CHARACTERS)?;
        let window = Uuid::try_parse(window).ok()?;
        let mut parts = Part::ALL.into_iter();
        let part = parts.find(|part| ending(*part) == ends_with)?;
        Some((window, part))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the id of a message of this part of a window ends with, behind that of the window.
fn ending(part: Part) -> &'static str {
    match part {
        Part::Accesses => "",
        Part::Numbers => "-numbers",
        Part::PlanEnds => "-plan-ends",
    }
}

/// The id that MESH gave to a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// The longest id, in characters.
    const CHARACTERS_MAX: usize = 100;

    /// Reads an id, which becomes part of a path; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        shaped(text, "_-", Self::CHARACTERS_MAX).map(Self)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Text of letters, digits and some signs that mean nothing in a path or a header.
fn shaped(text: &str, signs: &str, characters_max: usize) -> Option<String> {
    let is_shaped = text
        .chars()
        .all(|sign| sign.is_ascii_alphanumeric() || signs.contains(sign));
    (is_shaped && (1..=characters_max).contains(&text.len())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use uuid::Uuid;

    use super::{LocalId, MessageId, WorkflowId};
    use crate::domain::notification::Part;

    #[test]
    fn an_id_that_would_change_a_path_or_a_header_is_none() {
        let message = MessageId::parse("20220228174323222_ABCDEF").unwrap();
        assert_eq!(
            LocalId::of_acknowledgement(&message).as_str(),
            "cpis-acknowledgement-20220228174323222_ABCDEF"
        );
        let window = Uuid::from_u128(7);
        for part in Part::ALL {
            let notifications = LocalId::of_notifications(window, part);
            assert_eq!(notifications.notifications(), Some((window, part)));
        }
        let other = format!(
            "{}-others",
            LocalId::of_notifications(window, Part::Accesses).as_str()
        );
        assert_eq!(LocalId::parse(&other).unwrap().notifications(), None);
        assert_eq!(LocalId::of_acknowledgement(&message).notifications(), None);
        for wrong in [
            "",
            "a/b",
            "..",
            "a b",
            "a\r\nb",
            "a?b",
            "%2f",
            &"a".repeat(101),
        ] {
            assert_eq!(MessageId::parse(wrong), None, "{wrong}");
        }
        assert_eq!(
            WorkflowId::parse("CPIS_UPLOAD_ACK").unwrap().as_str(),
            "CPIS_UPLOAD_ACK"
        );
        for wrong in ["", "a b", "a*", "http://a", &"a".repeat(301)] {
            assert_eq!(WorkflowId::parse(wrong), None, "{wrong}");
        }
    }
}
