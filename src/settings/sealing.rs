//! The settings of sealing the access history (`docs/audit.md`).

use std::path::PathBuf;

use super::reading::{Stated, VISIBLE, visible};
use super::{DatabaseUrl, PemKey, Settings, SettingsError};

/// How the access history is sealed. Without a key it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingSettings {
    /// The database under the sealer's role; `database_url` where it is not set.
    pub sealer_database_url: Option<DatabaseUrl>,
    /// The file of the private key that checkpoints are signed with, Ed25519 in PEM.
    pub sealing_key_file: Option<PathBuf>,
    /// The key itself, for whoever hands secrets over in the environment.
    pub sealing_key: Option<PemKey>,
    /// The log's origin in checkpoints.
    pub sealing_origin: Option<String>,
    /// The file of checkpoints, outside of the database.
    pub sealing_checkpoints_file: Option<PathBuf>,
    /// Seconds from one round of sealing to the next, 1 to 10.
    pub sealing_seconds: u8,
    /// Years that every month of the access history is kept, 26 to 100: records of children are
    /// kept until the twenty-fifth birthday, or the twenty-sixth, and an access may be to a
    /// newborn's.
    pub history_kept_years: u8,
}

impl Default for SealingSettings {
    fn default() -> Self {
        Self {
            sealer_database_url: None,
            sealing_key_file: None,
            sealing_key: None,
            sealing_origin: None,
            sealing_checkpoints_file: None,
            sealing_seconds: 5,
            history_kept_years: 26,
        }
    }
}

impl Settings {
    /// The database of the sealer.
    ///
    /// # Errors
    /// Neither it nor `database_url` is set.
    pub fn sealer_database_url(&self) -> Result<&DatabaseUrl, SettingsError> {
        let stated = self.sealing.sealer_database_url.as_ref();
        stated.map_or_else(|| self.database_url(), Ok)
    }
}

const KEY: &str = "an unencrypted private key in PEM";

impl SealingSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        let key = |text: &str| PemKey::parse(text).map(Some);
        Ok(Self {
            sealer_database_url: stated.database("sealer_database_url")?,
            sealing_key_file: stated.path("sealing_key_file")?,
            sealing_key: stated.text("sealing_key", None, KEY, key)?,
            sealing_origin: stated.text("sealing_origin", None, VISIBLE, visible)?,
            sealing_checkpoints_file: stated.path("sealing_checkpoints_file")?,
            sealing_seconds: stated.whole("sealing_seconds", default.sealing_seconds, 1..=10)?,
            history_kept_years: stated.whole(
                "history_kept_years",
                default.history_kept_years,
                26..=100,
            )?,
        })
    }

    /// Whether the access history is sealed.
    #[must_use]
    pub fn seals(&self) -> bool {
        self.sealing_key_file.is_some() || self.sealing_key.is_some()
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            sealer_database_url: None,
            sealing_key_file: None,
            sealing_key: None,
            sealing_origin: None,
            sealing_checkpoints_file: None,
            sealing_seconds,
            history_kept_years,
        } = self
        else {
            unreachable!("these have no default")
        };
        vec![
            ("sealing_key_file", String::new()),
            ("sealing_key", String::new()),
            ("sealing_origin", String::new()),
            ("sealing_checkpoints_file", String::new()),
            ("sealing_seconds", sealing_seconds.to_string()),
            ("history_kept_years", history_kept_years.to_string()),
        ]
    }
}
