//! A local authority's reading of what is its own: what is held for it, who looked at its children.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;

/// What an authority reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBack {
    /// The plans that are held for it.
    HeldPlans,
    /// How they differ from a file of its own.
    Comparison,
    /// The accesses to its children.
    Accesses,
    /// What viewers reported of its plans.
    AlertReports,
}

impl ReadBack {
    /// Everything there is to read.
    pub const ALL: [Self; 4] = [
        Self::HeldPlans,
        Self::Comparison,
        Self::Accesses,
        Self::AlertReports,
    ];

    /// Its name on record.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::HeldPlans => "held-plans",
            Self::Comparison => "compare",
            Self::Accesses => "accesses",
            Self::AlertReports => "alert-reports",
        }
    }
}

/// A reading that is about to be put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityReading {
    /// When.
    pub at: DateTime<Utc>,
    /// The request it came with.
    pub request_id: Uuid,
    /// The authority's software.
    pub client_id: String,
    /// The authority, as the token issuer vouches for it.
    pub authority: OdsCode,
    /// What is read.
    pub what: ReadBack,
}
