//! The settings of the record: the key that binds looks and answers to it, and when it is durable.

use std::path::{Path, PathBuf};

use super::SettingsError;
use super::reading::Stated;
use crate::domain::durability::Durability;

const KIND: &str = "single, replicated or managed";

/// How what is told is put on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSettings {
    /// The file of the key of the digests that bind looks and answers to the record: 32 bytes in
    /// base64, the same for every process, and out of the database's reach. No default: `serve`
    /// needs it.
    pub audit_key_file: Option<PathBuf>,
    /// When what is committed is durable.
    pub durability: Durability,
}

impl AuditSettings {
    /// Takes them, the default where one is not stated.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        Ok(Self {
            audit_key_file: stated.path("audit_key_file")?,
            durability: stated.text("durability", default.durability, KIND, Durability::parse)?,
        })
    }

    /// The file of the key.
    ///
    /// # Errors
    /// It is not set.
    pub fn key_file(&self) -> Result<&Path, SettingsError> {
        self.audit_key_file
            .as_deref()
            .ok_or(SettingsError::Needed("audit_key_file"))
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            audit_key_file: _,
            durability,
        } = self;
        vec![
            ("audit_key_file", String::new()),
            ("durability", durability.name().to_owned()),
        ]
    }
}
