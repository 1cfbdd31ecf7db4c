//! `make bench-intake`: what it costs to take a file of 50,000 plans in, beside PostgreSQL's own
//! `COPY` of the same bytes into a table that keeps no log; `docs/performance.md` says how to read
//! it.
//!
//! `BENCH_ROUNDS` is how often each is measured, 5 unless set; `BENCH_SET_CPIS_WORKERS=4` and the
//! like give the service a setting, to try what it is worth.

mod copying;
mod file;
#[expect(dead_code, reason = "the disclosure's bench uses more of it")]
#[path = "../disclosure/interruption.rs"]
mod interruption;
#[path = "../disclosure/machine.rs"]
mod machine;
mod rounds;
mod service;
#[expect(dead_code, reason = "the disclosure's bench uses more of it")]
#[path = "../disclosure/started.rs"]
mod started;
#[path = "../disclosure/workplace.rs"]
mod workplace;

use std::env;
use std::error::Error;
use std::path::Path;

use machine::Machine;
use rounds::Rounds;
use service::Service;
use workplace::Workplace;

/// What a step gives, or why the measurement cannot go on: a bench has no caller to answer.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// How often everything is measured, unless `BENCH_ROUNDS` says.
const ROUNDS: u32 = 5;

fn main() -> Outcome<()> {
    // Cargo says so when it was asked to measure, and not when it only tries every target.
    if env::args().any(|argument| argument == "--bench") {
        bench()
    } else {
        println!("run `make bench-intake`");
        Ok(())
    }
}

fn bench() -> Outcome<()> {
    let rounds = match env::var("BENCH_ROUNDS") {
        Ok(stated) => stated.parse()?,
        Err(_not_stated) => ROUNDS,
    };
    let workplace = Workplace::make()?;
    println!("{}", Machine::look(workplace.folder())?);
    let mut service = Service::start(&workplace)?;
    let measured = Rounds::measure(&mut service, rounds)?;
    measured.print();
    println!(
        "\nThe service's memory at its highest: {:.1} MB.",
        service.memory_mb()?
    );
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    measured.write(target.ok_or("no target folder")?)
}
