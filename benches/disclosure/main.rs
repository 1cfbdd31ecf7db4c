//! `make bench`: what a disclosure costs beside what it stands on, measured in one run and told as
//! one table. The ceilings are a bare actix route, PostgreSQL's own `pgbench -S`, and `pgbench`
//! with exactly the disclosure's statement; `docs/performance.md` says how to read it.
//!
//! `BENCH_SECONDS` is how long each cell is measured, 8 unless set; `BENCH_CONNECTIONS` at how many
//! connections, `1,16,64` unless set; `BENCH_CHILDREN` and `BENCH_ACCESSES` how much the database
//! holds. `BENCH_SET_CPIS_WORKERS=4` and the like give the service a setting, to try what it is
//! worth. `BENCH_SIZES=90000x1000000,900000x4000000` loads one size after the other, children by
//! accesses, and tells what searches cost in each.

mod bare_route;
mod certificates;
mod database;
mod handshakes;
mod interruption;
mod load;
mod machine;
mod measurement;
mod pgbench;
mod processor_time;
mod question;
mod report;
mod service;
mod size;
mod sizes;
mod started;
mod workplace;
mod wrk;

use std::env;
use std::error::Error;

use bare_route::BareRoute;
use certificates::Certificates;
use database::{Database, Look};
use handshakes::{Handshakes, Line};
use interruption::Interruption;
use load::Load;
use machine::Machine;
use measurement::{Cell, Measurement};
use pgbench::Pgbench;
use question::Question;
use service::Service;
use size::{Size, stated};
use workplace::Workplace;
use wrk::Wrk;

/// What a step gives, or why the measurement cannot go on: a bench has no caller to answer.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// How many connections each load is measured at, unless `BENCH_CONNECTIONS` says.
const CONNECTIONS: &str = "1,16,64";

/// How long a cell is measured, in seconds, unless `BENCH_SECONDS` says.
const SECONDS: u32 = 8;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(bare_route::ARGUMENT) => bare_route::serve(arguments.get(2)),
        // Cargo says so when it was asked to measure, and not when it only tries every target.
        _ if arguments.iter().any(|argument| argument == "--bench") => match Size::several()? {
            Some(sizes) => sizes::bench(&sizes, stated("BENCH_SECONDS", SECONDS)?),
            None => bench(),
        },
        _ => {
            println!("run `make bench`");
            Ok(())
        }
    }
}

fn bench() -> Outcome<()> {
    let seconds = stated("BENCH_SECONDS", SECONDS)?;
    let connections = connections()?;
    let size = Size::stated()?;
    let interruption = Interruption::watch()?;
    let workplace = Workplace::make()?;
    println!("{}", Machine::look(workplace.folder())?);
    let mut database = Database::load(&workplace, size, &interruption)?;
    println!("{}", database.described()?);
    let service = Service::start(&workplace, &mut database)?;
    let generators = (
        Wrk::prepare(&workplace, &mut database, &service)?,
        Pgbench::prepare(&workplace, &mut database, (size, &interruption))?,
    );
    let certificates = Certificates::make(workplace.folder(), &interruption)?;
    let by_tls = Service::start_tls(&workplace, &database, &certificates)?;
    let handshakes = Handshakes::prepare(certificates, &by_tls)?;
    let mut measurement = Measurement::new(&workplace, &interruption, &mut database, seconds);
    let mut cells = measure_all(&mut measurement, &connections, &service, &generators)?;
    let middle = connections.get(connections.len() / 2).copied();
    let others = (&service, &by_tls, middle.unwrap_or(1));
    cells.extend(measure_others(&mut measurement, others, &generators)?);
    cells.extend(measure_handshakes(&mut measurement, &handshakes)?);
    report::print(&cells);
    println!("\n{}", service.start_described()?);
    println!(
        "The service's memory at its highest: {:.1} MB.",
        service.memory_mb()?
    );
    report::write(&cells, "bench.json")
}

fn connections() -> Outcome<Vec<u32>> {
    let stated = env::var("BENCH_CONNECTIONS").unwrap_or_else(|_not_stated| CONNECTIONS.to_owned());
    let each = stated.split(',').map(str::parse);
    Ok(each.collect::<Result<_, _>>()?)
}

/// Measures every cell, those that are compared with each other one right after the other.
fn measure_all(
    measurement: &mut Measurement<'_>,
    connections: &[u32],
    service: &Service,
    (wrk, pgbench): &(Wrk, Pgbench),
) -> Outcome<Vec<Cell>> {
    let route = BareRoute::start()?;
    let mut cells = Vec::new();
    for &connections in connections {
        cells.push(measurement.cell(&Load::of_route(wrk, &route), connections)?);
        cells.push(measurement.cell(&Load::of_select(pgbench), connections)?);
        for look in Look::ALL {
            let statement = Load::of_statement(pgbench, look);
            let ceiling = measurement.cell(&statement, connections)?;
            let search = Load::of_search((wrk, service), Question::Flags, look);
            let answered = measurement.cell(&search, connections)?.beside(&ceiling);
            cells.extend([ceiling, answered]);
        }
    }
    Ok(cells)
}

/// Measures what else is asked about a child who is found, beside the same statement.
fn measure_others(
    measurement: &mut Measurement<'_>,
    (service, by_tls, connections): (&Service, &Service, u32),
    (wrk, pgbench): &(Wrk, Pgbench),
) -> Outcome<Vec<Cell>> {
    let ceiling = Load::of_statement(pgbench, Look::Hit);
    let ceiling = measurement.cell(&ceiling, connections)?;
    let mut cells = Vec::new();
    for (service, question) in [
        (service, Question::Flags),
        (by_tls, Question::FlagsOverTls),
        (service, Question::EpisodesOfCare),
        (service, Question::History),
        (service, Question::FlagsBesideWrites),
    ] {
        let load = Load::of_search((wrk, service), question, Look::Hit);
        cells.push(measurement.cell(&load, connections)?.beside(&ceiling));
    }
    cells.insert(0, ceiling);
    Ok(cells)
}

/// Measures connections, one at a time.
fn measure_handshakes(
    measurement: &mut Measurement<'_>,
    handshakes: &Handshakes,
) -> Outcome<Vec<Cell>> {
    let mut cell = |line| measurement.cell(&Load::of_handshakes(handshakes, line), 1);
    let anew = cell(Line::Anew)?;
    let resumed = cell(Line::Resumed)?.beside(&anew);
    let service = cell(Line::Service)?.beside(&anew);
    Ok(vec![anew, resumed, service])
}
