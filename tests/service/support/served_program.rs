//! The program serving, as a process of its own: what it does to the memory is its own doing.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Stdio};

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::{OWNER, SERVER};
use cpis_fhir::store::registration::register;
use tempfile::TempDir;

use super::clock::wait_until;
use super::database::{cluster, new_database};
use super::program::program;
use super::register::registration;

/// A running program; killed when dropped.
pub struct ServedProgram {
    child: Child,
    /// Where it listens.
    pub address: String,
    issuer: Issuer,
    _folder: TempDir,
}

impl ServedProgram {
    /// Starts it on a database of its own, with its default limits.
    pub fn start() -> Self {
        let database = new_database();
        let url = |user| cluster().url(user, &database);
        register(&url(OWNER), &registration(SystemClock.now())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(folder.path()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let address = free.unwrap().to_string();
        let child = program(&["serve"])
            .env("CPIS_LISTEN", &address)
            .env("CPIS_PUBLIC_URL", format!("http://{address}/FHIR/R4"))
            .env("DATABASE_URL", url(SERVER))
            .env("CPIS_TOKEN_ISSUER", issuer.issuer())
            .env("CPIS_TOKEN_AUDIENCE", issuer.audience())
            .env("CPIS_TOKEN_KEYS_FILE", folder.path().join(KEY_SET_FILE))
            .env("CPIS_REQUEST_DEADLINE_MS", "60000")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ping = format!("http://{address}/_ping");
        wait_until(|| ureq::get(&ping).call().is_ok());
        Self {
            child,
            address,
            issuer,
            _folder: folder,
        }
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
    }
}
