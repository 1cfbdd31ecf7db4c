//! Every setting: its name, what it means, and its default. Each is read from a TOML file and, over
//! it, from the environment; whatever is wrong stops the start with one line that names the setting
//! and never its value. The same table for operators is `docs/settings.md`, held to this by a test.

mod audit;
mod budgets;
mod callers;
mod database_url;
#[cfg(test)]
mod documented;
mod error;
mod key_sets;
pub mod matching;
mod mesh;
mod metrics;
mod needed;
mod reading;
mod refusals;
mod sealing;
mod sending;
#[cfg(test)]
mod tests;
mod transport;
mod values;

use std::env;
use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use zeroize::Zeroizing;

pub use self::audit::AuditSettings;
pub use self::budgets::BudgetSettings;
pub use self::callers::CallerSettings;
pub use self::database_url::DatabaseUrl;
pub use self::error::SettingsError;
pub use self::key_sets::KeySetSettings;
use self::matching::MatchingSettings;
pub use self::mesh::{MeshSettings, MeshUrl};
pub use self::metrics::MetricsSettings;
use self::reading::{stated, states_a_secret};
pub use self::refusals::RefusalSettings;
pub use self::sealing::SealingSettings;
pub use self::sending::SendingSettings;
pub use self::transport::{ClientCertificates, PemKey, TransportSettings};
pub use self::values::{BrowserOrigins, LogFilter, PublicUrl};
use crate::secrets::file::{self, Readers};

/// The environment variable that names the settings' file, where the command line does not.
pub const SETTINGS_FILE_VARIABLE: &str = "CPIS_SETTINGS";

