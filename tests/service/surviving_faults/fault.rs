//! What goes wrong, for how long, and how it is mended.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::{Connection as _, PgConnection};

use super::proxy::Passing;
use super::world::{Asking, World};
use crate::support::{Draws, wait_until};

/// How long what freezes or holds up lasts: shorter and longer than the server waits.
const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_millis(1800);
/// How far a clock steps.
const STEPS: [TimeDelta; 3] = [
    TimeDelta::minutes(1),
    TimeDelta::hours(1),
    TimeDelta::days(1),
];
/// Answers that are waited for where what is full is needed for none, and from a server before it
/// is killed.
const ANSWERS_BESIDE: usize = 20;
/// The most pieces of its log that PostgreSQL has in store.
const WRITTEN_AHEAD_MAX: usize = 16;
/// The most connections that others open; there are no more.
const CONNECTIONS_MAX: usize = 1000;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed, and started again.
    ServerKilled,
    /// Every process of the database is killed, and it is started again.
    DatabaseKilled,
    /// The same, the moment after a file was acknowledged while nobody else asks for anything: no
    /// other commit makes durable what its own does not.
    DatabaseKilledUponFile,
    /// The same, the moment after a single plan was written.
    DatabaseKilledUponWrite,
    /// The server stands still.
    ServerFrozen,
    /// The database stands still.
    DatabaseFrozen,
    /// Every connection to the database is cut.
    ConnectionsCut,
    /// What is said to the database and back comes late.
    LineLate,
    /// Nothing comes through, and no connection ends.
    LineSilent,
    /// The database is heard by nobody, does what it is asked, and then every connection is cut.
    AnswersLost,
    /// The disk of the database's tables is full.
    DataFull,
    /// The disk that the database writes ahead to is full.
    WrittenAheadFull,
    /// The disk of the service's log is full.
    LogFull,
    /// The disk of its file of checkpoints is full.
    CheckpointsFull,
    /// Others have all connections of the database, and those of the service are cut.
    ConnectionsTaken,
    /// Every connection of the service waits for somebody.
    PoolTaken,
    /// A clock of the service goes ahead of the machine's, and comes back.
    ClockAhead,
    /// It goes behind, and comes back.
    ClockBehind,
}

impl Fault {
    /// Everything that can go wrong; what kills comes first.
    pub const ALL: [Self; 18] = [
        Self::ServerKilled,
        Self::DatabaseKilled,
        Self::DatabaseKilledUponFile,
        Self::DatabaseKilledUponWrite,
        Self::ServerFrozen,
        Self::DatabaseFrozen,
        Self::ConnectionsCut,
        Self::LineLate,
        Self::LineSilent,
        Self::AnswersLost,
        Self::DataFull,
        Self::WrittenAheadFull,
        Self::LogFull,
        Self::CheckpointsFull,
        Self::ConnectionsTaken,
        Self::PoolTaken,
        Self::ClockAhead,
        Self::ClockBehind,
    ];

    /// Whether it kills the database.
    pub fn kills_the_database(self) -> bool {
        let kills = [
            Self::DatabaseKilled,
            Self::DatabaseKilledUponFile,
            Self::DatabaseKilledUponWrite,
        ];
        kills.contains(&self)
    }

    /// Whether a disk is full.
    pub fn is_of_a_disk(self) -> bool {
        let disks = [
            Self::DataFull,
            Self::WrittenAheadFull,
            Self::LogFull,
            Self::CheckpointsFull,
        ];
        disks.contains(&self)
    }

    /// So many faults, in an order that is drawn: each kind once, and then, of fifteen, eight that
    /// kill the server, four that kill the database, and three others in turn.
    pub fn drawn(count: usize, draws: &mut Draws) -> Vec<Self> {
        let mut others = Self::ALL.into_iter().skip(4).cycle();
        let further = (0..).map(|place| match place % 15 {
            0..8 => Self::ServerKilled,
            8..10 => Self::DatabaseKilled,
            10 => Self::DatabaseKilledUponFile,
            11 => Self::DatabaseKilledUponWrite,
            _ => others.next().unwrap(),
        });
        let faults = Self::ALL.into_iter().chain(further).take(count);
        draws.shuffled(faults.collect())
    }

