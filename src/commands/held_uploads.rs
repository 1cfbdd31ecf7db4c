//! `held-uploads`: what waits for a word of its authority, and the operator's way to pass it on.
//! Requests about single plans wait together, under the number 0.

use std::path::Path;
use std::process::ExitCode;

use chrono::SecondsFormat;
use clap::{Args, Subcommand};

use crate::clock::{Clock, SystemClock};
use crate::commands::Failure;
use crate::commands::telling;
use crate::domain::ods_code::OdsCode;
use crate::settings::Settings;
use crate::start;
use crate::store::held_uploads::{self, Confirmation, WaitingFile};

/// What to do about the files and requests that are held.
#[derive(Debug, Subcommand)]
pub enum HeldUploads {
    /// List the files that are held, the longest first; 0 stands for requests about single plans.
    List,
    /// Note that an authority, asked by telephone, means its file, or its requests, as they are; it
    /// then sends them again.
    Confirm(Confirmed),
}

/// What is confirmed.
#[derive(Debug, Args)]
pub struct Confirmed {
    /// The authority's ODS code.
    authority: String,
    /// The file's sequence number; 0 for requests about single plans.
    sequence: i64,
    /// How many plans it is meant to end or withdraw.
    #[arg(long)]
    ending: i64,
    /// Who at the authority says so.
    #[arg(long)]
    by: String,
}

/// Does it, as whoever looks after the plans of every authority.
///
/// # Errors
/// [`Failure`] when the settings or the database cannot be used, or no such file is held.
pub fn run(asked: HeldUploads, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let store = start::upkeep_store(&Settings::load(file)?)?;
    match asked {
        HeldUploads::List => {
            let waiting = store.run_blocking(&held_uploads::waiting)?;
            telling::line("authority,file_sequence,held_at,current_plans,ending_plans,confirmed")?;
            for file in &waiting {
                telling::line(line(file))?;
            }
        }
        HeldUploads::Confirm(confirmed) => {
            let confirmation = confirmation(confirmed)?;
            let found =
                store.run_blocking(&|postgres| held_uploads::confirm(postgres, &confirmation))?;
            if !found {
                let reason = "no file is held of this authority, with this number, that ends \
                              exactly so many plans: see held-uploads list";
                return Err(reason.into());
            }
            telling::line("Confirmed. The authority can send the same again.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn confirmation(confirmed: Confirmed) -> Result<Confirmation, Failure> {
    let by = confirmed.by.trim();
    if by.is_empty() {
        return Err("--by: say who at the authority confirms the file".into());
    }
    Ok(Confirmation {
        authority: OdsCode::parse(&confirmed.authority)?,
        sequence: confirmed.sequence,
        ending: confirmed.ending,
        by: by.to_owned(),
        at: SystemClock.now(),
    })
}

fn line(file: &WaitingFile) -> String {
    let WaitingFile {
        authority,
        sequence,
        held_at,
        current,
        ending,
        confirmed_at,
    } = file;
    let held_at = held_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let confirmed = match confirmed_at {
        Some(_) => "yes",
        None => "no",
    };
    format!("{authority},{sequence},{held_at},{current},{ending},{confirmed}")
}
