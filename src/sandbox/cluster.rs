//! A private PostgreSQL cluster in a folder of its own, run as our child and reached over a unix
//! socket only: what `make run` and the tests use where production has a `DATABASE_URL`.
//! How PostgreSQL starts and stops: <https://www.postgresql.org/docs/15/app-postgres.html>.

mod account;
mod folders;
mod postmaster;
mod programs;

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use account::Account;
use folders::Folders;
use postmaster::Postmaster;
use programs::Programs;

/// The port in the socket's name, and in every URL: libpq would take another from `PGPORT`.
const PORT: u16 = 5432;

/// The user that owns the cluster; the socket's folder, not a password, keeps others out.
const SUPERUSER: &str = "postgres";

/// What a commit in the cluster survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: PostgreSQL's own defaults.
    Durable,
    /// Nothing but a clean stop: for tests, which throw the cluster away.
    Throwaway,
}

/// Why a cluster could not be started or kept.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No `initdb` and `postgres` of a version that will do.
    #[error("PostgreSQL {wanted} is not installed: run scripts/install-system-packages")]
    NotInstalled {
        /// The version that was looked for, in words.
        wanted: String,
    },
    /// Root, and no account to run PostgreSQL as.
    #[error("PostgreSQL refuses to run as root, and there is no account postgres or nobody")]
    NoAccount,
    /// Another process of ours runs the cluster in this folder.
    #[error("another cpis-fhir runs in {}: stop it, or name another folder", .0.display())]
    InUse(PathBuf),
    /// A folder with a name anybody could guess belongs to somebody else.
    #[error("{} belongs to another account: remove it", .0.display())]
    NotOurs(PathBuf),
    /// A program that we need failed.
    #[error("{program} failed: {said}")]
    Program {
        /// The program's name.
        program: String,
        /// What it printed.
        said: String,
    },
    /// PostgreSQL ended, or was not ready in time.
    #[error("PostgreSQL did not start; its log ends: {0}")]
    NotStarted(String),
    /// A folder or a file could not be made, read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
}

/// A running PostgreSQL cluster, stopped when dropped.
#[derive(Debug)]
pub struct Cluster {
    durability: Durability,
    programs: Programs,
    account: Account,
    folders: Folders,
    postmaster: Option<Postmaster>,
    /// Held while we run, so that a second start does not stop a cluster that is in use.
    _lock: File,
}

