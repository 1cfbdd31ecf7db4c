//! Everything that can break: the server as a process, its database, and what is between them; and
//! what was told meanwhile.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::issuer::Issuer;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::provision::SERVER;
use tempfile::TempDir;
use uuid::Uuid;

use super::proxy::{Passing, Proxy};
use crate::support::{OwnCluster, ServedProgram, nhs_numbers, program, wait_until};

/// Children whom the run knows; the last of them never have a plan.
const CHILDREN: usize = 400;
const NEVER_TOLD: usize = 40;

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
    /// A world in which nothing is broken yet.
    pub fn new() -> Self {
        let own = OwnCluster::durable();
        let folder = tempfile::tempdir().unwrap();
        let sockets = own.text("select current_setting('unix_socket_directories')");
        let proxy = Proxy::between(folder.path(), &PathBuf::from(sockets.trim_matches('"')));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let address = free.unwrap().to_string();
        let start = starting(&folder, &address);
        let child = start().spawn().unwrap();
        let world = Self {
            base: format!("http://{address}/FHIR/R4"),
            children: nhs_numbers().take(CHILDREN).collect(),
            told_children: AtomicUsize::new(0),
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
        let ping = format!("http://{address}/_ping");
        wait_until(|| ureq::get(&ping).call().is_ok());
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

/// How the server is started: with a database that it reaches by the proxy alone.
fn starting(folder: &TempDir, address: &str) -> impl Fn() -> Command + Send + use<> {
    let (folder, address) = (folder.path().to_owned(), address.to_owned());
    let escaped = folder.to_string_lossy().replace('/', "%2F");
    move || {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("server.log"))
            .unwrap();
        let mut serve = ServedProgram::with_its_settings(program(&["serve"]), &folder);
        serve
            .env("CPIS_LISTEN", &address)
            .env("CPIS_PUBLIC_URL", format!("http://{address}/FHIR/R4"))
            .env(
                "DATABASE_URL",
                format!("postgresql://{SERVER}@{escaped}:5432/cpis"),
            )
            .env("CPIS_DURABILITY", "single")
            .env("CPIS_DATABASE_WAIT_MS", "500")
            .env("CPIS_REQUEST_DEADLINE_MS", "1500")
            .envs(BUDGETS.map(|name| (name, "10000000")))
            .stdout(log)
            .stderr(Stdio::null());
        serve
    }
}
