//! The load generator of the web: `wrk`, with a script that draws random NHS numbers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::database::{Database, Look};
use crate::load::Answered;
use crate::started::program;
use crate::workplace::Workplace;

const SCRIPT: &str = include_str!("search.lua");

/// As many threads as the smallest machine has cores.
const THREADS_MAX: u32 = 2;

/// `wrk`, its script and its numbers.
pub struct Wrk {
    folder: PathBuf,
    token: String,
}

impl Wrk {
    /// Writes the script and the numbers to draw from.
    pub fn prepare(workplace: &Workplace, database: &mut Database, token: &str) -> Outcome<Self> {
        let folder = workplace.folder().to_owned();
        fs::write(folder.join("search.lua"), SCRIPT)?;
        for look in [Look::Hit, Look::Miss] {
            fs::write(
                numbers_file(&folder, look),
                database.numbers(look)?.join("\n"),
            )?;
        }
        Ok(Self {
            folder,
            token: token.to_owned(),
        })
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
    let &[requests, microseconds, p50, p99, failed] = numbers.as_slice() else {
        return Err(format!("wrk said: {said}").into());
    };
    if failed > 0 {
        return Err(format!("{failed} of {requests} requests failed:\n{said}").into());
    }
    Ok(Answered {
        requests,
        requests_per_second: f64::from(requests) / (f64::from(microseconds) / 1e6),
        p50_ms: f64::from(p50) / 1e3,
        p99_ms: f64::from(p99) / 1e3,
    })
}
