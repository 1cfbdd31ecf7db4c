//! The line to MESH: TLS with our certificate where MESH demands one, no way round through a
//! redirect or a proxy, and an end to every wait.
//!
//! `native-tls` is what ureq was built with already, and on Linux it is the OpenSSL that verifies
//! tokens here: one library to patch. It takes a client's certificate and a private authority, and
//! speaks nothing older than TLS 1.2, which is all that MESH asks.

use std::time::Duration;

use thiserror::Error;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use zeroize::Zeroizing;

use crate::outside::certificates::{ClientCertificateError, chain, client};

/// The longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest a request takes, a full part of a message included: 100 MB at under 1 MB a second.
const REQUEST_MAX: Duration = Duration::from_secs(120);

/// A file of certificates, or of a key, which is a secret: wiped when it is dropped.
pub type Pem = Zeroizing<Vec<u8>>;

/// Whom we trust, and who we are, as PEM; none of either where MESH is a sandbox on this machine.
#[derive(Clone, Default)]
pub struct Certificates {
    /// The authorities that MESH's certificate may come from; the system's where there are none.
    pub authorities: Option<Pem>,
    /// Our certificate with those above it, and its private key.
    pub client: Option<(Pem, Pem)>,
}

/// Why the certificates cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// The authorities are none.
    #[error("mesh_ca_file: the file must hold certificates in PEM")]
    Authorities,
    /// Our certificate is none.
    #[error(
        "mesh_client_certificate_file: the file must hold our certificate in PEM, then those \
         above it"
    )]
    Certificate,
    /// Our key is none.
    #[error(
        "mesh_client_key_file: the file must hold an unencrypted private key in PEM, \
         the certificate's own"
    )]
    Key,
}

/// A line to MESH.
///
/// # Errors
/// [`ConnectionError`] when a certificate or a key cannot be used.
pub fn agent(certificates: &Certificates) -> Result<Agent, ConnectionError> {
    let mut tls = TlsConfig::builder().provider(TlsProvider::NativeTls);
    if let Some(pem) = &certificates.authorities {
        let authorities = chain(pem).ok_or(ConnectionError::Authorities)?;
        tls = tls.root_certs(RootCerts::new_with_certs(&authorities));
    } else {
        tls = tls.root_certs(RootCerts::PlatformVerifier);
    }
    if let Some((certificate, key)) = &certificates.client {
        let client = client(certificate, key).map_err(|cause| match cause {
            ClientCertificateError::Certificate => ConnectionError::Certificate,
            ClientCertificateError::Key => ConnectionError::Key,
        });
        tls = tls.client_cert(Some(client?));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .tls_config(tls.build())
        .timeout_connect(Some(CONNECT_MAX))
        .timeout_global(Some(REQUEST_MAX));
    Ok(config.build().into())
}

#[cfg(test)]
mod tests;
