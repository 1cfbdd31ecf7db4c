//! Who is told what is measured: whoever asks at a listener of its own, and a collector of
//! OpenTelemetry, where the program was built with it.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use crate::metrics::Measured;
use crate::server::metrics_listener;

/// Whom to tell; nobody by default.
#[derive(Debug, Default)]
pub struct Monitoring {
    /// Where metrics can be asked for.
    pub listener: Option<TcpListener>,
    /// Where they are posted.
    pub collector: Option<Collector>,
}

/// A collector of OpenTelemetry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// Where it takes metrics.
    pub url: String,
    /// How often they are posted.
    pub interval: Duration,
}

impl Collector {
    /// Whether this program was built with what posts.
    pub const IS_BUILT: bool = cfg!(feature = "otel");
}

impl Monitoring {
    /// Begins to tell it, on the present thread and on one of the listener's own.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub(super) fn begin(self, measured: Measured) -> io::Result<()> {
        #[cfg(feature = "otel")]
        if let Some(Collector { url, interval }) = self.collector {
            let posting = crate::metrics::otlp::post_for_ever(measured.clone(), url, interval);
            actix_web::rt::spawn(posting);
        }
        if let Some(listener) = self.listener {
            actix_web::rt::spawn(metrics_listener::serve(measured, listener)?);
        }
        Ok(())
    }
}
