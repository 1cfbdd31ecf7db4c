//! Where a message goes or comes from: a mailbox of MESH
//! (<https://digital.nhs.uk/services/message-exchange-for-social-care-and-health-mesh>).

use std::fmt;

use thiserror::Error;

/// The longest id of a mailbox, in characters: MESH's own limit for a recipient.
const CHARACTERS_MAX: usize = 100;

/// The id of a mailbox: capitals and digits, as MESH wants it in its authorisation header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailboxId(String);

/// Why a text is no mailbox's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a MESH mailbox is 1 to 100 capitals and digits")]
pub struct MailboxIdError;

impl MailboxId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`MailboxIdError`] when the text is none.
    pub fn parse(text: &str) -> Result<Self, MailboxIdError> {
        let is_shaped = text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_shaped && (1..=CHARACTERS_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MailboxIdError)
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MailboxId, MailboxIdError};

    #[test]
    fn a_mailbox_is_capitals_and_digits() {
        for right in ["X26HC005", "MAILBOX01", "1", &"A".repeat(100)] {
            assert_eq!(
                MailboxId::parse(right).map(|id| id.to_string()),
                Ok(right.to_owned())
            );
        }
        for wrong in [
            "",
            "x26hc005",
            "X26 HC",
            "X26:HC",
            "X26/..",
            "É",
            &"A".repeat(101),
        ] {
            assert_eq!(MailboxId::parse(wrong), Err(MailboxIdError), "{wrong}");
        }
    }
}
