//! `migrate`: brings the database to this program's schema.

use std::path::Path;
use std::process::ExitCode;

use crate::commands::Failure;
use crate::commands::telling::line;
use crate::settings::Settings;
use crate::store::migrations;

/// Runs what is missing, and names it.
///
/// # Errors
/// [`Failure`] when the database cannot be reached as its owner, or a migration fails.
pub fn run(file: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(file)?;
    let run = migrations::run(settings.owner_database_url()?.expose())?;
    if run.is_empty() {
        line("The database has this program's schema already.")?;
    }
    for migration in run {
        line(format_args!("Ran {migration}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
