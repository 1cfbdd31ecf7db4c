//! The service as a command of an authority's asks it, and its refusals in one line.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderValue, Response};
use ureq::{Agent, Body, SendBody};

use crate::commands::Failure;
use crate::commands::asking::{Asking, is_private_line};
use crate::messages::hl7v3::answered_file;
use crate::secrets::SecretText;

/// The longest to wait for an answer: the largest file takes seconds.
const WAIT: Duration = Duration::from_secs(180);
/// The longest answer read, in bytes: a full file's acknowledgement, each record refused at length.
const ANSWER_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A service, and the token to ask it with.
pub struct AuthorityService {
    agent: Agent,
    base: String,
    bearer: SecretText,
}

/// What it answered.
pub enum Told {
    /// What was asked for.
    Answer(Page),
    /// There is no such thing, or not yet.
    Nothing,
}

/// An answer, and where it goes on.
pub struct Page {
    /// Its body.
    pub text: String,
    /// The URL that a `Link` header names as the next (RFC 8288).
    pub next: Option<String>,
}

impl AuthorityService {
    /// The service at a base URL.
    ///
    /// # Errors
    /// [`Failure`] where the token would pass over a network in the clear, or a file to ask with
    /// cannot be used.
    pub fn at(url: &str, token: &SecretText, asking: &Asking) -> Result<Self, Failure> {
        if !is_private_line(url) {
            return Err(format!(
                "{url}: the token would pass in the clear; name an https URL, or this machine's own"
            )
            .into());
        }
        Ok(Self {
            agent: asking.agent(WAIT)?,
            base: url.trim_end_matches('/').to_owned(),
            bearer: format!("Bearer {}", token.expose()).into(),
        })
    }

    /// Reads what lies at a path below the base, or at a URL below it that the service gave.
    ///
    /// # Errors
    /// [`Failure`] when the service does not answer, or refuses.
    pub fn get(&self, path: &str) -> Result<Told, Failure> {
        // A token is shown to nobody else, whatever an answer says.
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let answer = self
            .agent
            .get(format!("{}/{}", self.base, path.trim_start_matches('/')))
            .header("Authorization", self.bearer.expose())
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
            .header("Authorization", self.bearer.expose())
            .header("Content-Length", length.to_string())
            .content_type(media_type)
            .send(SendBody::from_reader(&mut body));
        self.told(answer)
    }

    fn told(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Told, Failure> {
        let mut response = answer
            .map_err(|cause| format!("the service at {} does not answer: {cause}", self.base))?;
        let status = response.status();
        let next = response.headers().get("Link").and_then(next);
        let text = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_string()?;
        if status.is_success() {
            return Ok(Told::Answer(Page { text, next }));
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

/// The URL of the next page.
fn next(link: &HeaderValue) -> Option<String> {
    let (url, relation) = link.to_str().ok()?.split_once(';')?;
    let is_next = relation.contains("rel=\"next\"");
    let url = url.trim().strip_prefix('<')?.strip_suffix('>')?;
    is_next.then(|| url.to_owned())
}

/// What an OperationOutcome says, or an acknowledgement of HL7 v3, in one line.
fn reason(text: &str) -> String {
    if let Some((code, words)) = answered_file::refusal(text) {
        return format!("{code}: {words}");
    }
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
    use ureq::http::HeaderValue;

    use super::{next, reason};

    #[test]
    fn a_link_leads_to_the_next_page_and_to_nothing_else() {
        let link = |text| next(&HeaderValue::from_static(text));
        let next = link("<https://a.example/b?c=d>; rel=\"next\"");
        assert_eq!(next.as_deref(), Some("https://a.example/b?c=d"));
        for other in [
            "<https://a.example/>; rel=\"self\"",
            "https://a.example/",
            "",
        ] {
            assert_eq!(link(other), None);
        }
    }

    #[test]
    fn a_refusal_is_told_by_its_code_and_its_words() {
        let outcome = r#"{"issue":[{"details":{"coding":[{"code":"A"}]},"diagnostics":"b c"}]}"#;
        assert_eq!(reason(outcome), "A: b c");
        for other in ["", "<html>", "{}", r#"{"issue":[{}]}"#] {
            assert_eq!(reason(other), "it says no more");
        }
    }
}
