//! Why MESH did not do what was asked: the line, MESH itself, or the one message.

use thiserror::Error;

/// Why a request to MESH came to nothing. Its words hold nothing of a message or of a secret.
#[derive(Debug, Error)]
pub enum MeshError {
    /// MESH cannot be reached, or broke off.
    #[error("MESH cannot be reached: {0}")]
    Unreachable(#[source] ureq::Error),
    /// MESH answered with a status that is not the one of success.
    #[error("MESH answered {asked} with the status {status}")]
    Refused {
        /// What was asked of it.
        asked: &'static str,
        /// Its status.
        status: u16,
    },
    /// MESH answered what its specification does not have.
    #[error("MESH answered {0} in a way its specification does not have")]
    Unexpected(&'static str),
    /// A part of a message broke off.
    #[error("the message broke off on its way")]
    Torn,
    /// A message is longer than is taken here.
    #[error("the message is longer than the {0} bytes taken here")]
    TooLong(usize),
    /// The request cannot be signed.
    #[error("the request to MESH cannot be signed")]
    Unsigned,
    /// The task was cut short.
    #[error("the task that asks MESH was cut short")]
    CutShort,
}

impl MeshError {
    /// The reason's name in the metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused { .. } => "refused",
            Self::Unexpected(_) | Self::Torn => "not-understood",
            Self::TooLong(_) => "too-long",
            Self::Unsigned => "unsigned",
            Self::CutShort => "cut-short",
        }
    }

    /// Whether the one message is at fault, so that another may succeed where it did not.
    #[must_use]
    pub fn is_of_the_message(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 404 | 406 | 410 | 413 | 417 | 422),
            // What panics on one message has to let the others pass.
            Self::Torn | Self::TooLong(_) | Self::CutShort => true,
            Self::Unreachable(_) | Self::Unexpected(_) | Self::Unsigned => false,
        }
    }
}
