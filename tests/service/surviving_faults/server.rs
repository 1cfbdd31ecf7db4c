//! The server as a process, and how it is started.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};

use cpis_fhir::store::provision::SERVER;
use tempfile::TempDir;

use super::disks::Disks;
use crate::support::{ServedProgram, program};

/// How long a process of the service waits for a connection, and works on a request.
pub const DATABASE_WAIT_MS: u64 = 500;
pub const REQUEST_DEADLINE_MS: u64 = 1500;

/// The key that checkpoints are signed with, in the folder of the keys, and its name.
pub const SEALING_KEY_FILE: &str = "sealing.pem";
pub const ORIGIN: &str = "cpis.example/faults";

/// The budgets, which stand as wide as they can: one person asks everything here.
const BUDGETS: [&str; 7] = [
    "CPIS_PERSON_CHILDREN_MAX",
    "CPIS_PERSON_MISSES_MAX",
    "CPIS_ORGANISATION_CHILDREN_MAX",
    "CPIS_ORGANISATION_MISSES_MAX",
    "CPIS_CLIENT_CHILDREN_MAX",
    "CPIS_CLIENT_MISSES_MAX",
    "CPIS_PERSON_ROW_MAX",
];

/// The server as a process that can be started anew.
pub struct Server {
    child: Child,
    start: Box<dyn Fn() -> Command + Send>,
}

impl Server {
    /// Starts it.
    pub fn start(start: impl Fn() -> Command + Send + 'static) -> Self {
        Self {
            child: start().spawn().unwrap(),
            start: Box::new(start),
        }
    }

    /// Kills it, and starts it again at the same address.
    pub fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = (self.start)().spawn().unwrap();
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        kill.args(["-s", name, &self.child.id().to_string()]);
        assert!(kill.status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Where the database is, by the proxy.
pub fn database_url(folder: &Path) -> String {
    let escaped = folder.to_string_lossy().replace('/', "%2F");
    format!("postgresql://{SERVER}@{escaped}:5432/cpis")
}

/// How the server is started: with a database that it reaches by the proxy alone.
pub fn starting(
    folder: &TempDir,
    address: &str,
    disks: &Disks,
) -> impl Fn() -> Command + Send + use<> {
    let (folder, address) = (folder.path().to_owned(), address.to_owned());
    let (log, checkpoints) = (disks.log_file(), disks.checkpoints_file());
    move || {
        let log = File::options().create(true).append(true).open(&log);
        let log = log.unwrap();
        let mut serve = ServedProgram::with_its_settings(program(&["serve"]), &folder);
        serve
            .env("CPIS_LISTEN", &address)
            .env("CPIS_PUBLIC_URL", format!("http://{address}/FHIR/R4"))
            .env("DATABASE_URL", database_url(&folder))
            .env("CPIS_DURABILITY", "single")
            .env("CPIS_DATABASE_WAIT_MS", DATABASE_WAIT_MS.to_string())
            .env("CPIS_REQUEST_DEADLINE_MS", REQUEST_DEADLINE_MS.to_string())
            .env("CPIS_SEALING_KEY_FILE", folder.join(SEALING_KEY_FILE))
            .env("CPIS_SEALING_ORIGIN", ORIGIN)
            .env("CPIS_SEALING_CHECKPOINTS_FILE", &checkpoints)
            .env("CPIS_SEALING_SECONDS", "1")
            .envs(BUDGETS.map(|name| (name, "10000000")))
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        serve
    }
}
