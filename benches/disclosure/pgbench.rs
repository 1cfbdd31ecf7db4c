//! The load generator of the database: PostgreSQL's own `pgbench`
//! (<https://www.postgresql.org/docs/15/pgbench.html>), prepared, over the same socket as the
//! service's connections.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cpis_fhir::clock::{Clock, SystemClock};
use cpis_fhir::domain::calendar::day_of;
use cpis_fhir::domain::plan::{PlanKind, Windows};
use cpis_fhir::settings::Settings;
use cpis_fhir::store::disclosure_by_nhs_number;

use crate::Outcome;
use crate::database::{Database, Look};
use crate::interruption::Interruption;
use crate::load::Answered;
use crate::size::Size;
use crate::started::{output, program};
use crate::workplace::Workplace;

const DRAWN_NUMBER: &str = include_str!("disclosure.pgbench");

/// What the service sets on each of its connections.
const SESSION: &str = "-c role=cpis_query -c timezone=UTC -c synchronous_commit=on \
                       -c plan_cache_mode=force_generic_plan -c statement_timeout=5s \
                       -c idle_in_transaction_session_timeout=10s";

/// As many threads as the smallest machine has cores.
const THREADS_MAX: u32 = 2;

/// The size of the tables of `pgbench -S`: a million rows.
const SCALE: &str = "10";

/// The share of `pgbench -S` whose time is logged: writing down each would be felt.
const SELECTS_LOGGED: &str = "0.1";

/// `pgbench`, its tables, and the disclosure's statement as its script.
pub struct Pgbench {
    path: PathBuf,
    folder: PathBuf,
    select_url: String,
    statement_url: String,
    size: Size,
    /// The values of the statement that are the same in each look, by their numbers.
    constants: Vec<String>,
}

impl Pgbench {
    /// Fills its tables and writes its script, in which a look is as the service's newest was.
    pub fn prepare(
        workplace: &Workplace,
        database: &mut Database,
        (size, interruption): (Size, &Interruption),
    ) -> Outcome<Self> {
        database.run("create database pgbench")?;
        let programs =
            database.text("select setting as text from pg_config where name = 'BINDIR'")?;
        let pgbench = Self {
            path: Path::new(&programs).join("pgbench"),
            folder: workplace.folder().to_owned(),
            select_url: database.url_of("pgbench"),
            statement_url: database.url(),
            size,
            constants: constants(database)?,
        };
        let mut initialise = program(&pgbench.path);
        initialise.args([
            "--initialize",
            "--quiet",
            "--scale",
            SCALE,
            &pgbench.select_url,
        ]);
        output(initialise, workplace.folder(), interruption)?;
        fs::write(pgbench.script(), script())?;
        Ok(pgbench)
    }

    /// What runs the select of one row by its primary key.
    pub fn select(&self, (connections, seconds): (u32, u32)) -> Command {
        let mut command = self.command((connections, seconds));
        command.args([
            "--select-only",
            "--sampling-rate",
            SELECTS_LOGGED,
            &self.select_url,
        ]);
        command
    }

    /// What runs the disclosure's statement.
    pub fn statement(&self, look: Look, (connections, seconds): (u32, u32)) -> Command {
        let mut command = self.command((connections, seconds));
        command
            .arg("--file")
            .arg(self.script())
            .args(["--define", &offset(look)]);
        for constant in self.constants.iter().chain(&self.size.definitions()) {
            command.args(["--define", constant]);
        }
        command.arg(&self.statement_url).env("PGOPTIONS", SESSION);
        command
    }

    fn command(&self, (connections, seconds): (u32, u32)) -> Command {
        let mut command = program(&self.path);
        command
            .args(["--protocol", "prepared", "--no-vacuum", "--log"])
            .arg(format!("--log-prefix={}", self.folder.join(LOG).display()))
            .args(["--client", &connections.to_string()])
            .args(["--jobs", &connections.min(THREADS_MAX).to_string()])
            .args(["--time", &seconds.to_string()]);
        command
    }

    fn script(&self) -> PathBuf {
        self.folder.join("disclosure.pgbench")
    }

    /// Reads what it printed and, from its logs, how long each transaction took.
    pub fn answered(&self, said: &str) -> Outcome<Answered> {
        let after = |words: &str| said.lines().find_map(|line| line.strip_prefix(words));
        let requests = after("number of transactions actually processed: ").unwrap_or_default();
        let rate = after("tps = ")
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or_default();
        let mut times = self.logged_times()?;
        times.sort_unstable();
        let longest_of = |hundredths: usize| -> Outcome<f64> {
            let time = times
                .get(times.len() * hundredths / 100)
                .ok_or("pgbench logged nothing")?;
            Ok(f64::from(*time) / 1e3)
        };
        Ok(Answered {
            looks: requests
                .parse()
                .map_err(|_not_a_number| format!("pgbench said: {said}"))?,
            requests_per_second: rate
                .parse()
                .map_err(|_not_a_number| format!("pgbench said: {said}"))?,
            written: 0,
            times_ms: Some([longest_of(50)?, longest_of(99)?]),
        })
    }

    /// The microseconds of each transaction, third in its line; the logs are removed.
    fn logged_times(&self) -> Outcome<Vec<u32>> {
        let mut times = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(LOG) {
                let log = fs::read_to_string(entry.path())?;
                let third = |line: &str| -> Option<u32> { line.split(' ').nth(2)?.parse().ok() };
                times.extend(log.lines().filter_map(third));
                fs::remove_file(entry.path())?;
            }
        }
        Ok(times)
    }
}

/// How the names of its logs begin.
const LOG: &str = "pgbench_log";

fn offset(look: Look) -> String {
    format!("offset={}", look.offset())
}

/// A random number, and the statement's text with each of its values named. Ids and the moment are
/// made by the database here, where the service makes them itself.
fn script() -> String {
    let named = (1..=21_u32)
        .rev()
        .fold(disclosure_by_nhs_number(), |text, number| {
            let value = match number {
                1 => ":nhs_number".to_owned(),
                2 => "now()".to_owned(),
                3 | 4 => "gen_random_uuid()".to_owned(),
                6 => "0".to_owned(),
                7 => "sha256('')".to_owned(),
                21 => "86400".to_owned(),
                constant => format!(":p{constant}"),
            };
            text.replace(&format!("${number}"), &value)
        });
    format!("{DRAWN_NUMBER}{named};\n")
}

/// The words of the service's newest access, and the days from which plans show by default.
fn constants(database: &mut Database) -> Outcome<Vec<String>> {
    let words = database.texts(
        "select unnest(array[client_id, interaction, asked, organisation_code, \
         organisation_name, practitioner_id, practitioner_name, role_profile_id, job_role_code, \
         job_role_name, care_setting]) as text \
         from (select * from accesses order by recorded_at desc limit 1) newest",
    )?;
    let settings = Settings::default();
    let windows = Windows {
        after_end_days: settings.window_after_end_days,
        after_due_date_days: settings.window_after_due_date_days,
    };
    let today = day_of(SystemClock.now());
    let days = [PlanKind::UnbornChildProtection, PlanKind::ChildProtection]
        .map(|kind| windows.earliest_end_shown(kind, today).to_string());
    let values = words.into_iter().chain(days).chain(["true".to_owned()]);
    // Between the client and the interaction come the place and the question.
    Ok([5]
        .into_iter()
        .chain(8..)
        .zip(values)
        .map(|(number, value)| format!("p{number}={value}"))
        .collect())
}
