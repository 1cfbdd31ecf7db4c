//! `serve`: the service itself, until it is told to stop.

use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::rt::System;
use actix_web::web::Data;
use tracing::info;

use crate::api::service::Service;
use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::settings::Settings;
use crate::{server, start, telemetry};

/// Serves as the settings say.
///
/// # Errors
/// [`Failure`] when a setting is wrong or the address cannot be listened on.
pub fn run(file: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(file)?;
    telemetry::start(settings.log_filter.as_str())?;
    let service = Data::new(start::service(&settings, Arc::new(SystemClock))?);
    let listener = TcpListener::bind(settings.listen)
        .map_err(|cause| format!("listen: cannot listen on {}: {cause}", settings.listen))?;
    info!(listen = %settings.listen, "Serving");
    until_stopped(service, listener, settings.workers)?;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}

/// Serves until the process is told to stop, by an interrupt or by SIGTERM.
///
/// # Errors
/// When the listener cannot be used.
pub fn until_stopped(
    service: Data<Service>,
    listener: TcpListener,
    workers: usize,
) -> std::io::Result<()> {
    System::new().block_on(async move {
        actix_web::rt::spawn(server::look_after(service.clone()));
        server::serve(service, listener, workers)?.await
    })
}
