//! The service as a command of an authority's asks it, and its refusals in one line.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, SendBody};

use crate::commands::Failure;

/// The longest to wait for an answer: the largest file takes seconds.
const WAIT: Duration = Duration::from_secs(180);
/// The longest answer read, in bytes: a full file's acknowledgement, each record refused at length.
const ANSWER_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A service, and the token to ask it with.
pub struct AuthorityService {
    agent: Agent,
    base: String,
    bearer: String,
}

/// What it answered.
pub enum Told {
    /// What was asked for.
    Answer(String),
    /// There is no such thing, or not yet.
    Nothing,
}

impl AuthorityService {
    /// The service at a base URL.
    pub fn at(url: &str, token: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(WAIT))
            .build()
            .into();
        Self {
            agent,
            base: url.trim_end_matches('/').to_owned(),
            bearer: format!("Bearer {token}"),
        }
    }

    /// Reads what lies at a path below the base.
    ///
    /// # Errors
    /// [`Failure`] when the service does not answer, or refuses.
    pub fn get(&self, path: &str) -> Result<Told, Failure> {
        let answer = self
            .agent
            .get(format!("{}/{path}", self.base))
            .header("Authorization", &self.bearer)
            .call();
        self.told(answer)
    }

    /// Posts a body of so many bytes.
    ///
    /// # Errors
    /// As [`AuthorityService::get`].
    pub fn post(
        &self,
        path: &str,
        media_type: &str,
        (mut body, length): (impl Read, u64),
    ) -> Result<Told, Failure> {
        let answer = self
            .agent
            .post(format!("{}/{path}", self.base))
            .header("Authorization", &self.bearer)
            .header("Content-Length", length.to_string())
            .content_type(media_type)
            .send(SendBody::from_reader(&mut body));
        self.told(answer)
    }

    fn told(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Told, Failure> {
        let mut response = answer
            .map_err(|cause| format!("the service at {} does not answer: {cause}", self.base))?;
        let status = response.status();
        let text = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_string()?;
        if status.is_success() {
            return Ok(Told::Answer(text));
        }
        if status == 404 {
            return Ok(Told::Nothing);
        }
        Err(format!(
            "the service refuses ({}): {}",
            status.as_u16(),
            reason(&text)
        )
        .into())
    }
}

/// What an OperationOutcome says, in one line.
fn reason(text: &str) -> String {
    let outcome: Value = serde_json::from_str(text).unwrap_or_default();
    let issues = outcome.get("issue").and_then(Value::as_array);
    let words: Vec<&str> = issues
        .into_iter()
        .flatten()
        .flat_map(|issue| {
            let code = issue.pointer("/details/coding/0/code");
            [code, issue.get("diagnostics")]
        })
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match words.is_empty() {
        true => "it says no more".to_owned(),
        false => words.join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_refusal_is_told_by_its_code_and_its_words() {
        let outcome = r#"{"issue":[{"details":{"coding":[{"code":"A"}]},"diagnostics":"b c"}]}"#;
        assert_eq!(reason(outcome), "A: b c");
        for other in ["", "<html>", "{}", r#"{"issue":[{}]}"#] {
            assert_eq!(reason(other), "it says no more");
        }
    }
}
