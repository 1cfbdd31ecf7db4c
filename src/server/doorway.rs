//! How a connection comes in: counted, under TLS where that is set, and then with an end to every
//! wait. HTTP/1.1 alone is spoken, for one way to frame a request leaves nothing to disagree about.

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{Extensions, HttpService, Request, Response};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt as _, map_config};
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, fn_service};
use openssl::ssl::Ssl;
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;

use crate::identity::PeerCertificate;
use crate::instruments::Counts;
use crate::server::caps::{Caps, Places};
use crate::server::connection::{Connection, HEAD_ARRIVAL_MAX, Stream};
use crate::server::course::Course;
use crate::server::peer::Peer;
use crate::server::tls_files::TlsInForce;
use crate::server::turned_away::{Knocks, TurnedAway};

/// The longest a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// How much the system holds of what a caller has not read yet, in bytes, which it doubles: left to
/// itself it would hold megabytes for each caller who does not read.
const UNREAD_BYTES_MAX: usize = 128 * 1024;
/// How long what a caller still sends is read and thrown away, so that it can read why it was
/// refused before the connection is closed.
const LINGER: Duration = Duration::from_secs(1);
/// How long requests that have begun may take to end when the service stops.
const SHUTDOWN_SECONDS: u64 = 10;

/// What connections have to pass.
pub struct Doorway {
    /// TLS, where it ends here.
    pub tls: Option<Arc<TlsInForce>>,
    /// How an observer of the line sees what passes.
    pub line: Line,
    /// How long a connection is kept for the next request.
    pub kept_alive: Duration,
    /// Connections that were closed before a request, by reason.
    pub refused: Counts,
    /// Who was turned away.
    pub knocks: Knocks,
    places: Arc<Places>,
}

/// Who can read what passes between callers and this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Nobody: TLS ends here, or at a proxy in front.
    UnderTls,
    /// This machine's own.
    InTheClear,
}

impl Doorway {
    /// A doorway that nobody has passed yet.
    #[must_use]
    pub fn new(
        tls: Option<Arc<TlsInForce>>,
        line: Line,
        kept_alive: Duration,
        caps: Caps,
    ) -> Arc<Self> {
        Arc::new(Self {
            tls,
            line,
            kept_alive,
            refused: Counts::default(),
            knocks: Knocks::default(),
            places: Places::of(caps),
        })
    }

    /// How many connections are held.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.places.held()
    }

    fn full(&self, reason: &'static str) -> io::Error {
        self.refused.one(reason);
        self.knocks.count(TurnedAway::Full);
        io::ErrorKind::QuotaExceeded.into()
    }

    fn unproven(&self, why: TurnedAway) -> io::Error {
        self.refused.one("handshake");
        self.knocks.count(why);
        io::ErrorKind::ConnectionRefused.into()
    }

    async fn admit(&self, stream: TcpStream) -> io::Result<Connection> {
        let address = stream.peer_addr()?.ip();
        let place = self.places.from(address);
        let mut places = vec![place.ok_or_else(|| self.full("places"))?];
        stream.set_nodelay(true)?;
        set_socket_send_buffer_size(&stream, UNREAD_BYTES_MAX)?;
        let Some(tls) = &self.tls else {
            let stream = Stream::Plain(stream);
            return Ok(Connection::of(stream, None, places, self.kept_alive));
        };
        let tls = tls.now();
        let ssl = Ssl::new(tls.acceptor.context())?;
        let mut stream = Box::new(SslStream::new(ssl, stream)?);
        let handshake = std::pin::Pin::new(stream.as_mut()).accept();
        match timeout(HANDSHAKE_MAX, handshake).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => {
                return Err(self.unproven(TurnedAway::of_handshake(stream.ssl(), &cause)));
            }
            Err(_elapsed) => return Err(self.unproven(TurnedAway::Late)),
        }
        let peer = Peer::of(stream.ssl(), &tls).map(Rc::new);
        if let Some(peer) = &peer {
            let place = self.places.by(&peer.certificate);
            places.push(place.ok_or_else(|| self.full("certificate-places"))?);
        }
        let stream = Stream::Tls(stream);
        Ok(Connection::of(stream, peer, places, self.kept_alive))
    }
}

/// What the handlers of a connection's requests can ask for.
fn tell(connection: &Connection, told: &mut Extensions) {
    told.insert::<Rc<Course>>(Rc::clone(&connection.course));
    if let Some(peer) = &connection.peer {
        told.insert::<PeerCertificate>(peer.certificate.clone());
        told.insert::<Rc<Peer>>(Rc::clone(peer));
    }
}

/// Serves what `app` makes on a listener, with this many threads.
///
/// # Errors
/// When the listener cannot be used.
pub fn listen<App, Made, Body>(
    app: impl Fn() -> App + Send + Clone + 'static,
    doorway: Arc<Doorway>,
    listener: TcpListener,
    workers: usize,
) -> io::Result<Server>
where
    App: IntoServiceFactory<Made, Request> + 'static,
    Made: ServiceFactory<Request, Config = AppConfig, Error = Error> + 'static,
    Made::Response: Into<Response<Body>>,
    Made::InitError: std::fmt::Debug,
    Body: MessageBody + 'static,
{
    let builder = Server::build()
        .workers(workers)
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("callers", listener, move || {
        let (stopping, doorway) = (stopping.clone(), Arc::clone(&doorway));
        let app = app().into_factory();
        let app =
            app.map_err(|cause: Error| -> Response<BoxBody> { cause.error_response().into() });
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(doorway.kept_alive)
            .client_request_timeout(HEAD_ARRIVAL_MAX)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(tell)
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let doorway = Arc::clone(&doorway);
            async move {
                let address = stream.peer_addr().ok();
                let admitted = doorway.admit(stream).await;
                let connection = admitted.map_err(DispatchError::Io)?;
                Ok::<_, DispatchError>((connection, address))
            }
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}
