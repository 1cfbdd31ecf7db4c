//! `make bench`: what a disclosure costs beside what it stands on, measured in one run and told as
//! one table. The ceilings are a bare actix route, PostgreSQL's own `pgbench -S`, and `pgbench`
//! with exactly the disclosure's statement; `docs/performance.md` says how to read it.
//!
//! `BENCH_SECONDS` is how long each cell is measured, 8 unless set. `BENCH_SET_CPIS_WORKERS=4` and
//! the like give the service a setting, to try what it is worth.

mod bare_route;
mod database;
mod interruption;
mod load;
mod machine;
mod measurement;
mod pgbench;
mod processor_time;
mod report;
mod service;
mod started;
mod workplace;
mod wrk;

use std::env;
use std::error::Error;
use std::path::Path;

use bare_route::BareRoute;
use database::{Database, Look};
use interruption::Interruption;
use load::Load;
use machine::Machine;
use measurement::{Cell, Measurement};
use pgbench::Pgbench;
use service::Service;
use workplace::Workplace;
use wrk::Wrk;

/// What a step gives, or why the measurement cannot go on: a bench has no caller to answer.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// How many connections each load is measured at.
const CONNECTIONS: [u32; 3] = [1, 16, 64];

/// How long a cell is measured, in seconds, unless `BENCH_SECONDS` says.
const SECONDS: u32 = 8;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(bare_route::ARGUMENT) => bare_route::serve(arguments.get(2)),
        // Cargo says so when it was asked to measure, and not when it only tries every target.
        _ if arguments.iter().any(|argument| argument == "--bench") => bench(),
        _ => {
            println!("run `make bench`");
            Ok(())
        }
    }
}

fn bench() -> Outcome<()> {
    let seconds = match env::var("BENCH_SECONDS") {
        Ok(stated) => stated.parse()?,
        Err(_not_stated) => SECONDS,
    };
    let interruption = Interruption::watch()?;
    let workplace = Workplace::make()?;
    println!("{}", Machine::look(workplace.folder())?);
    let mut database = Database::load(&workplace, &interruption)?;
    println!("{}", database.described()?);
    let service = Service::start(&workplace, &mut database)?;
    let generators = (
        Wrk::prepare(&workplace, &mut database, service.token())?,
        Pgbench::prepare(&workplace, &mut database, &interruption)?,
    );
    let mut measurement = Measurement::new(&workplace, &interruption, &mut database, seconds);
    let cells = measure_all(&mut measurement, &service, &generators)?;
    report::print(&cells);
    println!(
        "\nThe service's memory at its highest: {:.1} MB.",
        service.memory_mb()?
    );
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    report::write(&cells, target.ok_or("no target folder")?)
}

/// Measures every cell, those that are compared with each other one right after the other.
fn measure_all(
    measurement: &mut Measurement<'_>,
    service: &Service,
    (wrk, pgbench): &(Wrk, Pgbench),
) -> Outcome<Vec<Cell>> {
    let route = BareRoute::start()?;
    let mut cells = Vec::new();
    for connections in CONNECTIONS {
        cells.push(measurement.cell(&Load::of_route(wrk, &route), connections)?);
        cells.push(measurement.cell(&Load::of_select(pgbench), connections)?);
        for look in Look::ALL {
            let statement = Load::of_statement(pgbench, look);
            let ceiling = measurement.cell(&statement, connections)?;
            let search = Load::of_search(wrk, service, look);
            let answered = measurement.cell(&search, connections)?.beside(&ceiling);
            cells.extend([ceiling, answered]);
        }
    }
    Ok(cells)
}
