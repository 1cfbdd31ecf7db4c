//! From the settings of metrics to the collector that they are posted to.

use std::time::Duration;

use super::StartError;
use crate::server::monitoring::Collector;
use crate::settings::MetricsSettings;

/// The collector of OpenTelemetry, where there is one.
///
/// # Errors
/// [`StartError::WithoutCollectors`] where one is set and this program cannot post to it.
pub fn collector(settings: &MetricsSettings) -> Result<Option<Collector>, StartError> {
    let Some(url) = &settings.otel_metrics_url else {
        return Ok(None);
    };
    if !Collector::IS_BUILT {
        return Err(StartError::WithoutCollectors);
    }
    Ok(Some(Collector {
        url: url.as_str().to_owned(),
        interval: Duration::from_secs(u64::from(settings.otel_metrics_seconds)),
    }))
}
