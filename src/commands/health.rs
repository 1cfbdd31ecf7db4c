//! `health`: asks a service whether it can do its work; for scripts and for the operator at night.

use std::process::ExitCode;
use std::time::Duration;

use ureq::Agent;

use crate::commands::Failure;

/// The longest to wait for the answer.
const WAIT: Duration = Duration::from_secs(10);

/// Prints the service's status, and fails unless it can answer callers.
///
/// # Errors
/// [`Failure`] when the service does not answer at all.
pub fn run(url: &str) -> Result<ExitCode, Failure> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(WAIT))
        .build()
        .into();
    let address = format!("{}/_status", url.trim_end_matches('/'));
    let mut response = agent
        .get(&address)
        .call()
        .map_err(|cause| format!("the service at {url} does not answer: {cause}"))?;
    let code = if response.status().is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    println!("{}", response.body_mut().read_to_string()?);
    Ok(code)
}
