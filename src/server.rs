//! The route table, and what every request passes through.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::rt::System;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};
use tracing::error;
use tracing_actix_web::TracingLogger;

use crate::api::batch::batch;
use crate::api::error::Refusal;
use crate::api::health::{ping, status};
use crate::api::metadata::metadata;
use crate::api::read_audit_event::read_audit_event;
use crate::api::read_episode_of_care::read_episode_of_care;
use crate::api::read_flag::read_flag;
use crate::api::read_organization::read_organization;
use crate::api::read_patient::read_patient;
use crate::api::register;
use crate::api::request_id::RequestIds;
use crate::api::search_audit_events::search_audit_events;
use crate::api::search_episodes_of_care::search_episodes_of_care;
use crate::api::search_flags::search_flags;
use crate::api::search_patients::search_patients;
use crate::api::service::Service;
use crate::api::upload_plans::upload_plans;
use crate::store::partitions;
use crate::telemetry::RequestSpan;

/// Where the service's FHIR interface is mounted.
pub const BASE_PATH: &str = "/FHIR/R4";

/// What a route does, in FHIR's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// `search-type`, also in a compartment.
    Search(&'static str),
    /// `read`.
    Read(&'static str),
    /// `batch`, of the whole system.
    Batch,
    /// The operation `upload-plans`.
    UploadPlans,
    /// `capabilities`.
    Capabilities,
    /// No interaction of FHIR's: for the operator.
    Health,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, from the root of the server.
    pub path: &'static str,
    /// What it does.
    pub interaction: Interaction,
}

/// Every route there is.
#[must_use]
pub fn routes() -> Vec<Route> {
    use Interaction::{Batch, Capabilities, Health, Read, Search, UploadPlans};
    [
        // Used by whoever wants to know what this is.
        (Method::GET, "/FHIR/R4/metadata", Capabilities),
        // Used by electronic patient records and integration engines, about one child.
        (Method::GET, "/FHIR/R4/Flag", Search("Flag")),
        (Method::POST, "/FHIR/R4/Flag/_search", Search("Flag")),
        (Method::GET, "/FHIR/R4/Flag/{id}", Read("Flag")),
        (
            Method::GET,
            "/FHIR/R4/EpisodeOfCare",
            Search("EpisodeOfCare"),
        ),
        (
            Method::POST,
            "/FHIR/R4/EpisodeOfCare/_search",
            Search("EpisodeOfCare"),
        ),
        (
            Method::GET,
            "/FHIR/R4/EpisodeOfCare/{id}",
            Read("EpisodeOfCare"),
        ),
        (Method::GET, "/FHIR/R4/AuditEvent", Search("AuditEvent")),
        (
            Method::POST,
            "/FHIR/R4/AuditEvent/_search",
            Search("AuditEvent"),
        ),
        (Method::GET, "/FHIR/R4/AuditEvent/{id}", Read("AuditEvent")),
        (Method::GET, "/FHIR/R4/Patient", Search("Patient")),
        (Method::POST, "/FHIR/R4/Patient/_search", Search("Patient")),
        (Method::GET, "/FHIR/R4/Patient/{id}", Read("Patient")),
        (Method::GET, "/FHIR/R4/Patient/{id}/Flag", Search("Flag")),
        (
            Method::GET,
            "/FHIR/R4/Patient/{id}/EpisodeOfCare",
            Search("EpisodeOfCare"),
        ),
        (
            Method::GET,
            "/FHIR/R4/Patient/{id}/AuditEvent",
            Search("AuditEvent"),
        ),
        (
            Method::GET,
            "/FHIR/R4/Organization/{id}",
            Read("Organization"),
        ),
        (Method::POST, "/FHIR/R4", Batch),
        (Method::POST, "/FHIR/R4/", Batch),
        // Used by local authorities.
        (Method::POST, "/FHIR/R4/$upload-plans", UploadPlans),
        // Used by load balancers and operators.
        (Method::GET, "/_ping", Health),
        (Method::GET, "/_status", Health),
    ]
    .into_iter()
    .map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
    .collect()
}

/// The handler of a line of the table.
fn handler(route: &Route) -> actix_web::Route {
    let line = web::method(route.method.clone());
    match route.interaction {
        Interaction::Search("Flag") => line.to(search_flags),
        Interaction::Search("EpisodeOfCare") => line.to(search_episodes_of_care),
        Interaction::Search("AuditEvent") => line.to(search_audit_events),
        Interaction::Search("Patient") => line.to(search_patients),
        Interaction::Read("Flag") => line.to(read_flag),
        Interaction::Read("EpisodeOfCare") => line.to(read_episode_of_care),
        Interaction::Read("AuditEvent") => line.to(read_audit_event),
        Interaction::Read("Patient") => line.to(read_patient),
        Interaction::Read("Organization") => line.to(read_organization),
        Interaction::Batch => line.to(batch),
        Interaction::UploadPlans => line.to(upload_plans),
        Interaction::Capabilities => line.to(metadata),
        Interaction::Health if route.path == "/_ping" => line.to(ping),
        Interaction::Health => line.to(status),
        // A line nobody has written a handler for is no route; the test of the table finds it.
        Interaction::Search(_) | Interaction::Read(_) => line.to(no_such_path),
    }
}

/// Mounts the table. A path answers other methods than its own with 405, and what is no path with
/// 404, each with an OperationOutcome.
pub fn configure(config: &mut ServiceConfig) {
    let routes = routes();
    let mut paths: Vec<&'static str> = routes.iter().map(|route| route.path).collect();
    paths.dedup();
    for path in paths {
        let mut resource = web::resource(path);
        for route in routes.iter().filter(|route| route.path == path) {
            resource = resource.route(handler(route));
        }
        let allowed = allowed(&routes, path);
        let refuse = move || async move { Err::<String, _>(Refusal::Method(allowed)) };
        config.service(resource.default_service(web::route().to(refuse)));
    }
    config.default_service(web::route().to(no_such_path));
}

/// The methods of a path; each has one.
fn allowed(routes: &[Route], path: &str) -> &'static str {
    match routes
        .iter()
        .find(|route| route.path == path)
        .map(|route| &route.method)
    {
        Some(&Method::POST) => "POST",
        _ => "GET",
    }
}

