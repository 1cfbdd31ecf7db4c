//! The certificate that a request's connection came with, where there was one.
//!
//! This is the one place where it enters: the transport, which alone has seen it and has checked
//! who vouches for it, puts a [`PeerCertificate`] into the data of the connection. No header is
//! ever taken for it.

use actix_web::{HttpMessage as _, HttpRequest};

use crate::domain::thumbprint::Thumbprint;
use crate::identity::PeerCertificate;

/// The thumbprint of the certificate of a request's peer.
#[must_use]
pub fn peer_certificate(request: &HttpRequest) -> Option<Thumbprint> {
    let extensions = request.extensions();
    let of_request = extensions.get::<PeerCertificate>();
    let certificate = of_request.or_else(|| request.conn_data::<PeerCertificate>())?;
    Thumbprint::parse(certificate.thumbprint()).ok()
}
