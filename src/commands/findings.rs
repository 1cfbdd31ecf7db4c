//! `findings`: uses of the service that may be browsing, for whoever looks into them; nothing of
//! any child.

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::{line, text};
use crate::messages::look_findings_csv;
use crate::settings::Settings;
use crate::store::look_findings;
use crate::store::operator::Operator;

/// How far back findings are listed unless told otherwise.
const LISTED: TimeDelta = TimeDelta::days(30);

/// What to do about findings.
#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// List those that nobody has closed, the oldest first.
    List {
        /// From this moment on; 30 days back unless told otherwise.
        #[arg(long, value_name = "MOMENT")]
        since: Option<DateTime<Utc>>,
        /// List those that were closed too.
        #[arg(long)]
        all: bool,
    },
    /// Note what came of one.
    Close {
        /// Its id, as listed.
        id: Uuid,
        /// What came of it, in a few words; no child's name or number.
        #[arg(long)]
        outcome: String,
    },
}

/// Lists or closes, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a value is wrong or the database cannot be reached as its owner.
pub fn run(command: FindingsCommand, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let settings = Settings::load(file)?;
    let mut operator = Operator::connect(settings.owner_database_url()?.expose())?;
    let now = SystemClock.now();
    match command {
        FindingsCommand::List { since, all } => {
            let since = since.unwrap_or(now - LISTED);
            let found = operator.run(|postgres| look_findings::list(postgres, since, all))?;
            text(look_findings_csv::write(&found))?;
        }
        FindingsCommand::Close { id, outcome } => {
            let outcome = outcome.trim();
            if outcome.is_empty() || outcome.chars().count() > OUTCOME_MAX {
                return Err("--outcome: say what came of it, in 1 to 500 characters".into());
            }
            if !operator.run(|postgres| look_findings::close(postgres, id, (now, outcome)))? {
                return Err("there is no open finding of this id: see findings list".into());
            }
            line("Closed.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The most characters of an outcome.
const OUTCOME_MAX: usize = 500;
