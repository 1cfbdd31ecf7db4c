//! Posts to the endpoint that an authority registered, and to nothing that it could be made to lead
//! to ([`crate::outside`]).

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::domain::channel::RestHook;
use crate::outside::{Reach, agent, failure};
use crate::secrets::{SecretText, file};

/// How much of an answer is read, in bytes, before the rest is left: nothing in it is looked at.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

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
        let mut request = agent(self.reach, self.timeout)
            .post(hook.endpoint.as_str())
            .content_type("application/fhir+json");
        if let Some(secret) = self.secret(hook)? {
            request = request.header("Authorization", format!("Bearer {}", secret.expose()));
        }
        let mut response = request
            .send(body)
            .map_err(|error| Failure(failure(&error)))?;
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

    fn secret(&self, hook: &RestHook) -> Result<Option<SecretText>, Failure> {
        let missing = Failure("secret-missing");
        let Some(name) = &hook.secret_name else {
            return Ok(None);
        };
        let folder = self.secrets.as_ref().ok_or(missing)?;
        let text = file::read_text(&folder.join(name.as_str()));
        let text = text.map_err(|cause| match cause.kind() {
            // To others it is open, or to us it is shut: either way it is not ours alone.
            ErrorKind::PermissionDenied => Failure("secret-not-ours-alone"),
            _ => missing,
        })?;
        let secret = text.trim();
        let is_token = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        is_token
            .then(|| Some(secret.to_owned().into()))
            .ok_or(missing)
    }
}
