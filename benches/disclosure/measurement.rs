//! One cell of the table: a load at so many connections, warmed up, measured, and checked.

use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::Outcome;
use crate::database::Database;
use crate::interruption::Interruption;
use crate::load::Load;
use crate::processor_time::ProcessorTime;
use crate::started::output;
use crate::workplace::Workplace;

/// How long each cell runs before it is measured, in seconds.
const WARM_UP_SECONDS: u32 = 2;

/// How long a session of PostgreSQL's may take to end and be waited for.
const SETTLING: Duration = Duration::from_millis(200);

/// What was measured. Processor time is in seconds a second: 1 is one core.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// What was measured.
    pub name: String,
    /// Connections, each with one request at a time.
    pub connections: u32,
    /// Answers a second.
    pub requests_per_second: f64,
    /// Half of the answers took no longer, in milliseconds, where the generator tells.
    pub p50_ms: Option<f64>,
    /// All but a hundredth of the answers took no longer, in milliseconds.
    pub p99_ms: Option<f64>,
    /// The server that answered, if there was one.
    pub cpu_server: f64,
    /// All of PostgreSQL.
    pub cpu_postgres: f64,
    /// The load generator.
    pub cpu_client: f64,
    /// Of a search: its rate by that of its statement alone.
    pub ratio: Option<f64>,
    /// Everything else on the machine, which makes a cell with much of it worth little.
    #[serde(skip)]
    pub cpu_others: f64,
}

impl Cell {
    /// The same, compared with the ceiling measured just before.
    pub fn beside(self, ceiling: &Self) -> Self {
        Self {
            ratio: Some(self.requests_per_second / ceiling.requests_per_second),
            ..self
        }
    }
}

/// What measures one cell after another.
pub struct Measurement<'a> {
    workplace: &'a Workplace,
    interruption: &'a Interruption,
    database: &'a mut Database,
    seconds: u32,
}

impl<'a> Measurement<'a> {
    /// Measures each cell for so many seconds.
    pub fn new(
        workplace: &'a Workplace,
        interruption: &'a Interruption,
        database: &'a mut Database,
        seconds: u32,
    ) -> Self {
        Self {
            workplace,
            interruption,
            database,
            seconds,
        }
    }

    /// Measures a load: a checkpoint, a warm-up, and then the measured run.
    pub fn cell(&mut self, load: &Load<'_>, connections: u32) -> Outcome<Cell> {
        let folder = self.workplace.folder();
        eprintln!("{} at {connections} ...", load.name());
        self.database.prepare(load.recorded_look())?;
        let warm_up = load.command((connections, WARM_UP_SECONDS));
        let said = output(warm_up, folder, self.interruption)?;
        load.answered(&said, f64::from(WARM_UP_SECONDS))?;
        let since = self.database.now()?;
        let measured = load.command((connections, self.seconds));
        let before = self.processor_time(load)?;
        let began = Instant::now();
        let said = output(measured, folder, self.interruption)?;
        let seconds = began.elapsed().as_secs_f64();
        let after = self.processor_time(load)?;
        let answered = load.answered(&said, seconds)?;
        if let Some(look) = load.recorded_look() {
            self.database.check_recorded(look, &since, answered.looks)?;
            self.database.check_written(&since, answered.written)?;
        }
        let server = (after.server - before.server) / seconds;
        let postgres = (after.postgres - before.postgres) / seconds;
        let client = (after.client - before.client) / seconds;
        let machine = (after.machine - before.machine) / seconds;
        Ok(Cell {
            name: load.name(),
            connections,
            requests_per_second: answered.requests_per_second,
            p50_ms: answered.times_ms.map(|[p50, _]| p50),
            p99_ms: answered.times_ms.map(|[_, p99]| p99),
            cpu_server: server,
            cpu_postgres: postgres,
            cpu_client: client,
            ratio: None,
            cpu_others: (machine - server - postgres - client).max(0.0),
        })
    }

    /// What was used so far, once the sessions that just ended have been counted.
    fn processor_time(&self, load: &Load<'_>) -> Outcome<ProcessorTime> {
        thread::sleep(SETTLING);
        ProcessorTime::read(load.server(), self.database)
    }
}
