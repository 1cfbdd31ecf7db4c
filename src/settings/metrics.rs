//! The settings of what is told to the operator's monitoring (`docs/metrics.md`).

use std::net::SocketAddr;

use super::SettingsError;
use super::reading::{ADDRESS, Stated};

/// Where metrics are told. Nowhere unless that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricsSettings {
    /// The address and port at which metrics can be asked for, in plain HTTP.
    pub metrics_listen: Option<SocketAddr>,
}

impl MetricsSettings {
    /// Takes them.
    pub(super) fn taken(stated: &mut Stated) -> Result<Self, SettingsError> {
        let address = |text: &str| text.parse().ok().map(Some);
        Ok(Self {
            metrics_listen: stated.text("metrics_listen", None, ADDRESS, address)?,
        })
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            metrics_listen: None,
        } = self
        else {
            unreachable!("these have no default")
        };
        vec![("metrics_listen", String::new())]
    }
}
