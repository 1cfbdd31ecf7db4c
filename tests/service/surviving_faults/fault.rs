//! What goes wrong, for how long, and how it is mended.

use std::thread;
use std::time::Duration;

use super::proxy::Passing;
use super::world::World;
use crate::support::Draws;

/// How long what freezes or holds up lasts: shorter and longer than the server waits.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_millis(2500);

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed, and started again.
    ServerKilled,
    /// The server stands still.
    ServerFrozen,
    /// Every process of the database is killed, and it is started again.
    DatabaseKilled,
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
}

impl Fault {
    /// Everything that can go wrong.
    pub const ALL: [Self; 8] = [
        Self::ServerKilled,
        Self::ServerFrozen,
        Self::DatabaseKilled,
        Self::DatabaseFrozen,
        Self::ConnectionsCut,
        Self::LineLate,
        Self::LineSilent,
        Self::AnswersLost,
    ];

    /// So many faults, in an order that is drawn, each kind as often as another.
    pub fn drawn(count: usize, draws: &mut Draws) -> Vec<Self> {
        let faults = Self::ALL.into_iter().cycle().take(count);
        draws.shuffled(faults.collect())
    }

    /// Lets it happen, and mends it.
    pub fn happen(self, world: &World, draws: &mut Draws) {
        let lasts = if draws.below(2) == 0 { SHORT } else { LONG };
        match self {
            Self::ServerKilled => world.server().restart(),
            Self::ServerFrozen => {
                world.server().signal("STOP");
                thread::sleep(lasts);
                world.server().signal("CONT");
            }
            Self::DatabaseKilled => {
                world.own.cluster().kill();
                world.own.cluster().restart().unwrap();
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
        }
    }
}
