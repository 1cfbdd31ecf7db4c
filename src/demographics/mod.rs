//! The demographics service, which alone knows whose an NHS number is: none, the sandbox's own
//! register, or the NHS's Personal Demographics Service.

pub mod matching_key;
pub mod pds;
pub mod register;

use std::collections::HashMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::demographics::pds::PdsClient;
use crate::demographics::register::SandboxRegister;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Trace;
use crate::instruments::Spread;

/// Where NHS numbers are traced.
#[derive(Debug)]
pub enum Demographics {
    /// Nowhere: what authorities tell is believed.
    None,
    /// In a register of made-up people.
    Register(SandboxRegister),
    /// At the Personal Demographics Service.
    Pds(Box<PdsClient>),
}

/// When numbers are traced, and until when an answer is of use.
#[derive(Debug, Clone, Copy)]
pub struct TraceTime {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When to give up.
    pub deadline: Instant,
}

/// Why the demographics service cannot be asked. Its words never hold a number or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unavailable {
    /// It cannot be reached.
    #[error("the demographics service cannot be reached")]
    Unreachable,
    /// No answer came in time.
    #[error("the demographics service did not answer in time")]
    Late,
    /// It answered that it cannot answer.
    #[error("the demographics service answered with status {0}")]
    Status(u16),
    /// Its answer is too long, or not what its specification says.
    #[error("the demographics service answered what cannot be read")]
    Unreadable,
    /// It gives no access token.
    #[error("the demographics service gave no access token")]
    NoToken,
    /// The work was cut short.
    #[error("the asking of the demographics service was cut short")]
    CutShort,
}

impl Unavailable {
    /// The reason's name in the metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Late => "late",
            Self::Status(_) => "status",
            Self::Unreadable => "unreadable",
            Self::NoToken => "no-token",
            Self::CutShort => "cut-short",
        }
    }
}

impl Demographics {
    /// How long its calls took since the process began, by what came of them; none where no service
    /// is called.
    #[must_use]
    pub fn calls(&self) -> Vec<(&'static str, Spread)> {
        match self {
            Self::None | Self::Register(_) => Vec::new(),
            Self::Pds(pds) => pds.calls.spreads(),
        }
    }

    /// Whether numbers are traced at all.
    #[must_use]
    pub fn traces(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Traces numbers: every one of them, or none. It waits for answers: keep it off the async
    /// threads. Where nothing is traced there is no answer for any number.
    ///
    /// # Errors
    /// [`Unavailable`] when one of the numbers has no answer that can be trusted.
    pub fn trace(
        &self,
        numbers: &[NhsNumber],
        time: TraceTime,
    ) -> Result<HashMap<NhsNumber, Trace>, Unavailable> {
        match self {
            Self::None => Ok(HashMap::new()),
            Self::Register(register) => Ok(register.trace(numbers)),
            Self::Pds(pds) => pds.trace(numbers, time),
        }
    }
}
