//! Server, database and the line between them break, disks are full, connections are taken and
//! clocks step while children are looked at and told of. Then the callers' own log is compared with
//! the record, row by row, and the record with its seals.
//!
//! `FAULT_ANSWERS`, `FAULT_COUNT` and `FAULT_SEED` make it longer, worse or another run; `make
//! faults` is the long one. The same seed lets the same things break in the same order.

mod callers;
mod disks;
mod fault;
mod proxy;
mod reckoning;
mod server;
mod stepping;
mod telling;
mod told;
mod world;

use std::sync::atomic::Ordering;
use std::thread;

use self::fault::Fault;
use self::reckoning::Figures;
use self::world::World;
use crate::support::{Draws, stated, wait_until};

const ANSWERS: (&str, usize) = ("FAULT_ANSWERS", 10_000);
const FAULTS: (&str, usize) = ("FAULT_COUNT", 40);
const SEED: (&str, usize) = ("FAULT_SEED", 1);
const CALLERS: usize = 8;

#[test]
fn whatever_breaks_all_that_was_told_is_on_record_once_and_no_plan_is_denied_or_lost() {
    let (answers, faults, seed) = (stated(ANSWERS), stated(FAULTS), stated(SEED));
    let world = World::new(answers);
    let mut draws = Draws::of(seed);
    let kinds = Fault::drawn(faults, &mut draws);
    thread::scope(|threads| {
        let _end = End(&world);
        threads.spawn(|| world.stepping.go_on(&world.over));
        threads.spawn(|| telling::send_files(&world));
        threads.spawn(|| telling::write_plans(&world));
        wait_until(|| world.told_children.load(Ordering::SeqCst) > 0);
        for caller in 0..CALLERS {
            let (world, draws) = (&world, Draws::of(seed + caller + 1));
            threads.spawn(move || callers::look(world, caller, draws));
        }
        for (place, fault) in kinds.iter().enumerate() {
            until_answered(&world, (place + 1) * answers / (faults + 1));
            fault.happen(&world, &mut draws);
        }
        until_answered(&world, answers);
    });
    let figures = Figures::of(&world);
    figures.write(seed, &kinds);
    assert!(figures.are_good(), "seed {seed}: {figures:?}");
}

/// Ends a run, also one that fails: nobody asks for ever.
struct End<'a>(&'a World);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

fn until_answered(world: &World, answers: usize) {
    let answered = || world.answers.load(Ordering::SeqCst);
    let mut before = answered();
    while before < answers {
        // Whatever breaks is mended, and then callers are answered again.
        wait_until(|| answered() > before);
        before = answered();
    }
}
