//! Everything that can break: the server as a process, its database, and what is between them; and
//! what was told meanwhile.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::identity::Algorithm;
use cpis_fhir::sandbox::audit_key::AUDIT_KEY_FILE;
use cpis_fhir::sandbox::issuer::Issuer;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::sealing::note::NoteKey;
use cpis_fhir::store::provision::OWNER;
use tempfile::TempDir;

use super::disks::Disks;
use super::proxy::{Passing, Proxy};
use super::server::{ORIGIN, SEALING_KEY_FILE, Server, database_url, starting};
use super::stepping::Stepping;
use super::telling::Acknowledged;
use super::told::Told;
use crate::support::{
    Draws, OwnCluster, errors, nhs_numbers, program, wait_until, words, write_private,
};

/// Children whom files tell of, who never have a plan, and whose plans are written one by one.
const TOLD: usize = 360;
const NEVER_TOLD: usize = 40;
const WRITTEN: usize = 60;

/// Looks for the database, a tenth of a second each, before it is started by hand.
const LOOKS_MAX: usize = 20;

/// The children, by NHS number.
pub struct Children {
    /// Whom files tell of, one after the other.
    pub told: Vec<String>,
    /// Who never have a plan.
    pub never_told: Vec<String>,
    /// Whose plans are written one by one.
    pub written: Vec<String>,
}

impl Children {
    fn made_up() -> Self {
        let mut all = nhs_numbers();
        let mut next = |count| all.by_ref().take(count).collect();
        Self {
            told: next(TOLD),
            never_told: next(NEVER_TOLD),
            written: next(WRITTEN),
        }
    }
}

/// Who asks something of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Whoever looks at a child.
    Look,
    /// The authority that sends files.
    File,
    /// The one that writes single plans.
    Write,
}

impl Asking {
    const ALL: [Self; 3] = [Self::Look, Self::File, Self::Write];
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
    /// The children.
    pub children: Children,
    /// How many of those whom files tell of, from the first, are known to have a plan.
    pub told_children: AtomicUsize,
    /// What authorities were acknowledged.
    pub acknowledged: Acknowledged,
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
    /// Held by all who ask something, and by whoever lets nobody ask.
    turns: [RwLock<()>; 3],
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
        let server = Server::start(starting(&folder, &address, &disks));
        let stepping = Stepping::beside(&own, folder.path(), &database_url(folder.path()));
        let world = Self {
            stepping,
            disks,
            base: format!("http://{address}/FHIR/R4"),
            children: Children::made_up(),
            told_children: AtomicUsize::new(0),
            acknowledged: Acknowledged::default(),
            told: Mutex::default(),
            answers: AtomicUsize::new(0),
            denied: AtomicUsize::new(0),
            sent_again: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            turns: Default::default(),
            server: Mutex::new(server),
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

    /// One of the children, and whether an authority knows that it has a plan.
    pub fn a_child(&self, draws: &mut Draws) -> (&str, bool) {
        let (children, has_plan) = (&self.children, draws.below(4) > 0);
        let told = self.told_children.load(Ordering::SeqCst);
        let written = self.acknowledged.writes.load(Ordering::SeqCst);
        let place = match has_plan {
            true => draws.below(told + written.min(children.written.len())),
            false => draws.below(children.never_told.len()),
        };
        let child = match has_plan {
            true if place < told => &children.told[place],
            true => &children.written[place - told],
            false => &children.never_told[place],
        };
        (child, has_plan)
    }

    /// What whoever asks holds while it asks, and waits for.
    pub fn turn(&self, asking: Asking) -> RwLockReadGuard<'_, ()> {
        self.turns_of(asking).read().unwrap()
    }

    /// Lets nobody ask but one kind, from when the last of the others was answered.
    pub fn alone(&self, asking: Asking) -> Vec<RwLockWriteGuard<'_, ()>> {
        let others = Asking::ALL.into_iter().filter(|other| *other != asking);
        let held = |other| self.turns_of(other).write().unwrap();
        others.map(held).collect()
    }

    fn turns_of(&self, asking: Asking) -> &RwLock<()> {
        let [looks, files, writes] = &self.turns;
        match asking {
            Asking::Look => looks,
            Asking::File => files,
            Asking::Write => writes,
        }
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
