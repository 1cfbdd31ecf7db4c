//! The commands of the one program: for operators, for local authorities, and for newcomers.

mod alert_reports;
mod asking;
mod audit;
mod authority;
mod channel;
mod client;
mod findings;
mod health;
mod held_uploads;
mod job_role;
mod migrate;
mod notifications;
mod organisation;
mod refusals;
mod retirement;
mod sandbox;
mod serve;
pub mod telling;
mod token;
#[cfg(test)]
mod whose;
mod witness;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::asking::Asking;
use crate::commands::audit::AuditCommand;
use crate::commands::channel::ChannelCommand;
use crate::commands::client::ClientCommand;
use crate::commands::findings::FindingsCommand;
use crate::commands::job_role::JobRoleCommand;
use crate::commands::notifications::NotificationsCommand;
use crate::commands::organisation::OrganisationCommand;
use crate::commands::refusals::RefusalsCommand;
use crate::sandbox::role::SandboxRole;

/// What went wrong, in one line.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Child Protection - Information Sharing as a FHIR R4 server.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve, on the database that DATABASE_URL names.
    Serve {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Serve made-up children from a private database: what `make run` does.
    Sandbox {
        /// Where the sandbox keeps its database and keys.
        #[arg(long, value_name = "FOLDER", default_value = "data")]
        data: PathBuf,
        /// The port to listen on, on loopback; 0 takes a free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Bring the database to this program's schema, as its owner.
    Migrate {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Verify the sealed access history, or prove that an access is in it.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE", global = true)]
        settings: Option<PathBuf>,
    },
    /// Say how a local authority is told.
    Channel {
        #[command(subcommand)]
        command: ChannelCommand,
    },
    /// List or close findings: uses of the service that may be browsing.
    Findings {
        #[command(subcommand)]
        command: FindingsCommand,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE", global = true)]
        settings: Option<PathBuf>,
    },
    /// Say which software may ask.
    Client {
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Say which organisations may look.
    Organisation {
        #[command(subcommand)]
        command: OrganisationCommand,
    },
    /// Say what each job role may do, where a gateway names the role alone.
    JobRole {
        #[command(subcommand)]
        command: JobRoleCommand,
    },
    /// Look after notifications that could not be delivered.
    Notifications {
        #[command(subcommand)]
        command: NotificationsCommand,
    },
    /// List or count refusals: who was refused what, and why.
    Refusals {
        #[command(subcommand)]
        command: RefusalsCommand,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE", global = true)]
        settings: Option<PathBuf>,
    },
    /// Print a token of the sandbox's issuer, good for an hour.
    Token {
        /// Whom it speaks for.
        role: SandboxRole,
        /// Where the sandbox keeps its keys.
        #[arg(long, value_name = "FOLDER", default_value = "data")]
        data: PathBuf,
        /// The algorithm it is signed with: RS512, PS256 or ES256.
        #[arg(long, default_value = "ES256")]
        algorithm: String,
        /// An id token instead, issued to this client, which may exchange it for a token.
        #[arg(long, value_name = "CLIENT")]
        issued_to: Option<String>,
    },
    /// What a local authority's IT team does: send files, and see what became of them.
    Authority(authority::Authority),
    /// List or confirm the files and requests that are held because they would end too many plans.
    HeldUploads {
        #[command(subcommand)]
        asked: held_uploads::HeldUploads,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE", global = true)]
        settings: Option<PathBuf>,
    },
    /// List the reports of alerts that nobody has closed yet, the oldest first.
    AlertReports {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Ask a service whether it can do its work.
    Health {
        /// The service's root URL.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        #[command(flatten)]
        asking: Asking,
    },
}

/// Runs a command.
///
/// # Errors
/// [`Failure`] with one line that says what is wrong and what would be right.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Serve { settings } => serve::run(settings.as_deref()),
        Command::Sandbox { data, port } => sandbox::run(&data, port),
        Command::Migrate { settings } => migrate::run(settings.as_deref()),
        Command::Audit { command, settings } => audit::run(command, settings.as_deref()),
        Command::Channel { command } => channel::run(command),
        Command::Findings { command, settings } => findings::run(command, settings.as_deref()),
        Command::Refusals { command, settings } => refusals::run(command, settings.as_deref()),
        Command::Client { command } => client::run(command),
        Command::Organisation { command } => organisation::run(command),
        Command::JobRole { command } => job_role::run(command),
        Command::Notifications { command } => notifications::run(command),
        Command::Token {
            role,
            data,
            algorithm,
            issued_to,
        } => token::run(role, &data, &algorithm, issued_to.as_deref()),
        Command::Authority(asked) => authority::run(asked),
        Command::HeldUploads { asked, settings } => held_uploads::run(asked, settings.as_deref()),
        Command::AlertReports { settings } => alert_reports::run(settings.as_deref()),
        Command::Health { url, asking } => health::run(&url, &asking),
    }
}
