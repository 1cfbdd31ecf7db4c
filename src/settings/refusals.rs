//! The settings of what is kept of refusals.

use super::SettingsError;
use super::reading::Stated;
use crate::domain::refusal::KeptRefusals;

/// How many refusals are rows of their own in a minute, in one process; beyond it they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalSettings {
    /// Of all who proved nothing together, 1 to 1,000,000.
    pub stranger_refusals_max: u32,
    /// Of each client that was proven, 1 to 1,000,000.
    pub client_refusals_max: u32,
}

/// A row is some two hundred bytes with its indexes: strangers fill at most 35 MB a day.
impl Default for RefusalSettings {
    fn default() -> Self {
        Self {
            stranger_refusals_max: 120,
            client_refusals_max: 600,
        }
    }
}

const RANGE: std::ops::RangeInclusive<i64> = 1..=1_000_000;

impl RefusalSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            stranger_refusals_max: stated.whole(
                "stranger_refusals_max",
                default.stranger_refusals_max,
                RANGE,
            )?,
            client_refusals_max: stated.whole(
                "client_refusals_max",
                default.client_refusals_max,
                RANGE,
            )?,
        })
    }

    /// As a rule.
    #[must_use]
    pub fn kept(self) -> KeptRefusals {
        KeptRefusals {
            strangers: self.stranger_refusals_max,
            client: self.client_refusals_max,
        }
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(self) -> Vec<(&'static str, String)> {
        let Self {
            stranger_refusals_max,
            client_refusals_max,
        } = self;
        vec![
            ("stranger_refusals_max", stranger_refusals_max.to_string()),
            ("client_refusals_max", client_refusals_max.to_string()),
        ]
    }
}
