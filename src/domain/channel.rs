//! How a local authority is told, beside what it can always pull: as the operator registered it.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;
use url::{Host, Url};

/// A registered way to a local authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Nothing is sent: the authority pulls.
    Pull,
    /// The authority's own endpoint, for which its system may subscribe.
    RestHook(RestHook),
    /// A mailbox of the Message Exchange for Social Care and Health.
    Mesh(Mailbox),
}

impl Channel {
    /// The channel's name in the database and on the command line.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::RestHook(_) => "rest-hook",
            Self::Mesh(_) => "mesh",
        }
    }
}

/// An endpoint, and the name of the secret it is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestHook {
    /// Where notifications are posted to.
    pub endpoint: Endpoint,
    /// The name of the file, in the folder of secrets, that holds the bearer token to send.
    pub secret_name: Option<SecretName>,
}

/// Where a notification may be posted to: an absolute https URL without a user or a fragment. An
/// http URL is one only where its host is this machine, for sandboxes and tests; whether such a
/// host is spoken to at all is a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

/// A text is no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "an endpoint is an https URL of at most 500 characters, spelled as it is sent, with no user \
     and no fragment"
)]
pub struct EndpointError;

/// The longest endpoint, in bytes.
const ENDPOINT_BYTES_MAX: usize = 500;

impl Endpoint {
    /// Reads an endpoint.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text).ok().ok_or(EndpointError)?;
        let is_ours = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return Err(EndpointError),
        };
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && text.len() <= ENDPOINT_BYTES_MAX;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => is_ours,
            _ => false,
        };
        // What the parser would mend (an octal address, a stray space) was meant to mislead.
        if is_plain && is_secure && url.as_str() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(EndpointError)
        }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a file that holds a secret: no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName(String);

impl SecretName {
    /// Reads a name of at most 64 letters, digits, hyphens and underscores.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_name = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mailbox's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// Reads an id of at most 20 upper-case letters and digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let is_id = (1..=20).contains(&text.len()) && text.bytes().all(allowed);
        is_id.then(|| Self(text.to_owned()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether an address is one of the public internet: only there is a local authority's endpoint.
/// What is reserved, private, of this machine, of this link or another form of such an address
/// might be this service's own network, or the machine room's metadata.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            !matches!(
                (first, second, third),
                (0 | 10 | 127 | 224.., _, _)
                    | (100, 64..=127, _)
                    | (169, 254, _)
                    | (172, 16..=31, _)
                    | (192, 168, _)
                    | (192, 0, 0 | 2)
                    | (192, 88, 99)
                    | (198, 18..=19, _)
                    | (198, 51, 100)
                    | (203, 0, 113)
            )
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            // Of global unicast, 2000::/3, nothing that stands for an IPv4 address or for nobody:
            // Teredo, other special purposes and documentation, 6to4, and documentation again.
            (0x2000..=0x3ffe).contains(&first)
                && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
                && first != 0x2002
        }
    }
}

/// Whether an address is of a private network: RFC 1918's, and unique local ones of IPv6.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

#[cfg(test)]
#[path = "channel_rules.rs"]
mod rules;
