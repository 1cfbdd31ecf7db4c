//! Where metrics are told: on a listener of their own, never on the callers', in plain HTTP, to few
//! at a time. There is `GET /metrics`, and nothing else.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse};
use tracing::error;

use crate::metrics::{Measured, prometheus};
use crate::server::caps::Caps;
use crate::server::doorway::{Doorway, Line, listen};
use crate::server::passing::in_course;

/// The path.
pub const PATH: &str = "/metrics";

/// The most connections at once: more than monitoring has that is doubled.
const CAPS: Caps = Caps {
    all: 16,
    per_address: 8,
    per_certificate: 0,
};

/// How long a connection is kept for the next question: monitoring asks every quarter of a minute.
const KEPT_ALIVE: Duration = Duration::from_secs(30);

/// Tells what is measured on a listener, on one thread, until the process is told to stop.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(measured: Measured, listener: TcpListener) -> io::Result<Server> {
    let doorway = Doorway::new(None, Line::InTheClear, KEPT_ALIVE, CAPS);
    let measured = Data::new(measured);
    let app = move || {
        let resource = web::resource(PATH)
            .route(web::get().to(metrics))
            .default_service(web::route().to(HttpResponse::MethodNotAllowed));
        App::new()
            .app_data(measured.clone())
            .wrap(from_fn(in_course))
            .service(resource)
    };
    listen(app, doorway, listener, 1)
}

async fn metrics(measured: Data<Measured>) -> HttpResponse {
    match prometheus::written(measured.page().await) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, prometheus::MEDIA_TYPE))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(cause) => {
            error!(cause = %cause, "Metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
