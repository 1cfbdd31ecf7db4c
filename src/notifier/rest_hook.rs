//! Posts to the endpoint that an authority registered, and to nothing that it could be made to lead
//! to: no redirect is followed, and the host is resolved once, to addresses that are checked and
//! then connected to.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use thiserror::Error;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

use crate::domain::channel::{RestHook, is_public};

/// How much of an answer is read, in bytes, before the rest is left: nothing in it is looked at.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// The longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Which addresses are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet.
    Public,
    /// Those, and this machine's own: for sandboxes and tests.
    PublicAndLoopback,
}

impl Reach {
    fn admits(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::PublicAndLoopback && address.is_loopback())
    }
}

/// Why an endpoint did not take what was sent, as a code: never the endpoint's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Failure(pub &'static str);

/// The way to endpoints.
#[derive(Debug, Clone)]
pub struct RestHooks {
    /// The folder of the secrets that endpoints are opened with.
    pub secrets: Option<PathBuf>,
    /// Which addresses are spoken to.
    pub reach: Reach,
    /// The longest that an endpoint may take, from the look-up of its name to its answer's end.
    pub timeout: Duration,
}

impl RestHooks {
    /// Posts a body of FHIR's JSON.
    ///
    /// # Errors
    /// [`Failure`] unless the endpoint answered with a status of success.
    pub async fn post(&self, hook: &RestHook, body: Vec<u8>) -> Result<(), Failure> {
        let (hooks, hook) = (self.clone(), hook.clone());
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| hooks.post_blocking(&hook, &body)))
            .await
            .unwrap_or(Err(Failure("cut-short")))
    }

    fn post_blocking(&self, hook: &RestHook, body: &[u8]) -> Result<(), Failure> {
        let mut request = self
            .agent()
            .post(hook.endpoint.as_str())
            .content_type("application/fhir+json");
        if let Some(secret) = self.secret(hook)? {
            request = request.header("Authorization", format!("Bearer {secret}"));
        }
        let mut response = request.send(body).map_err(|error| failure(&error))?;
        let status = response.status();
        // A connection that is cut after this point has delivered all the same.
        let _rest = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec();
        match status.as_u16() {
            200..=299 => Ok(()),
            300..=399 => Err(Failure("redirected")),
            400..=499 => Err(Failure("client-error")),
            _ => Err(Failure("server-error")),
        }
    }

    /// An agent for one request: no connection is shared between authorities or looked up later.
    fn agent(&self) -> Agent {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::NativeTls)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_response_header_size(HEAD_BYTES_MAX)
            .timeout_global(Some(self.timeout))
            .build();
        let resolver = CheckedResolver {
            names: DefaultResolver::default(),
            reach: self.reach,
        };
        Agent::with_parts(config, DefaultConnector::default(), resolver)
    }

    fn secret(&self, hook: &RestHook) -> Result<Option<String>, Failure> {
        let missing = Failure("secret-missing");
        let Some(name) = &hook.secret_name else {
            return Ok(None);
        };
        let folder = self.secrets.as_ref().ok_or(missing)?;
        let text = fs::read_to_string(folder.join(name.as_str())).map_err(|_cause| missing)?;
        let secret = text.trim();
        let is_token = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Some(secret.to_owned())).ok_or(missing)
    }
}

fn failure(error: &ureq::Error) -> Failure {
    Failure(match error {
        ureq::Error::Timeout(_) => "timed-out",
        ureq::Error::HostNotFound => "host-not-found",
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            "address-forbidden"
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "unreachable",
        ureq::Error::Tls(_) | ureq::Error::NativeTls(_) => "tls-failed",
        _ => "no-http",
    })
}

/// Looks a name up once, and hands on its addresses only where every one of them may be spoken to:
/// a name that leads to this service's own network as well is not an authority's.
#[derive(Debug)]
struct CheckedResolver {
    names: DefaultResolver,
    reach: Reach,
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let admits = |address: &SocketAddr| self.reach.admits(address.ip());
        if found.iter().all(admits) {
            Ok(found)
        } else {
            Err(io::Error::from(io::ErrorKind::PermissionDenied).into())
        }
    }
}
