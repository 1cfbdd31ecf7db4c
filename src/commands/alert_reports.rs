//! `alert-reports`: which reports of alerts nobody has closed yet, and for how long; nothing of any
//! child.

use std::path::Path;
use std::process::ExitCode;

use chrono::SecondsFormat;

use crate::clock::{Clock, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::settings::Settings;
use crate::start;
use crate::store::waiting_reports;

/// Whom a report waits for of which no authority is known to be concerned.
const OPERATOR: &str = "operator";

/// Lists them, the oldest first.
///
/// # Errors
/// [`Failure`] when the settings or the database cannot be used.
pub fn run(file: Option<&Path>) -> Result<ExitCode, Failure> {
    let store = start::upkeep_store(&Settings::load(file)?)?;
    let reports = store.run_blocking(&waiting_reports::list)?;
    let now = SystemClock.now();
    line("report,waits_for,reported_at,days_open")?;
    for report in reports {
        let days = now.signed_duration_since(report.reported_at).num_days();
        line(format_args!(
            "{},{},{},{days}",
            report.id,
            report.authority.as_deref().unwrap_or(OPERATOR),
            report
                .reported_at
                .to_rfc3339_opts(SecondsFormat::Secs, true),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
