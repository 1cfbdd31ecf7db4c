//! The program serving, as a process of its own: what it does to the memory is its own doing.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::audit_key::audit_key;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::{OWNER, SERVER};
use tempfile::TempDir;

use super::clock::wait_until;
use super::database::{cluster, new_database};
use super::logs::assert_line_says_nothing_of_children;
use super::program::program;
use super::register::register_all;

/// The file of its log, in its folder.
const LOG_FILE: &str = "log";

/// A running program; killed when dropped.
pub struct ServedProgram {
    child: Child,
    /// Where it listens.
    pub address: String,
    issuer: Issuer,
    folder: TempDir,
}

impl ServedProgram {
    /// Starts it on a database of its own, with its default limits.
    pub fn start() -> Self {
        Self::start_under_tls(&[])
    }

    /// The same, with more settings in its environment, such as those of TLS.
    pub fn start_under_tls(variables: &[(&str, OsString)]) -> Self {
        let database = new_database();
        register_all(&cluster().url(OWNER, &database), SystemClock.now());
        Self::start_on(&database, variables)
    }

    /// The same, on a database that is there.
    pub fn start_on(database: &str, variables: &[(&str, OsString)]) -> Self {
        let url = |user| cluster().url(user, database);
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let address = free.unwrap().to_string();
        let log = File::create(folder.path().join(LOG_FILE)).unwrap();
        let child = Self::with_its_settings(program(&["serve"]), folder.path())
            .env("CPIS_LISTEN", &address)
            .env("CPIS_PUBLIC_URL", format!("http://{address}/FHIR/R4"))
            .env("DATABASE_URL", url(SERVER))
            .env("CPIS_REQUEST_DEADLINE_MS", "60000")
            .envs(variables.iter().cloned())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| TcpStream::connect(&address).is_ok());
        Self {
            child,
            address,
            issuer,
            folder,
        }
    }

    /// The settings that serving takes, the issuer's keys in a folder.
    pub fn with_its_settings(mut program: Command, folder: &Path) -> Command {
        let issuer = Issuer::open(folder).unwrap();
        program
            .env("DATABASE_URL", "postgres://a@127.0.0.1:1/c")
            .env("CPIS_TOKEN_ISSUER", issuer.issuer())
            .env("CPIS_TOKEN_AUDIENCE", issuer.audience())
            .env("CPIS_TOKEN_KEYS_FILE", folder.join(KEY_SET_FILE))
            .env("CPIS_AUDIT_KEY_FILE", audit_key(folder).unwrap())
            .env("CPIS_DURABILITY", "managed");
        program
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        kill.args(["-s", name, &self.child.id().to_string()]);
        assert!(kill.status().unwrap().success());
    }

    /// All that it has logged.
    pub fn logged(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG_FILE)).unwrap()
    }

    /// How often it has logged these words.
    pub fn told(&self, words: &str) -> usize {
        self.logged().matches(words).count()
    }

    /// A token for one of the sandbox's people or systems.
    pub fn token(&self, role: SandboxRole) -> String {
        let lifetime = TimeDelta::hours(1);
        self.issuer
            .token(role, Algorithm::Es256, SystemClock.now(), lifetime)
            .unwrap()
    }

    /// The most memory that it ever had resident, in mebibytes.
    pub fn memory_max(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
        kibibytes.parse::<u64>().unwrap() / 1024
    }
}

impl Drop for ServedProgram {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
        if !thread::panicking() {
            for line in self.logged().lines() {
                assert_line_says_nothing_of_children("a program's", line);
            }
        }
    }
}