impl Cluster {
    /// Starts the cluster kept in `folder`, making it on first use, and returns once it accepts
    /// connections. A cluster left running there by a killed run is stopped first. Where the
    /// account that runs PostgreSQL cannot reach `folder`, another is used: see [`Self::folder`].
    ///
    /// # Errors
    /// [`ClusterError`], when PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path, durability: Durability) -> Result<Self, ClusterError> {
        let account = Account::for_cluster(&folders::data_in(folder))?;
        let folders = Folders::prepare(folder, &account)?;
        let lock = folders.lock()?;
        let programs = Programs::find(folders.version())?;
        let mut cluster = Self {
            durability,
            programs,
            account,
            folders,
            postmaster: None,
            _lock: lock,
        };
        cluster.clear_leftovers()?;
        cluster.initialise()?;
        cluster.folders.set_aside_log()?;
        cluster.restart()?;
        Ok(cluster)
    }

    /// Stops the cluster if it runs, and starts it again on the same data.
    ///
    /// # Errors
    /// [`ClusterError`], when PostgreSQL does not start.
    pub fn restart(&mut self) -> Result<(), ClusterError> {
        self.stop();
        let mut command = self.account.command(&self.programs.path("postgres"));
        command.args(self.arguments());
        self.postmaster = Some(Postmaster::start(command, &self.folders)?);
        Ok(())
    }

    /// Stops the cluster: open transactions are rolled back, everything committed is kept.
    pub fn stop(&mut self) {
        if let Some(postmaster) = self.postmaster.take() {
            postmaster.stop();
        }
    }

    /// Ends every server process at once, as a crash would; [`Self::restart`] recovers.
    pub fn kill(&mut self) {
        if let Some(postmaster) = self.postmaster.take() {
            postmaster.kill();
        }
    }

    /// Freezes every server process: connections stay open and nothing answers.
    ///
    /// # Errors
    /// [`ClusterError::Program`], when a process could not be signalled.
    pub fn pause(&self) -> Result<(), ClusterError> {
        self.postmaster.as_ref().map_or(Ok(()), Postmaster::pause)
    }

    /// Lets the frozen server processes go on.
    ///
    /// # Errors
    /// [`ClusterError::Program`], when a process could not be signalled.
    pub fn resume(&self) -> Result<(), ClusterError> {
        self.postmaster.as_ref().map_or(Ok(()), Postmaster::resume)
    }

    /// A libpq URL to `database` as `user`.
    #[must_use]
    pub fn url(&self, user: &str, database: &str) -> String {
        let socket = percent_encoded(self.folders.socket.as_os_str().as_bytes());
        let user = percent_encoded(user.as_bytes());
        let database = percent_encoded(database.as_bytes());
        format!("postgresql://{user}@{socket}:{PORT}/{database}")
    }

    /// The user who may do everything in this cluster.
    #[must_use]
    pub fn superuser(&self) -> &'static str {
        SUPERUSER
    }

    /// Where the cluster really is: the folder asked for, or the one taken in its place.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folders.root
    }

    /// What PostgreSQL has said since [`Self::start`].
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.folders.log
    }

    /// Stops what a killed run left running on this data: nobody else can, as we hold the lock.
    fn clear_leftovers(&self) -> Result<(), ClusterError> {
        if !postmaster::left_running(&self.folders)? {
            return Ok(());
        }
        let mut stop = self.account.command(&self.programs.path("pg_ctl"));
        stop.arg("-D")
            .arg(&self.folders.data)
            .args(["-m", "fast", "-w", "-t", "60", "stop"]);
        programs::output(stop)?;
        Ok(())
    }

    /// Makes the data folder once; beside its place first, so that half of one is never taken up.
    fn initialise(&self) -> Result<(), ClusterError> {
        if self.folders.data.exists() {
            return Ok(());
        }
        let unfinished = self.folders.unfinished_data()?;
        let mut initdb = self.account.command(&self.programs.path("initdb"));
        initdb.arg("-D").arg(&unfinished);
        initdb.args([
            "--auth=trust",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        initdb.arg(format!("--username={SUPERUSER}"));
        if self.durability == Durability::Throwaway {
            initdb.arg("--no-sync");
        }
        programs::output(initdb)?;
        self.folders.finish_data(&unfinished)
    }

    /// The settings that hold whatever a configuration file in the data folder says. None of the
    /// logged lines may carry a statement, its parameters, or the row that an error was about.
    fn arguments(&self) -> Vec<OsString> {
        let durable = match self.durability {
            Durability::Durable => "on",
            Durability::Throwaway => "off",
        };
        let settings = [
            format!("fsync={durable}"),
            format!("full_page_writes={durable}"),
            format!("port={PORT}"),
        ];
        let fixed = [
            "synchronous_commit=on",
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=200",
            "shared_buffers=128MB",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_destination=stderr",
            "logging_collector=off",
            "log_error_verbosity=terse",
            "log_statement=none",
            "log_min_duration_statement=-1",
            "log_min_error_statement=panic",
            "log_parameter_max_length=0",
            "log_parameter_max_length_on_error=0",
        ];
        let mut arguments = vec!["-D".into(), self.folders.data.clone().into_os_string()];
        arguments.extend(["-c".into(), self.folders.socket_setting()]);
        for setting in settings.iter().map(String::as_str).chain(fixed) {
            arguments.extend(["-c".into(), setting.into()]);
        }
        arguments
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `bytes` with all but the characters that mean themselves in any part of a URL written `%XX`.
fn percent_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
