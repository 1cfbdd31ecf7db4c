//! `serve`: the service itself, until it is told to stop.

use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tracing::info;

use crate::clock::SystemClock;
use crate::commands::Failure;
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
    let service = start::service(&settings, Arc::new(SystemClock))?;
    let doorway = start::doorway(&settings)?;
    open_files::allow(settings.transport.connections_max);
    let listener = TcpListener::bind(settings.listen)
        .map_err(|cause| format!("listen: cannot listen on {}: {cause}", settings.listen))?;
    info!(listen = %settings.listen, "Serving");
    server::serve_until_stopped(service, doorway, listener, settings.workers)?;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}
