//! Settings that have no default, for those who cannot do without.

use std::path::Path;

use super::{DatabaseUrl, Settings, SettingsError};

impl Settings {
    /// The database of the query side.
    ///
    /// # Errors
    /// It is not set.
    pub fn database_url(&self) -> Result<&DatabaseUrl, SettingsError> {
        self.database_url
            .as_ref()
            .ok_or(SettingsError::Needed("database_url"))
    }

    /// The database of the intake.
    ///
    /// # Errors
    /// Neither it nor `database_url` is set.
    pub fn intake_database_url(&self) -> Result<&DatabaseUrl, SettingsError> {
        self.intake_database_url
            .as_ref()
            .map_or_else(|| self.database_url(), Ok)
    }

    /// The database of the notifier.
    ///
    /// # Errors
    /// Neither it nor `database_url` is set.
    pub fn notifier_database_url(&self) -> Result<&DatabaseUrl, SettingsError> {
        self.notifier_database_url
            .as_ref()
            .map_or_else(|| self.database_url(), Ok)
    }

    /// The database of the owner, who migrates it.
    ///
    /// # Errors
    /// Neither it nor `database_url` is set.
    pub fn owner_database_url(&self) -> Result<&DatabaseUrl, SettingsError> {
        self.owner_database_url
            .as_ref()
            .map_or_else(|| self.database_url(), Ok)
    }

    /// What a token's `iss` must be.
    ///
    /// # Errors
    /// It is not set.
    pub fn token_issuer(&self) -> Result<&str, SettingsError> {
        self.token_issuer
            .as_deref()
            .ok_or(SettingsError::Needed("token_issuer"))
    }

    /// What a token's `aud` must hold.
    ///
    /// # Errors
    /// It is not set.
    pub fn token_audience(&self) -> Result<&str, SettingsError> {
        self.token_audience
            .as_deref()
            .ok_or(SettingsError::Needed("token_audience"))
    }

    /// The file of the issuer's public keys.
    ///
    /// # Errors
    /// It is not set.
    pub fn token_keys_file(&self) -> Result<&Path, SettingsError> {
        self.token_keys_file
            .as_deref()
            .ok_or(SettingsError::Needed("token_keys_file"))
    }
}