    /// Lets it happen, and mends it.
    pub fn happen(self, world: &World, draws: &mut Draws) {
        let lasts = if draws.below(3) == 0 { LONG } else { SHORT };
        match self {
            Self::ServerKilled => {
                // One that has only begun to start has promised nothing yet.
                world.wait_for_server();
                world.wait_for_answers(ANSWERS_BESIDE);
                world.server().restart();
            }
            Self::ServerFrozen => {
                world.server().signal("STOP");
                thread::sleep(lasts);
                world.server().signal("CONT");
            }
            Self::DatabaseKilled => {
                world.own.cluster().kill();
                world.own.cluster().restart().unwrap();
            }
            Self::DatabaseKilledUponFile => {
                killed_upon(world, Asking::File, &world.acknowledged.files);
            }
            Self::DatabaseKilledUponWrite => {
                killed_upon(world, Asking::Write, &world.acknowledged.writes);
            }
            Self::DatabaseFrozen => {
                world.own.cluster().pause().unwrap();
                thread::sleep(lasts);
                world.own.cluster().resume().unwrap();
            }
            Self::ConnectionsCut => world.proxy.cut(),
            Self::LineLate => world.held_up(Passing::Late, lasts),
            Self::LineSilent => world.held_up(Passing::Nothing, lasts),
            Self::AnswersLost => {
                world.proxy.pass(Passing::QuestionsOnly);
                thread::sleep(lasts);
                world.proxy.cut();
                world.proxy.pass(Passing::Whole);
            }
            Self::DataFull => data_full(world),
            Self::WrittenAheadFull => written_ahead_full(world, lasts),
            Self::LogFull => log_full(world),
            Self::CheckpointsFull => checkpoints_full(world),
            Self::ConnectionsTaken => connections_taken(world, lasts),
            Self::PoolTaken => {
                let hold = format!(
                    "begin; lock table plans in access exclusive mode; \
                     select pg_sleep({}); rollback",
                    lasts.as_secs_f64()
                );
                world.own.as_superuser(&hold).unwrap();
            }
            Self::ClockAhead | Self::ClockBehind => {
                let step = STEPS[draws.below(STEPS.len())];
                let is_ahead = self == Self::ClockAhead;
                world.stepping.step(if is_ahead { step } else { -step });
                thread::sleep(lasts.max(SHORT * 3));
                world.stepping.step(TimeDelta::zero());
            }
        }
    }
}

/// The database is killed as soon as what one kind of asking is answered with is counted.
fn killed_upon(world: &World, asking: Asking, acknowledged: &AtomicUsize) {
    let _nobody_else = world.alone(asking);
    let before = acknowledged.load(Ordering::SeqCst);
    wait_until(|| acknowledged.load(Ordering::SeqCst) != before);
    world.own.cluster().kill();
    world.own.cluster().restart().unwrap();
}

/// Until the database has refused a row of ours, and somebody has been refused an answer.
fn data_full(world: &World) {
    let mut disk = world.disks.data.lock().unwrap();
    disk.fill();
    let filling = "create table filling as select repeat('x', 1000) as x from \
                   generate_series(1, 100)";
    let refused = world.own.as_superuser(filling).unwrap_err().to_string();
    assert!(refused.contains("No space left on device"), "{refused}");
    let before = world.sent_again.load(Ordering::SeqCst);
    wait_until(|| world.sent_again.load(Ordering::SeqCst) > before);
    disk.make_room();
}

/// Until the database has ended of it.
fn written_ahead_full(world: &World, lasts: Duration) {
    let mut disk = world.disks.written_ahead.lock().unwrap();
    disk.fill();
    let next = "select pg_logical_emit_message(false, 'fault', 'x'), pg_switch_wal()";
    let ended = (0..WRITTEN_AHEAD_MAX).find(|_| world.own.as_superuser(next).is_err());
    assert!(ended.is_some(), "PostgreSQL had room to write ahead");
    thread::sleep(lasts);
    disk.make_room();
    world.recover_database();
}

/// Answers go on beside it.
fn log_full(world: &World) {
    let mut disk = world.disks.log.lock().unwrap();
    disk.fill();
    world.wait_for_answers(ANSWERS_BESIDE);
    assert!(world.server().runs(), "the server ended");
    disk.make_room();
    drop(disk);
    world.disks.empty_log();
}

/// Answers go on beside it.
fn checkpoints_full(world: &World) {
    let mut disk = world.disks.checkpoints.lock().unwrap();
    disk.fill();
    world.wait_for_answers(ANSWERS_BESIDE);
    thread::sleep(LONG);
    disk.make_room();
}

/// Whoever has no connection gets none until these end.
fn connections_taken(world: &World, lasts: Duration) {
    let superuser = world.own.cluster().superuser();
    let url = world.own.url(superuser);
    let mut taken = Vec::new();
    let refused = (0..CONNECTIONS_MAX).find_map(|_| {
        let connection = PgConnection::establish(&url);
        connection.map(|connection| taken.push(connection)).err()
    });
    let refused = refused.unwrap().to_string();
    assert!(refused.contains("too many clients"), "{refused}");
    world.proxy.cut();
    // What the service gives up is taken at once.
    thread::sleep(SHORT / 4);
    while let Ok(connection) = PgConnection::establish(&url) {
        taken.push(connection);
    }
    thread::sleep(lasts);
}
