//! How a command asks a service: over TLS, with a certificate of ours where the service wants one,
//! and with a token over no line that others can read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use url::{Host, Url};

use crate::commands::Failure;
use crate::outside::certificates::{chain, client};
use crate::secrets::file;

/// With what a service is asked that wants a certificate, or has one of a private authority.
#[derive(Debug, Clone, Default, Args)]
pub struct Asking {
    /// The authorities that the service's certificate may come from, PEM; the system's otherwise.
    #[arg(long, global = true, value_name = "FILE", env = "CPIS_ASK_CA_FILE")]
    ca: Option<PathBuf>,
    /// The certificate to ask with, and those above it, PEM.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "CPIS_ASK_CERTIFICATE_FILE"
    )]
    certificate: Option<PathBuf>,
    /// Its private key, PEM and not encrypted, in a file for its owner alone.
    #[arg(long, global = true, value_name = "FILE", env = "CPIS_ASK_KEY_FILE")]
    key: Option<PathBuf>,
}

impl Asking {
    /// What asks a service, by http or https, and waits so long for an answer.
    ///
    /// # Errors
    /// [`Failure`] when a file cannot be used, or one is given without the other.
    pub(in crate::commands) fn agent(&self, wait: Duration) -> Result<Agent, Failure> {
        let mut tls = TlsConfig::builder().provider(TlsProvider::NativeTls);
        let roots = match &self.ca {
            None => RootCerts::PlatformVerifier,
            Some(path) => {
                let pem = fs::read(path).map_err(|cause| unreadable(path, &cause))?;
                let authorities = chain(&pem)
                    .ok_or_else(|| format!("{}: no certificates in PEM", path.display()))?;
                RootCerts::new_with_certs(&authorities)
            }
        };
        tls = tls.root_certs(roots);
        match (&self.certificate, &self.key) {
            (None, None) => {}
            (Some(certificate), Some(key)) => {
                let pem = fs::read(certificate).map_err(|cause| unreadable(certificate, &cause))?;
                let secret = file::read(key).map_err(|cause| unreadable(key, &cause))?;
                let shown = client(&pem, &secret).map_err(|cause| {
                    format!("{} and {}: {cause}", certificate.display(), key.display())
                })?;
                tls = tls.client_cert(Some(shown));
            }
            _ => return Err("a certificate and its key go together: --certificate, --key".into()),
        }
        Ok(Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(wait))
            // A token goes to the service that was named, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(tls.build())
            .build()
            .into())
    }
}

fn unreadable(path: &Path, cause: &std::io::Error) -> String {
    format!("{}: {cause}", path.display())
}

/// Whether nobody else can read what is sent to a URL: it is https, or this machine's own.
#[must_use]
pub fn is_private_line(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let is_ours = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_ours)
}

#[cfg(test)]
mod tests {
    use super::is_private_line;

    #[test]
    fn a_token_goes_over_https_or_stays_on_this_machine() {
        for url in [
            "https://cpis.example/FHIR/R4",
            "HTTPS://cpis.example",
            "http://127.0.0.1:8080/FHIR/R4",
            "http://127.0.0.2",
            "http://[::1]:8080",
            "http://[::ffff:127.0.0.1]",
            "http://localhost:8080",
            "http://LOCALHOST",
        ] {
            assert!(is_private_line(url), "{url}");
        }
        for url in [
            "http://cpis.example/FHIR/R4",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://127.0.0.1@cpis.example",
            "http://[2001:db8::1]",
            "ftp://127.0.0.1",
            "cpis.example",
            "",
        ] {
            assert!(!is_private_line(url), "{url}");
        }
    }
}