async fn no_such_path() -> Result<String, Refusal> {
    Err(Refusal::NoSuchPath)
}

/// The longest a request's head may take to arrive.
const HEAD_ARRIVAL_MAX: Duration = Duration::from_secs(5);
/// How long requests that have begun may take to end when the service stops.
const SHUTDOWN_SECONDS: u64 = 10;

/// Serves on a listener until the process is told to stop, with this many threads.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    service: Data<Service>,
    listener: TcpListener,
    workers: usize,
) -> std::io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(service.clone())
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(RequestIds::by(service.clock.clone()))
            .configure(configure)
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .client_request_timeout(HEAD_ARRIVAL_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .listen(listener)?;
    Ok(server.run())
}

/// Serves on a listener, and looks after the service beside it, on the present thread, until the
/// process is told to stop by an interrupt or by SIGTERM.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_until_stopped(
    service: Service,
    listener: TcpListener,
    workers: usize,
) -> std::io::Result<()> {
    let service = Data::new(service);
    System::new().block_on(async move {
        actix_web::rt::spawn(look_after(service.clone()));
        serve(service, listener, workers)?.await
    })
}

/// Keeps the register fresh and the months of the access history planned, for ever.
pub async fn look_after(service: Data<Service>) {
    loop {
        if let Err(cause) = service.register.refresh(&service.query).await {
            error!(cause = %cause, "The register of organisations could not be read");
        }
        let now = service.clock.now();
        let planned = service
            .query
            .run(move |postgres| partitions::plan_months(postgres, now))
            .await;
        if let Err(cause) = planned {
            error!(cause = %cause, "The months of the access history could not be planned");
        }
        tokio::time::sleep(register::REFRESH).await;
    }
}
