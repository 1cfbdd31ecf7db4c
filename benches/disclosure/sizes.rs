//! What a search costs in one size of the database beside another: the larger must cost little
//! more.

use serde::Serialize;

use crate::Outcome;
use crate::database::{Database, Look};
use crate::interruption::Interruption;
use crate::load::Load;
use crate::machine::Machine;
use crate::measurement::{Cell, Measurement};
use crate::pgbench::Pgbench;
use crate::question::Question;
use crate::report;
use crate::service::Service;
use crate::size::Size;
use crate::workplace::Workplace;
use crate::wrk::Wrk;

/// How many connections each search is measured at: few enough that none waits for a processor
/// for long, and many enough that the machine is at work.
const CONNECTIONS: u32 = 4;

/// What was measured in one size.
#[derive(Serialize)]
struct Measured {
    held: String,
    cells: Vec<Cell>,
}

/// Loads one size after the other, and compares each with the first.
pub fn bench(sizes: &[Size], seconds: u32) -> Outcome<()> {
    let interruption = Interruption::watch()?;
    let mut all: Vec<Measured> = Vec::new();
    for (place, size) in sizes.iter().enumerate() {
        let workplace = Workplace::make()?;
        if place == 0 {
            println!("{}", Machine::look(workplace.folder())?);
        }
        let mut measured = measure(*size, seconds, &workplace, &interruption)?;
        println!("\n{}", measured.held);
        if let Some(first) = all.first() {
            compare(&mut measured.cells, &first.cells);
        }
        report::print(&measured.cells);
        all.push(measured);
    }
    println!("\nThe ratio is that of p50 to the first size's.");
    report::write(&all, "bench-sizes.json")
}

/// Measures each search in one size, and what of PostgreSQL does not depend on it: the machine may
/// have changed since the last.
fn measure(
    size: Size,
    seconds: u32,
    workplace: &Workplace,
    interruption: &Interruption,
) -> Outcome<Measured> {
    let mut database = Database::load(workplace, size, interruption)?;
    let held = database.described()?;
    let service = Service::start(workplace, &mut database)?;
    let wrk = Wrk::prepare(workplace, &mut database, &service)?;
    let pgbench = Pgbench::prepare(workplace, &mut database, (size, interruption))?;
    let mut measurement = Measurement::new(workplace, interruption, &mut database, seconds);
    let search = |question, look| Load::of_search((&wrk, &service), question, look);
    let cells = [
        Load::of_select(&pgbench),
        Load::of_statement(&pgbench, Look::Hit),
        search(Question::Flags, Look::Hit),
        search(Question::Flags, Look::Miss),
        search(Question::EpisodesOfCare, Look::Hit),
        search(Question::History, Look::Hit),
        Load::of_select(&pgbench),
    ]
    .iter()
    .map(|load| measurement.cell(load, CONNECTIONS))
    .collect::<Outcome<_>>()?;
    Ok(Measured { held, cells })
}

fn compare(cells: &mut [Cell], first: &[Cell]) {
    for (cell, first) in cells.iter_mut().zip(first) {
        cell.ratio = cell.p50_ms.zip(first.p50_ms).map(|(now, then)| now / then);
    }
}
