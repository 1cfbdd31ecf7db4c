//! `serve`: the service itself, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tracing::{info, warn};

use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::server::monitoring::Monitoring;
use crate::server::open_files;
use crate::settings::Settings;
use crate::{server, start, telemetry};

/// Serves as the settings say.
///
/// # Errors
/// [`Failure`] when a setting is wrong or the address cannot be listened on.
pub fn run(file: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(file)?;
    telemetry::start(settings.log_filter.as_str())?;
    telemetry::tell_of_panics();
    let service = start::service(&settings, Arc::new(SystemClock))?;
    let doorway = start::doorway(&settings)?;
    open_files::allow(settings.transport.connections_max);
    let listener = TcpListener::bind(settings.listen)
        .map_err(|cause| format!("listen: cannot listen on {}: {cause}", settings.listen))?;
    let monitoring = Monitoring {
        collector: start::collector(&settings.metrics)?,
        listener: metrics_listener(settings.metrics.metrics_listen)?,
    };
    info!(listen = %settings.listen, "Serving");
    server::serve_until_stopped(service, doorway, (listener, monitoring), settings.workers)?;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}

/// Where metrics are told, where that is set. Whoever can reach it reads them, in the clear.
fn metrics_listener(address: Option<SocketAddr>) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .map_err(|cause| format!("metrics_listen: cannot listen on {address}: {cause}"))?;
    if !address.ip().to_canonical().is_loopback() {
        warn!(
            metrics_listen = %address,
            "Metrics are told in the clear on an address that is not this machine's alone: keep \
             all but the monitoring from it"
        );
    }
    Ok(Some(listener))
}
