//! Our mailbox: every request to MESH is signed and sent from here.

use std::io::Read;
use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use ureq::http::{Method, Request, Response, header};
use ureq::{Agent, AsSendBody, Body};

use super::authorisation::Credentials;
use super::connection::{self, Certificates, ConnectionError};
use super::error::MeshError;
use super::letter::MessageId;
use super::secret::Secret;
use crate::clock::SharedClock;
use crate::domain::channel;
use crate::instruments::Counts;
use crate::outside::certificates::first_end;

/// The version of the API that is asked for.
pub(super) const ACCEPT: &str = "application/vnd.mesh.v2+json";
/// The longest answer read that is not a message, in bytes: a full page of an inbox takes a tenth.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;
/// What we call ourselves.
const CLIENT: &str = concat!("cpis-fhir==", env!("CARGO_PKG_VERSION"));

/// How our mailbox is reached.
pub struct Access {
    /// Where MESH is: scheme, host and port, without a slash behind.
    pub url: String,
    /// Our mailbox.
    pub mailbox: channel::Mailbox,
    /// Its password.
    pub password: Secret,
    /// The key that every mailbox of the environment shares.
    pub shared_key: Secret,
    /// Whom we trust, and who we are.
    pub certificates: Certificates,
    /// The longest part of a message that is sent, in bytes.
    pub chunk_bytes: NonZeroUsize,
    /// What time it is.
    pub clock: SharedClock,
}

/// Our mailbox. Its requests wait for their answers, and so belong on a thread that may.
pub struct Mailbox {
    agent: Agent,
    base: String,
    credentials: Credentials,
    clock: SharedClock,
    pub(super) chunk_bytes: NonZeroUsize,
    /// Messages that were sent, by what came of it.
    pub(super) sent: Counts,
    /// When our certificate ends, where we show one.
    pub(super) certificate_ends: Option<DateTime<Utc>>,
}

impl Mailbox {
    /// A way to our mailbox. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ConnectionError`] when a certificate or a key cannot be used.
    pub fn open(access: Access) -> Result<Self, ConnectionError> {
        let agent = connection::agent(&access.certificates)?;
        let shown = access.certificates.client.as_ref();
        Ok(Self {
            agent,
            certificate_ends: shown.and_then(|(certificate, _)| first_end(certificate)),
            base: format!("{}/messageexchange/{}", access.url, access.mailbox),
            credentials: Credentials {
                mailbox: access.mailbox,
                password: access.password,
                shared_key: access.shared_key,
            },
            clock: access.clock,
            chunk_bytes: access.chunk_bytes,
            sent: Counts::default(),
        })
    }

    /// Our mailbox's id.
    #[must_use]
    pub fn id(&self) -> &channel::Mailbox {
        &self.credentials.mailbox
    }

    /// Tells MESH that the mailbox is in use, and sees that it lets us in (`POST` of the mailbox;
    /// wanted once a day).
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not let us in.
    pub fn validate(&self) -> Result<(), MeshError> {
        let request = self
            .request(Method::POST, "")?
            .header("Mex-ClientVersion", CLIENT)
            .header("Mex-OSName", std::env::consts::OS)
            .header("Mex-OSVersion", std::env::consts::ARCH);
        let response = self.ask("a handshake", request, ())?;
        expect("a handshake", &response, &[200])
    }

    /// Takes a message out of the inbox, once what it said is safe.
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not answer that it did.
    pub fn acknowledge(&self, message: &MessageId) -> Result<(), MeshError> {
        let path = format!("/inbox/{message}/status/acknowledged");
        let request = self.request(Method::PUT, &path)?;
        let response = self.ask("an acknowledgement", request, ())?;
        expect("an acknowledgement", &response, &[200])
    }

    /// A signed request; `path` begins after the mailbox.
    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> Result<ureq::http::request::Builder, MeshError> {
        let authorisation = self.credentials.header(self.clock.now())?;
        Ok(Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, authorisation)
            .header(header::ACCEPT, ACCEPT)
            .header(header::USER_AGENT, CLIENT))
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) fn ask(
        &self,
        asked: &'static str,
        request: ureq::http::request::Builder,
        body: impl AsSendBody,
    ) -> Result<Response<Body>, MeshError> {
        let request = request
            .body(body)
            .ok()
            .ok_or(MeshError::Unexpected(asked))?;
        self.agent.run(request).map_err(MeshError::Unreachable)
    }
}

/// Refuses an answer of another status than these.
pub(super) fn expect(
    asked: &'static str,
    response: &Response<Body>,
    statuses: &[u16],
) -> Result<(), MeshError> {
    let status = response.status().as_u16();
    if statuses.contains(&status) {
        Ok(())
    } else {
        Err(MeshError::Refused { asked, status })
    }
}

/// What an answer's JSON says.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    asked: &'static str,
    response: Response<Body>,
) -> Result<T, MeshError> {
    let mut text = Vec::new();
    response
        .into_body()
        .into_reader()
        .take(ANSWER_BYTES_MAX)
        .read_to_end(&mut text)
        .ok()
        .ok_or(MeshError::Unexpected(asked))?;
    serde_json::from_slice(&text)
        .ok()
        .ok_or(MeshError::Unexpected(asked))
}

/// A header of an answer, where it is there and visible ASCII.
pub(super) fn header_of<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
