//! What every wire form of an upload is read by.

use chrono::{DateTime, Utc};

use crate::domain::plan::Windows;

/// What a file is read by.
#[derive(Debug, Clone, Copy)]
pub struct ReadingRules {
    /// How long after their end plans are shown: an older plan is refused.
    pub windows: Windows,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The most plans in one file.
    pub records_max: usize,
}
