//! The settings of what is told to the operator's monitoring (`docs/metrics.md`).

use std::net::SocketAddr;

use super::SettingsError;
use super::matching::PeerUrl;
use super::reading::{ADDRESS, Stated};

const PEER_URL: &str = "an https URL without a query, or an http one of this machine";

/// Where metrics are told. Nowhere unless that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsSettings {
    /// The address and port at which metrics can be asked for, in plain HTTP.
    pub metrics_listen: Option<SocketAddr>,
    /// Where metrics are posted to a collector of OpenTelemetry. Nowhere unless it is set.
    pub otel_metrics_url: Option<PeerUrl>,
    /// Seconds from one post to the next, 1 to 3600.
    pub otel_metrics_seconds: u16,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self {
            metrics_listen: None,
            otel_metrics_url: None,
            otel_metrics_seconds: 60,
        }
    }
}

impl MetricsSettings {
    /// Takes them.
    pub(super) fn taken(stated: &mut Stated, default: Self) -> Result<Self, SettingsError> {
        let url = |text: &str| PeerUrl::parse(text).map(Some);
        let seconds = default.otel_metrics_seconds;
        let address = |text: &str| text.parse().ok().map(Some);
        Ok(Self {
            metrics_listen: stated.text("metrics_listen", None, ADDRESS, address)?,
            otel_metrics_url: stated.text("otel_metrics_url", None, PEER_URL, url)?,
            otel_metrics_seconds: stated.whole("otel_metrics_seconds", seconds, 1..=3600)?,
        })
    }

    /// Each by name with its default, for the page that documents them.
    #[cfg(test)]
    pub(super) fn documented(&self) -> Vec<(&'static str, String)> {
        let Self {
            metrics_listen: None,
            otel_metrics_url: None,
            otel_metrics_seconds,
        } = self
        else {
            unreachable!("these have no default")
        };
        vec![
            ("metrics_listen", String::new()),
            ("otel_metrics_url", String::new()),
            ("otel_metrics_seconds", otel_metrics_seconds.to_string()),
        ]
    }
}
