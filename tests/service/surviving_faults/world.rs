//! Everything that can break: the server as a process, its database, and what is between them; and
//! what was told meanwhile.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::audit_key::AUDIT_KEY_FILE;
use cpis_fhir::sandbox::issuer::Issuer;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::sealing::note::NoteKey;
use cpis_fhir::store::provision::{OWNER, SERVER};
use tempfile::TempDir;
use uuid::Uuid;

use super::disks::Disks;
use super::proxy::{Passing, Proxy};
use super::stepping::Stepping;
use crate::support::{
    OwnCluster, ServedProgram, errors, nhs_numbers, program, wait_until, words, write_private,
};

/// Children whom the run knows; the last of them never have a plan.
const CHILDREN: usize = 400;
const NEVER_TOLD: usize = 40;

/// How long a process of the service waits for a connection, and works on a request.
pub const DATABASE_WAIT_MS: u64 = 500;
pub const REQUEST_DEADLINE_MS: u64 = 1500;

/// The key that checkpoints are signed with, in the folder of the keys, and its name.
const SEALING_KEY_FILE: &str = "sealing.pem";
const ORIGIN: &str = "cpis.example/faults";

/// Looks for the database, a tenth of a second each, before it is started by hand.
const LOOKS_MAX: usize = 20;

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

/// What a caller was told.
pub struct Told {
    /// The request's id.
    pub id: Uuid,
    /// The status.
    pub status: u16,
    /// The body, to the byte.
    pub body: String,
}

/// The server as a process that can be started anew.
pub struct Server {
    child: Child,
    start: Box<dyn Fn() -> Command + Send>,
}

impl Server {
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

/// All of it.
pub struct World {
    /// The process of the service whose clock steps.
    pub stepping: Stepping,
    /// The disks.
    pub disks: Disks,
    /// The database.
    pub own: OwnCluster,
    /// What is between it and the server.
    pub proxy: Proxy,
    /// The base URL.
    pub base: String,
    /// The children, by NHS number.
    pub children: Vec<String>,
    /// How many of them, from the first, are known to have a plan.
    pub told_children: AtomicUsize,
    /// How many files were acknowledged.
    pub acknowledged: AtomicUsize,
    /// Everything a caller was told of a child.
    pub told: Mutex<Vec<Told>>,
    /// How many answers that is.
    pub answers: AtomicUsize,
    /// How often a child with a plan was said to have none.
    pub denied: AtomicUsize,
    /// How often a request had to be sent again.
    pub sent_again: AtomicUsize,
    /// Whether the run is over.
    pub over: AtomicBool,
    server: Mutex<Server>,
    issuer: Issuer,
    folder: TempDir,
}

impl World {
    /// A world in which nothing is broken yet, with room for so many answers.
    pub fn new(answers: usize) -> Self {
        let own = OwnCluster::durable();
        let folder = tempfile::tempdir().unwrap();
        let disks = Disks::under(&own, folder.path(), answers);
        let sealing_key = NoteKey::generate().unwrap();
        write_private(folder.path().join(SEALING_KEY_FILE), sealing_key);
        let sockets = own.text("select current_setting('unix_socket_directories')");
        let proxy = Proxy::between(folder.path(), &PathBuf::from(sockets.trim_matches('"')));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let address = free.unwrap().to_string();
        let start = starting(&folder, &address, &disks);
        let child = start().spawn().unwrap();
        let stepping = Stepping::beside(&own, folder.path(), &database_url(folder.path()));
        let world = Self {
            stepping,
            disks,
            base: format!("http://{address}/FHIR/R4"),
            children: nhs_numbers().take(CHILDREN).collect(),
            told_children: AtomicUsize::new(0),
            acknowledged: AtomicUsize::new(0),
            told: Mutex::default(),
            answers: AtomicUsize::new(0),
            denied: AtomicUsize::new(0),
            sent_again: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            server: Mutex::new(Server {
                child,
                start: Box::new(start),
            }),
            issuer: Issuer::open(folder.path()).unwrap(),
            own,
            proxy,
            folder,
        };
        world.wait_for_server();
        world
    }

    /// The server.
    pub fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    /// The folder of the keys.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A token, good for an hour.
    pub fn token(&self, role: SandboxRole) -> String {
        let (now, lifetime) = (SystemClock.now(), TimeDelta::hours(1));
        let token = self.issuer.token(role, Algorithm::Es256, now, lifetime);
        token.unwrap()
    }

    /// How many children may ever have a plan.
    pub fn tellable(&self) -> usize {
        self.children.len() - NEVER_TOLD
    }

    /// Waits until the server takes requests.
    pub fn wait_for_server(&self) {
        let ping = self.base.replace("/FHIR/R4", "/_ping");
        wait_until(|| ureq::get(&ping).call().is_ok());
    }

    /// Waits until so many more answers are there.
    pub fn wait_for_answers(&self, more: usize) {
        let answered = || self.answers.load(Ordering::SeqCst);
        let before = answered();
        wait_until(|| answered() >= before + more);
    }

    /// Starts the database where it does not come back by itself.
    pub fn recover_database(&self) {
        let comes_back = (0..LOOKS_MAX).any(|_| {
            thread::sleep(Duration::from_millis(100));
            self.own.as_superuser("select 1").is_ok()
        });
        if !comes_back {
            self.own.cluster().restart().unwrap();
        }
    }

    /// What is wrong with the sealed access history, in the words of the command that verifies it;
    /// none where all of it is sealed and good.
    pub fn wrong_with_the_seals(&self) -> Option<String> {
        wait_until(|| self.own.number(UNSEALED) == 0);
        let path = |name: &str| self.folder.path().join(name);
        let verify = program(&["audit", "verify"])
            .env("OWNER_DATABASE_URL", self.own.url(OWNER))
            .env("CPIS_SEALING_KEY_FILE", path(SEALING_KEY_FILE))
            .env("CPIS_SEALING_ORIGIN", ORIGIN)
            .env(
                "CPIS_SEALING_CHECKPOINTS_FILE",
                self.disks.checkpoints_file(),
            )
            .env("CPIS_AUDIT_KEY_FILE", path(AUDIT_KEY_FILE))
            .output()
            .unwrap();
        let is_good = verify.status.success();
        (!is_good).then(|| format!("{} {}", words(&verify), errors(&verify)))
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Holds up what is said to the database for a time.
    pub fn held_up(&self, passing: Passing, lasts: Duration) {
        self.proxy.pass(passing);
        thread::sleep(lasts);
        self.proxy.pass(Passing::Whole);
    }
}

/// Rows that are not sealed yet.
const UNSEALED: &str = "select (select count(*) from accesses) + \
    (select count(*) from access_answers) + (select count(*) from security_log) - \
    (select count(*) from sealed_rows)";

/// Where the database is, by the proxy.
fn database_url(folder: &Path) -> String {
    let escaped = folder.to_string_lossy().replace('/', "%2F");
    format!("postgresql://{SERVER}@{escaped}:5432/cpis")
}

/// How the server is started: with a database that it reaches by the proxy alone.
fn starting(folder: &TempDir, address: &str, disks: &Disks) -> impl Fn() -> Command + Send + use<> {
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
