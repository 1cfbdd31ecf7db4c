//! `notifications`: what could not be delivered, for the operator; nothing of any child.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use uuid::Uuid;

use crate::commands::Failure;
use crate::commands::telling::line;
use crate::domain::ods_code::OdsCode;
use crate::settings::Settings;
use crate::store::backlog;
use crate::store::operator::Operator;

/// What to do about notifications that were given up.
#[derive(Debug, Subcommand)]
pub enum NotificationsCommand {
    /// Count what is owed, say to whom since when, and list what was given up.
    List {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Send what was given up again, each under its own id.
    Resend {
        /// Only this one.
        #[arg(long)]
        id: Option<Uuid>,
        /// Only those of the authority of this ODS code.
        #[arg(long)]
        authority: Option<String>,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
}

/// Lists or sends again, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a value is wrong or the database cannot be reached as its owner.
pub fn run(command: NotificationsCommand) -> Result<ExitCode, Failure> {
    match command {
        NotificationsCommand::List { settings } => {
            let mut operator = connect(settings)?;
            let owed = operator.run(backlog::backlog)?;
            line(format_args!(
                "owed {} given-up {}",
                owed.owed, owed.given_up
            ))?;
            for one in operator.run(backlog::owed_since)? {
                let since = one.queued_at.to_rfc3339();
                line(format_args!("{} owed since {since}", one.authority))?;
            }
            for one in operator.run(backlog::given_up)? {
                line(format_args!(
                    "{} {} queued {} given-up {} attempts {} {}",
                    one.id,
                    one.authority,
                    one.queued_at.to_rfc3339(),
                    one.failed_at.to_rfc3339(),
                    one.attempts,
                    one.last_error.as_deref().unwrap_or("unknown")
                ))?;
            }
        }
        NotificationsCommand::Resend {
            id,
            authority,
            settings,
        } => {
            let authority = authority.map(|code| OdsCode::parse(&code)).transpose()?;
            let code = authority.as_ref().map(OdsCode::as_str);
            let mut operator = connect(settings)?;
            let resent = operator.run(|postgres| backlog::owe_again(postgres, id, code))?;
            line(format_args!("{resent} will be sent again"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn connect(settings: Option<PathBuf>) -> Result<Operator, Failure> {
    let settings = Settings::load(settings.as_deref())?;
    Ok(Operator::connect(settings.owner_database_url()?.expose())?)
}
