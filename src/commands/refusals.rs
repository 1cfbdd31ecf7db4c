//! `refusals`: who was refused what and why, for whoever looks into it; nothing of any child.

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use crate::clock::{Clock, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::text;
use crate::domain::refusal::RefusalsAsked;
use crate::messages::refusals_csv;
use crate::settings::Settings;
use crate::store::operator::Operator;
use crate::store::security_log;

/// How far back refusals are listed unless told otherwise.
const LISTED: TimeDelta = TimeDelta::days(1);

/// What to do about refusals.
#[derive(Debug, Subcommand)]
pub enum RefusalsCommand {
    /// List them, the oldest first.
    List(Asked),
    /// Count them by reason, client and organisation, the most first.
    Count(Asked),
}

/// Which refusals.
#[derive(Debug, Args)]
pub struct Asked {
    /// From this moment on; a day back unless told otherwise.
    #[arg(long, value_name = "MOMENT")]
    since: Option<DateTime<Utc>>,
    /// Before this moment; until now unless told otherwise.
    #[arg(long, value_name = "MOMENT")]
    until: Option<DateTime<Utc>>,
    /// Those of this reason only.
    #[arg(long)]
    reason: Option<String>,
    /// Those of this client only.
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// Those of this organisation only, by its ODS code.
    #[arg(long, value_name = "CODE")]
    organisation: Option<String>,
}

impl Asked {
    fn refusals(self, now: DateTime<Utc>) -> RefusalsAsked {
        RefusalsAsked {
            since: self.since.unwrap_or(now - LISTED),
            // What is refused at this very moment too.
            until: self.until.unwrap_or(now + TimeDelta::seconds(1)),
            reason: self.reason,
            client_id: self.client,
            organisation: self.organisation,
        }
    }
}

/// Lists or counts, as the owner of the database.
///
/// # Errors
/// [`Failure`] when the database cannot be reached as its owner.
pub fn run(command: RefusalsCommand, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(file)?;
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let now = SystemClock.now();
    let told = match command {
        RefusalsCommand::List(asked) => {
            let asked = asked.refusals(now);
            let refusals = operator.run(|postgres| security_log::list(postgres, &asked))?;
            refusals_csv::write(&refusals)
        }
        RefusalsCommand::Count(asked) => {
            let asked = asked.refusals(now);
            let tallies = operator.run(|postgres| security_log::count(postgres, &asked))?;
            refusals_csv::write_tallies(&tallies)
        }
    };
    text(told)?;
    Ok(ExitCode::SUCCESS)
}
