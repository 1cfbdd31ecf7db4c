//! `health`: asks a service whether it can do its work; for scripts and for the operator at night.

use std::process::ExitCode;
use std::time::Duration;

use crate::commands::Failure;
use crate::commands::asking::Asking;
use crate::commands::telling::line;

/// The longest to wait for the answer.
const WAIT: Duration = Duration::from_secs(10);

/// Prints the service's status, and fails unless it can answer callers.
///
/// # Errors
/// [`Failure`] when the service does not answer at all, or a file to ask it with cannot be used.
pub fn run(url: &str, asking: &Asking) -> Result<ExitCode, Failure> {
    let address = format!("{}/_status", url.trim_end_matches('/'));
    let mut response = asking
        .agent(WAIT)?
        .get(&address)
        .call()
        .map_err(|cause| format!("the service at {url} does not answer: {cause}"))?;
    let code = if response.status().is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    line(response.body_mut().read_to_string()?)?;
    Ok(code)
}
