//! `upload`: sends a file of plans to a service, as a local authority's system does.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ureq::Agent;

use crate::commands::Failure;

/// The longest to wait for an acknowledgement: the largest file takes seconds.
const WAIT: Duration = Duration::from_secs(180);
/// The longest acknowledgement read, in bytes: a full file's, each record refused at length.
const ACKNOWLEDGEMENT_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Sends the file and prints the acknowledgement. Fails unless every record was taken in.
///
/// # Errors
/// [`Failure`] when the file cannot be read or the service does not answer.
pub fn run(file: &Path, url: &str, token: &str) -> Result<ExitCode, Failure> {
    let csv = fs::read(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(WAIT))
        .build()
        .into();
    let mut response = agent
        .post(format!("{}/$upload-plans", url.trim_end_matches('/')))
        .header("Authorization", format!("Bearer {token}"))
        .content_type("text/csv")
        .send(&csv)
        .map_err(|cause| format!("the service at {url} does not answer: {cause}"))?;
    let taken_in = response.status().is_success();
    let answer = response
        .body_mut()
        .with_config()
        .limit(ACKNOWLEDGEMENT_BYTES_MAX)
        .read_to_string()?;
    println!("{}", answer.trim_end());
    let whole = answer
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').nth(1))
        == Some("CPF02");
    Ok(if taken_in && whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
