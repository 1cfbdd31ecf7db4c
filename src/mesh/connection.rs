//! The line to MESH: TLS with our certificate where MESH demands one, no way round through a
//! redirect or a proxy, and an end to every wait.
//!
//! `native-tls` is what ureq was built with already, and on Linux it is the OpenSSL that verifies
//! tokens here: one library to patch. It takes a client's certificate and a private authority, and
//! speaks nothing older than TLS 1.2, which is all that MESH asks.

use std::time::Duration;

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::x509::X509;
use thiserror::Error;
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};
use zeroize::Zeroizing;

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
        tls = tls.client_cert(Some(client(certificate, key)?));
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

fn chain(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let certificates = X509::stack_from_pem(pem).ok()?;
    let chain: Result<Vec<_>, ErrorStack> = certificates
        .iter()
        .map(|certificate| Ok(Certificate::from_der(&certificate.to_der()?).to_owned()))
        .collect();
    chain.ok().filter(|chain| !chain.is_empty())
}

fn client(certificate: &[u8], key: &[u8]) -> Result<ClientCert, ConnectionError> {
    let chain = chain(certificate).ok_or(ConnectionError::Certificate)?;
    // Whatever form it has, ureq takes PKCS #8; one behind a passphrase would ask a terminal.
    let key = PKey::private_key_from_pem_callback(key, |_passphrase| Ok(0))
        .ok()
        .ok_or(ConnectionError::Key)?;
    let is_its_own = X509::from_pem(certificate)
        .and_then(|certificate| certificate.public_key())
        .is_ok_and(|public| public.public_eq(&key));
    let pkcs8 = key.private_key_to_pem_pkcs8().ok().filter(|_| is_its_own);
    let key = pkcs8
        .map(Zeroizing::new)
        .and_then(|pkcs8| PrivateKey::from_pem(&pkcs8).ok())
        .ok_or(ConnectionError::Key)?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

#[cfg(test)]
mod tests;
