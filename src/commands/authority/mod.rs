//! `authority`: what a local authority's IT team does from its own machine, over HTTP as any system
//! of the authority's would.

mod compare;
mod follow;
mod held_plans;
mod notifications;
mod service;
mod summary;
mod upload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::commands::Failure;
use crate::commands::asking::Asking;
use crate::commands::authority::service::AuthorityService;
use crate::secrets::SecretText;

/// The service, and on whose behalf it is asked.
#[derive(Debug, Args)]
pub struct Authority {
    /// The service's base URL.
    #[arg(long, global = true, default_value = "http://127.0.0.1:8080/FHIR/R4")]
    url: String,
    /// A bearer token; better given in the environment, where no process list shows it.
    #[arg(long, global = true, env = "CPIS_TOKEN", hide_env_values = true)]
    token: Option<SecretText>,
    #[command(flatten)]
    asking: Asking,
    #[command(subcommand)]
    asked: Asked,
}

/// What is asked.
#[derive(Debug, Subcommand)]
enum Asked {
    /// Send a file of plans, and say what became of it.
    Upload {
        /// The file, as docs/upload-csv.md describes it.
        file: PathBuf,
        /// Confirm that a file which was held is meant to end or withdraw exactly so many plans.
        #[arg(long, value_name = "PLANS")]
        confirm_ending: Option<u32>,
        /// Print the acknowledgement itself, as CSV.
        #[arg(long)]
        csv: bool,
    },
    /// Wait for what became of a file that was sent, perhaps another way.
    Follow {
        /// The file's number; the last file where it is left out.
        sequence: Option<i64>,
        /// The longest to wait, in seconds.
        #[arg(long, default_value_t = 300)]
        wait: u64,
        /// Print the acknowledgement itself, as CSV.
        #[arg(long)]
        csv: bool,
    },
    /// Print what the service holds for the authority, as CSV.
    HeldPlans,
    /// Say how a file differs from what is held, without sending it.
    Compare {
        /// The file.
        file: PathBuf,
        /// Print the comparison itself, as CSV.
        #[arg(long)]
        csv: bool,
    },
    /// Print who looked at the authority's children: what is not acknowledged, or since a moment.
    Notifications {
        /// A day or moment, as in 2026-11-20.
        #[arg(long)]
        since: Option<String>,
        /// Acknowledge what is printed.
        #[arg(long)]
        acknowledge: bool,
    },
}

/// Asks the service.
///
/// # Errors
/// [`Failure`] when a file cannot be read, or the service does not answer or refuses.
pub fn run(authority: Authority) -> Result<ExitCode, Failure> {
    let token = authority
        .token
        .ok_or("say who is asking: --token, or CPIS_TOKEN in the environment")?;
    let service = AuthorityService::at(&authority.url, &token, &authority.asking)?;
    match authority.asked {
        Asked::Upload {
            file,
            confirm_ending,
            csv,
        } => upload::run(&service, &file, confirm_ending, csv),
        Asked::Follow {
            sequence,
            wait,
            csv,
        } => follow::run(&service, sequence, wait, csv),
        Asked::HeldPlans => held_plans::run(&service),
        Asked::Compare { file, csv } => compare::run(&service, &file, csv),
        Asked::Notifications { since, acknowledge } => {
            notifications::run(&service, since.as_deref(), acknowledge)
        }
    }
}
