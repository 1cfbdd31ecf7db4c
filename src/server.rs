//! The server: what every request passes through on its way to the route table.

mod bare;
pub mod caps;
mod connection;
mod course;
mod daily;
pub mod doorway;
mod headers;
mod lengths;
pub mod looking_after;
pub mod metrics_listener;
pub mod monitoring;
pub mod open_files;
mod passing;
mod peer;
mod tls;
mod tls_ends;
pub mod tls_files;
mod turned_away;

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::App;
use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::rt::System;
use actix_web::web::{self, Data, ServiceConfig};
use tokio::sync::watch;
use tracing::error;
use tracing_actix_web::TracingLogger;

use crate::api::envelope::{encodings, outcomes};
use crate::api::error::Refusal;
use crate::api::on_record::on_record;
use crate::api::options::options;
use crate::api::request_id::RequestIds;
use crate::api::service::Service;
use crate::api::sharing::sharing;
use crate::metrics::Measured;
use crate::metrics::requests::RoutePatterns;
use crate::notifier::sending;
use crate::routes::{Route, handler, no_such_path, routes};
use crate::server::doorway::{Doorway, listen};
use crate::server::headers::guarded;
use crate::server::lengths::hidden;
use crate::server::monitoring::Monitoring;
use crate::server::passing::{in_course, trusted_in_time};
use crate::server::turned_away::tell_of_knocks;
use crate::telemetry::RequestSpan;

/// Mounts the table. A path answers other methods than its own with 405, and what is no path with
/// 404, each with an OperationOutcome.
pub fn configure(config: &mut ServiceConfig) {
    let routes = routes();
    let mut paths: Vec<&'static str> = routes.iter().map(|route| route.path).collect();
    paths.dedup();
    // They are tried in order, and a path with a placeholder costs an expression: plain ones first.
    paths.sort_by_key(|path| path.contains('{'));
    let patterns = RoutePatterns::of(paths.iter().copied());
    for path in paths {
        let mut resource = web::resource(path).app_data(patterns.number(path));
        for route in routes.iter().filter(|route| route.path == path) {
            resource = resource.route(handler(route));
        }
        let allowed = allowed(&routes, path);
        let options = move || async move { options(allowed) };
        let refuse = move || async move { Err::<String, _>(Refusal::Method(allowed)) };
        config.service(
            resource
                .route(web::method(Method::OPTIONS).to(options))
                .default_service(web::route().to(refuse)),
        );
    }
    config.default_service(web::route().to(no_such_path));
}

/// The methods of a path, as a header says them.
#[must_use]
pub fn allowed(routes: &[Route], path: &str) -> &'static str {
    let takes = |method: &Method| {
        routes
            .iter()
            .any(|route| route.path == path && route.method == method)
    };
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    match methods.map(|method| takes(&method)) {
        [true, true, true, _] => "GET, HEAD, POST, PUT, DELETE, OPTIONS",
        [true, true, false, _] => "GET, HEAD, POST, OPTIONS",
        [true, false, true, _] => "GET, HEAD, PUT, DELETE, OPTIONS",
        [true, false, false, true] => "GET, HEAD, DELETE, OPTIONS",
        [true, false, false, false] => "GET, HEAD, OPTIONS",
        [false, ..] => "POST, OPTIONS",
    }
}

/// Serves on a listener until the process is told to stop, with this many threads.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    service: Data<Service>,
    doorway: Arc<Doorway>,
    listener: TcpListener,
    workers: usize,
) -> std::io::Result<Server> {
    let passed = Data::from(Arc::clone(&doorway));
    let app = move || {
        let origins = service.browser_origins.as_slice();
        App::new()
            .app_data(service.clone())
            .app_data(passed.clone())
            // From the innermost to the outermost.
            .wrap(from_fn(trusted_in_time))
            .wrap(from_fn(outcomes))
            .wrap(from_fn(hidden))
            .wrap(from_fn(on_record))
            .wrap(Compress::default())
            .wrap(Condition::new(!origins.is_empty(), sharing(origins)))
            .wrap(from_fn(encodings))
            .wrap(from_fn(guarded))
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(RequestIds::by(service.clock.clone()))
            .wrap(from_fn(in_course))
            .configure(configure)
    };
    listen(app, doorway, listener, workers)
}

/// Serves on a listener, and looks after the service beside it, on the present thread, until the
/// process is told to stop by an interrupt or by SIGTERM. Monitoring is told what is measured.
///
/// # Errors
/// When a listener cannot be used.
pub fn serve_until_stopped(
    service: Service,
    doorway: Arc<Doorway>,
    (listener, monitoring): (TcpListener, Monitoring),
    workers: usize,
) -> std::io::Result<()> {
    let notifiers = service.notifiers;
    let service = Data::new(service);
    System::new().block_on(async move {
        looking_after::begin(&service, &doorway);
        monitoring.begin(Measured {
            service: service.clone().into_inner(),
            doorway: Arc::clone(&doorway),
        })?;
        let (stop, stopping) = watch::channel(false);
        let notifiers: Vec<_> = (0..notifiers)
            .map(|_| sending::run(Arc::clone(&service.notifier), stopping.clone()))
            .map(actix_web::rt::spawn)
            .collect();
        let looked_after = service.clone();
        let served = serve(service, Arc::clone(&doorway), listener, workers)?.await;
        // What a notifier has begun it ends; what it could not is sent again under its own id.
        stop.send_replace(true);
        for notifier in notifiers {
            if notifier.await.is_err() {
                error!("A notifier ended before its time");
            }
        }
        tell_of_knocks(&doorway, &looked_after).await;
        let now = looked_after.clock.now();
        if let Err(cause) = looked_after.security_log.add_all_counted(now).await {
            error!(cause = %cause, "Refusals that were counted could not be put on record");
        }
        served
    })
}
