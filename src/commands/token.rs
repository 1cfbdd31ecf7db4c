//! `token`: a token of the sandbox's issuer. No other issuer's key is ever in reach of it.

use std::path::Path;
use std::process::ExitCode;

use chrono::TimeDelta;

use crate::clock::{Clock as _, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::identity::Algorithm;
use crate::sandbox::issuer::Issuer;
use crate::sandbox::role::SandboxRole;

/// How long a sandbox token is good for: the longest the service takes.
pub const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Prints a token.
///
/// # Errors
/// [`Failure`] when the sandbox's keys cannot be read or made.
pub fn run(
    role: SandboxRole,
    data: &Path,
    algorithm: &str,
    issued_to: Option<&str>,
) -> Result<ExitCode, Failure> {
    let algorithm =
        Algorithm::named(algorithm).ok_or("--algorithm must be RS512, PS256 or ES256")?;
    let issuer = Issuer::open(&keys(data))?;
    let now = SystemClock.now();
    let token = match issued_to {
        Some(client) => issuer.id_token(role, client, now, TOKEN_LIFETIME)?,
        None => issuer.token(role, algorithm, now, TOKEN_LIFETIME)?,
    };
    line(token)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the sandbox keeps its keys.
#[must_use]
pub fn keys(data: &Path) -> std::path::PathBuf {
    data.join("keys")
}
