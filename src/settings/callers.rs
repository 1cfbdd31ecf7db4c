//! The settings of who may ask, of those for whom the outside issuer vouches.

use super::SettingsError;
use super::reading::Stated;
use crate::domain::client::UnregisteredClients;
use crate::identity::AssuranceLevel;

/// Who may ask, of those for whom the outside issuer vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerSettings {
    /// What becomes of its clients that are not on the register.
    pub unregistered_clients: UnregisteredClients,
    /// How strongly a person must have signed in at least, 0 to 3: at 0 it is not asked.
    pub assurance_level_min: u8,
}

/// Level 2 is two factors, which NHS England recommends where no key in hardware is needed.
impl Default for CallerSettings {
    fn default() -> Self {
        Self {
            unregistered_clients: UnregisteredClients::default(),
            assurance_level_min: 2,
        }
    }
}

const UNREGISTERED: &str = "refused or admitted";

impl CallerSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            unregistered_clients: stated.text(
                "unregistered_clients",
                default.unregistered_clients,
                UNREGISTERED,
                UnregisteredClients::parse,
            )?,
            assurance_level_min: stated.whole(
                "assurance_level_min",
                default.assurance_level_min,
                0..=3,
            )?,
        })
    }

    /// How strongly a person must have signed in, where that is asked.
    #[must_use]
    pub fn assurance_min(self) -> Option<AssuranceLevel> {
        AssuranceLevel::of_number(self.assurance_level_min)
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(self) -> Vec<(&'static str, String)> {
        let Self {
            unregistered_clients,
            assurance_level_min,
        } = self;
        vec![
            (
                "unregistered_clients",
                unregistered_clients.name().to_owned(),
            ),
            ("assurance_level_min", assurance_level_min.to_string()),
        ]
    }
}
