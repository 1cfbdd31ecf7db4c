//! The ceiling of the web server: a route that takes the same request and answers as many bytes as
//! a small bundle, in a process of its own, with nothing behind it.

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use actix_web::web::{Bytes, post};
use actix_web::{App, HttpResponse, HttpServer, rt};

use crate::Outcome;
use crate::service::awaited;
use crate::started::{Started, program};

/// What the bench's own program is given to be the bare route.
pub const ARGUMENT: &str = "--bare-route";

const PATH: &str = "/FHIR/R4/Flag/_search";

/// About what an answer without a plan is long.
const BODY_BYTES: usize = 700;

/// The route, served.
pub struct BareRoute {
    started: Started,
    url: String,
}

impl BareRoute {
    /// Starts the bench's own program once more, as the route.
    pub fn start() -> Outcome<Self> {
        let address = free_address()?;
        let mut command = program(env::current_exe()?);
        command.args([ARGUMENT, &address.to_string()]);
        let mut started = Started::start(command)?;
        let url = format!("http://{address}{PATH}");
        awaited(&mut started, || Ok(ureq::post(&url).send_empty()?))?;
        Ok(Self { started, url })
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.started.id()
    }
}

/// Serves the route until killed.
pub fn serve(address: Option<&String>) -> Outcome<()> {
    let address: SocketAddr = address.ok_or("no address")?.parse()?;
    let body = Bytes::from(format!("{{\"padding\":\"{}\"}}", "x".repeat(BODY_BYTES)));
    let answer = move |_asked: Bytes| {
        let body = body.clone();
        async move {
            HttpResponse::Ok()
                .content_type("application/fhir+json")
                .body(body)
        }
    };
    let server = HttpServer::new(move || App::new().route(PATH, post().to(answer.clone())))
        .workers(available_parallelism().map_or(1, NonZeroUsize::get))
        .bind(address)?
        .run();
    Ok(rt::System::new().block_on(server)?)
}

/// An address of this machine's own that nothing listens on.
pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
