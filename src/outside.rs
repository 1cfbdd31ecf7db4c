//! The way to a URL that somebody named: the host is resolved once, to addresses that are checked
//! and then connected to; no redirect is followed, no proxy is asked, and nothing takes longer than
//! it may.

pub mod certificates;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

use crate::domain::channel::{is_private, is_public};

/// The longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Which addresses are spoken to, beside those of the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// This machine's own: for sandboxes and tests.
    pub loopback: bool,
    /// Those of private networks; never link-local ones, where clouds keep their secrets.
    pub private: bool,
}

impl Reach {
    /// Only those of the public internet.
    pub const PUBLIC: Self = Self {
        loopback: false,
        private: false,
    };

    fn admits(self, address: IpAddr) -> bool {
        is_public(address)
            || (self.loopback && address.is_loopback())
            || (self.private && is_private(address))
    }
}

/// An agent for one request: no connection is kept, or looked up later.
#[must_use]
pub fn agent(reach: Reach, timeout: Duration) -> Agent {
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
        .timeout_global(Some(timeout))
        .build();
    let resolver = CheckedResolver {
        names: DefaultResolver::default(),
        reach,
    };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// Why nothing was answered, as a code: never the other side's own words.
#[must_use]
pub fn failure(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timed-out",
        ureq::Error::HostNotFound => "host-not-found",
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            "address-forbidden"
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "unreachable",
        ureq::Error::Tls(_) | ureq::Error::NativeTls(_) => "tls-failed",
        _ => "no-http",
    }
}

/// Looks a name up once, and hands on its addresses only where every one of them may be spoken to:
/// a name that leads to this service's own network as well is not somebody else's.
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
