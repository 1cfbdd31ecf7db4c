//! Why a search cannot be run. A value is never repeated: it may be an NHS number.

use thiserror::Error;

use crate::domain::nhs_number::NhsNumberError;
use crate::fhir::subset::SubsetError;

/// Why a search cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SearchRefusal {
    /// Nothing names a child.
    #[error(
        "a search is about one child: name the child, for example with \
         patient:identifier=https://fhir.nhs.uk/Id/nhs-number|<NHS number>"
    )]
    NoChild,
    /// More than one child is named.
    #[error("a search is about one child, and this one names several: send a search for each")]
    SeveralChildren {
        /// The parameter at fault.
        parameter: String,
    },
    /// An NHS number that is none.
    #[error("Invalid NHS number: {reason}")]
    NhsNumber {
        /// The parameter at fault.
        parameter: String,
        /// What is wrong with it.
        reason: NhsNumberError,
    },
    /// An identifier of another system, which could only ever find nothing.
    #[error("a child is named by NHS number, whose system is https://fhir.nhs.uk/Id/nhs-number")]
    IdentifierSystem {
        /// The parameter at fault.
        parameter: String,
    },
    /// A modifier or chain that is not supported.
    #[error("this parameter does not take this modifier or chain; see [base]/metadata")]
    Modifier {
        /// The parameter at fault.
        parameter: String,
    },
    /// A parameter that is not known, where the caller wants to hear of it.
    #[error("the search does not know this parameter or value; see [base]/metadata")]
    Unsupported {
        /// The parameter at fault.
        parameter: String,
    },
    /// A value that cannot be read.
    #[error("the value cannot be read: {expected}")]
    Value {
        /// The parameter at fault.
        parameter: String,
        /// What would be right.
        expected: &'static str,
    },
    /// Too much text, too many parameters, or too many of them that bring something along.
    #[error(
        "a search is at most 4000 bytes long and has at most 50 parameters, of which at most 16 \
         different ones are _include or _revinclude"
    )]
    TooLong,
    /// A part of the answer that there is not.
    #[error("{0}")]
    Part(#[from] SubsetError),
    /// A preference that is not understood.
    #[error("Prefer handling is strict or lenient")]
    Handling,
}

impl SearchRefusal {
    /// The same refusal of a parameter that was written otherwise.
    #[must_use]
    pub fn at(self, written: &str) -> Self {
        let parameter = written.to_owned();
        match self {
            Self::Modifier { .. } => Self::Modifier { parameter },
            Self::Value { expected, .. } => Self::Value {
                parameter,
                expected,
            },
            other => other,
        }
    }

    /// The parameters at fault.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        let parameter = match self {
            Self::NoChild => "patient",
            Self::TooLong => return Vec::new(),
            Self::Part(SubsetError { parameter }) => parameter,
            Self::Handling => "http.Prefer",
            Self::SeveralChildren { parameter }
            | Self::NhsNumber { parameter, .. }
            | Self::IdentifierSystem { parameter }
            | Self::Modifier { parameter }
            | Self::Unsupported { parameter }
            | Self::Value { parameter, .. } => parameter,
        };
        // A name is the caller's text too: only what looks like a parameter is repeated, so that
        // an NHS number put in the place of a name is not.
        let is_name = |name: &&str| {
            name.len() <= 64
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || b"_-.:".contains(&byte))
                || name.starts_with("http.")
        };
        Some(parameter)
            .filter(|name| is_name(name))
            .map(|name| name.to_owned())
            .into_iter()
            .collect()
    }
}