/// The settings of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address and port to listen on. Loopback unless told otherwise, so that nothing is served
    /// to a network by accident.
    pub listen: SocketAddr,
    /// The service's base as callers know it: what links in answers begin with.
    pub public_url: PublicUrl,
    /// The origins whose pages may ask from a browser, each exactly, with commas between; none by
    /// default.
    pub browser_origins: BrowserOrigins,
    /// The database of the query side. No default: `serve` needs it.
    pub database_url: Option<DatabaseUrl>,
    /// The database under the intake's and upkeep's roles; `database_url` where it is not set.
    pub intake_database_url: Option<DatabaseUrl>,
    /// The database under the notifier's role; `database_url` where it is not set.
    pub notifier_database_url: Option<DatabaseUrl>,
    /// The database under the owner's role, for `migrate`; `database_url` where it is not set.
    pub owner_database_url: Option<DatabaseUrl>,
    /// Connections of the query side, per process, 1 to 1000: two for each core of a database of 8.
    pub database_connections: u32,
    /// Connections of the intake, per process, 1 to 1000: uploads must not crowd out searches, and
    /// as many files as are read at once must leave some to requests about single plans.
    pub intake_connections: u32,
    /// Connections of the notifier, per process, 1 to 1000: for what authorities pull, and for what
    /// is sent.
    pub notifier_connections: u32,
    /// The longest wait for a connection, in milliseconds, 1 to 60,000: after it, a 503.
    pub database_wait_ms: u64,
    /// The longest time for a request, in milliseconds, 1 to 600,000: after it, a 503. A clinician
    /// waits no longer.
    pub request_deadline_ms: u64,
    /// What a token's `iss` must be. No default: `serve` needs it.
    pub token_issuer: Option<String>,
    /// What a token's `aud` must hold. No default: `serve` needs it.
    pub token_audience: Option<String>,
    /// The file of the issuer's public keys, a JWKS. No default: `serve` needs it.
    pub token_keys_file: Option<PathBuf>,
    /// The file of the private key that our own token service signs with, in PEM. Without one there
    /// is no such service.
    pub token_service_key_file: Option<PathBuf>,
    /// The file of the public keys that were, or will be, in its place, a JWKS.
    pub token_service_other_keys_file: Option<PathBuf>,
    /// The file of the key that page links are made with: 32 bytes in base64. Without one, a key is
    /// made at the start, and page links end with the process.
    pub page_key_file: Option<PathBuf>,
    /// Days that a child protection plan or looked after status is shown after its end, 0 to 3650.
    pub window_after_end_days: u16,
    /// Days that an unborn child's plan is shown after the due date, 0 to 365.
    pub window_after_due_date_days: u16,
    /// Hours in which an authority is told once of one author's accesses to a child, 0 to 8760.
    pub notification_period_hours: u16,
    /// Hours in which the history shows one author's accesses to a child once, 0 to 8760.
    pub history_period_hours: u16,
    /// Accesses that a child's history shows, 1 to 100.
    pub history_length: u8,
    /// Whether the history shows accesses from scheduled care.
    pub history_includes_scheduled: bool,
    /// The longest upload, in bytes, 1 to 1,073,741,824: twice the largest file of 100,000 rows.
    pub upload_bytes_max: usize,
    /// The most records of an upload, 1 to 10,000,000: twice the largest authority's.
    pub upload_records_max: usize,
    /// How many files are read at once, 1 to 64: each may be as long as an upload can be.
    pub uploads_at_once: u8,
    /// The most of an authority's current plans that one upload ends or withdraws unconfirmed, in
    /// percent, 0 to 100: at 100 no file is held.
    pub upload_ending_percent_max: u8,
    /// The fewest ending plans for which an upload is held, 1 to 1000: one may be all there are.
    pub upload_ending_plans_min: u16,
    /// The most entries of a page, 1 to 1000.
    pub page_size_max: u16,
    /// Minutes that a page link can be followed, 1 to 1440.
    pub page_lifetime_minutes: u16,
    /// How what is told is put on record.
    pub audit: AuditSettings,
    /// What is looked at within an hour.
    pub budgets: BudgetSettings,
    /// Who may ask, of those for whom the outside issuer vouches.
    pub callers: CallerSettings,
    /// How public keys are had from URLs.
    pub key_sets: KeySetSettings,
    /// What is kept of refusals.
    pub refusals: RefusalSettings,
    /// What uploads are matched against.
    pub matching: MatchingSettings,
    /// How what is owed to local authorities is sent.
    pub sending: SendingSettings,
    /// The way to local authorities' mailboxes; each name of these begins with `mesh_`.
    pub mesh: MeshSettings,
    /// How the access history is sealed.
    pub sealing: SealingSettings,
    /// The line to callers.
    pub transport: TransportSettings,
    /// What is told to the operator's monitoring, and where.
    pub metrics: MetricsSettings,
    /// Threads that answer requests, 1 to 1024; as many as the machine has cores.
    pub workers: usize,
    /// Which log lines are written, such as `info` or `warn,cpis_fhir=debug`.
    pub log_filter: LogFilter,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: PublicUrl::default(),
            browser_origins: BrowserOrigins::default(),
            database_url: None,
            intake_database_url: None,
            notifier_database_url: None,
            owner_database_url: None,
            database_connections: 16,
            intake_connections: 6,
            notifier_connections: 4,
            database_wait_ms: 2000,
            request_deadline_ms: 5000,
            token_issuer: None,
            token_audience: None,
            token_keys_file: None,
            token_service_key_file: None,
            token_service_other_keys_file: None,
            page_key_file: None,
            window_after_end_days: 364,
            window_after_due_date_days: 28,
            notification_period_hours: 24,
            history_period_hours: 24,
            history_length: 25,
            history_includes_scheduled: true,
            upload_bytes_max: 32 * 1024 * 1024,
            upload_records_max: 100_000,
            uploads_at_once: 4,
            upload_ending_percent_max: 20,
            upload_ending_plans_min: 10,
            page_size_max: 50,
            page_lifetime_minutes: 15,
            audit: AuditSettings::default(),
            budgets: BudgetSettings::default(),
            callers: CallerSettings::default(),
            key_sets: KeySetSettings::default(),
            refusals: RefusalSettings::default(),
            matching: MatchingSettings::default(),
            sending: SendingSettings::default(),
            mesh: MeshSettings::default(),
            sealing: SealingSettings::default(),
            transport: TransportSettings::default(),
            metrics: MetricsSettings::default(),
            // Where the system will not say, one: slow is seen, and too many is not.
            workers: available_parallelism().map_or(1, usize::from),
            log_filter: LogFilter::default(),
        }
    }
}

impl Settings {
    /// Reads the settings from `file`, else from the file that `CPIS_SETTINGS` names, and over it
    /// from the environment.
    ///
    /// # Errors
    /// The file cannot be read, others than its owner may read the secret in it, or the first
    /// setting that is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let named = env::var_os(SETTINGS_FILE_VARIABLE).map(PathBuf::from);
        let toml = match file.or(named.as_deref()) {
            None => Zeroizing::default(),
            Some(path) => of_file(path).map_err(|cause| SettingsError::FileUnreadable {
                path: path.to_owned(),
                cause,
            })?,
        };
        Self::read(&toml, env::vars_os())
    }

    /// Reads the settings from the TOML of a file, and over it from an environment.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn read(
        toml: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SettingsError> {
        let mut stated = stated(toml, environment)?;
        let settings = stated.over(Self::default())?;
        stated.nothing_left()?;
        Ok(settings)
    }
}

/// What a file of settings says, where nobody but its owner may read a secret in it.
fn of_file(path: &Path) -> io::Result<Zeroizing<String>> {
    let (bytes, readers) = file::read_of_anybody(path)?;
    let toml = file::text(&bytes)?;
    match readers {
        Readers::Others if states_a_secret(&toml) => Err(file::open_to_others()),
        _ => Ok(toml),
    }
}
