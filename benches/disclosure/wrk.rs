//! The load generator of the web: `wrk`, with a script that draws random NHS numbers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::database::{Database, Look};
use crate::load::Answered;
use crate::service::Service;
use crate::started::program;
use crate::workplace::Workplace;

const SCRIPT: &str = include_str!("search.lua");

/// Every plan that shows of the authority the token is for, as it is told in one request, a line
/// each. Its last day is left to whoever sends it.
const WRITES_OF_FIRST: &str = include_str!("writes.sql");

/// The file of them.
const WRITES: &str = "writes";

/// As many threads as the smallest machine has cores.
const THREADS_MAX: u32 = 2;

/// `wrk`, its script, its numbers, and the writes of the first of the loaded authorities.
pub struct Wrk {
    folder: PathBuf,
    token: String,
    authority_token: String,
}

impl Wrk {
    /// Writes the script and the numbers to draw from.
    pub fn prepare(
        workplace: &Workplace,
        database: &mut Database,
        service: &Service,
    ) -> Outcome<Self> {
        let folder = workplace.folder().to_owned();
        fs::write(folder.join("search.lua"), SCRIPT)?;
        for look in [Look::Hit, Look::Miss] {
            fs::write(
                numbers_file(&folder, look),
                database.numbers(look)?.join("\n"),
            )?;
        }
        fs::write(
            folder.join(WRITES),
            database.texts(WRITES_OF_FIRST)?.join("\n"),
        )?;
        Ok(Self {
            folder,
            token: service.token().to_owned(),
            authority_token: service.authority_token().to_owned(),
        })
    }

    /// What runs it against a URL with writes in between.
    pub fn beside_writes(&self, url: &str, look: Look, size: (u32, u32)) -> Command {
        let mut command = self.command(url, look, size);
        command
            .env("BENCH_WRITES", self.folder.join(WRITES))
            .env("BENCH_WRITE_TOKEN", &self.authority_token);
        command
    }

    /// What runs it against a URL.
    pub fn command(&self, url: &str, look: Look, (connections, seconds): (u32, u32)) -> Command {
        let mut command = program("wrk");
        command
            .args(["--connections", &connections.to_string()])
            .args(["--threads", &connections.min(THREADS_MAX).to_string()])
            .args(["--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(self.folder.join("search.lua"))
            .arg(url)
            .env("BENCH_NUMBERS", numbers_file(&self.folder, look))
            .env("BENCH_TOKEN", &self.token);
        command
    }
}

fn numbers_file(folder: &Path, look: Look) -> PathBuf {
    folder.join(if look == Look::Miss { "misses" } else { "hits" })
}

/// Reads the line that the script prints at its end. An answer that is an error, or none, makes the
/// whole measurement worthless.
pub fn answered(said: &str) -> Outcome<Answered> {
    let line = said.lines().find_map(|line| line.strip_prefix("measured "));
    let numbers: Vec<u32> = line
        .unwrap_or_default()
        .split(' ')
        .map_while(|number| number.parse().ok())
        .collect();
    let &[requests, microseconds, p50, p99, failed, written] = numbers.as_slice() else {
        return Err(format!("wrk said: {said}").into());
    };
    if failed > 0 {
        return Err(format!("{failed} of {requests} requests failed:\n{said}").into());
    }
    Ok(Answered {
        looks: requests.saturating_sub(written),
        written,
        requests_per_second: f64::from(requests) / (f64::from(microseconds) / 1e6),
        times_ms: Some([f64::from(p50) / 1e3, f64::from(p99) / 1e3]),
    })
}
