//! What this process takes of its machine, as Linux tells it of itself (proc(5)); each value is
//! left out where it cannot be read.

use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

use crate::metrics::definitions::{
    PROCESS_CPU, PROCESS_FILES, PROCESS_FILES_MAX, PROCESS_MEMORY, PROCESS_STARTED, PROCESS_THREADS,
};
use crate::metrics::page::{Page, Value};

/// Tells all that can be read.
pub fn tell(page: &mut Page) {
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // The folder itself is open while it is counted.
        page.size(&PROCESS_FILES, &[], files.count().saturating_sub(1));
    }
    let most = getrlimit(Resource::Nofile).current;
    if let Some(most) = most.and_then(|most| i64::try_from(most).ok()) {
        page.whole(&PROCESS_FILES_MAX, &[], most);
    }
    let stat = fs::read_to_string("/proc/self/stat").ok();
    let Some(stat) = stat.as_deref().and_then(Stat::read) else {
        return;
    };
    let ticks = u32::try_from(clock_ticks_per_second()).map_or(100.0, f64::from);
    page.tell(
        &PROCESS_CPU,
        &[],
        Value::Seconds(f64::from(stat.cpu_ticks) / ticks),
    );
    page.whole(&PROCESS_THREADS, &[], stat.threads);
    if let Ok(page_bytes) = i64::try_from(page_size()) {
        let bytes = stat.resident_pages.saturating_mul(page_bytes);
        page.whole(&PROCESS_MEMORY, &[], bytes);
    }
    let machine = fs::read_to_string("/proc/stat").ok();
    let booted = machine.as_deref().and_then(booted_at);
    if let (Some(booted), Ok(ticks)) = (booted, i64::try_from(clock_ticks_per_second())) {
        let started = stat.started_ticks.checked_div(ticks).unwrap_or_default();
        page.whole(&PROCESS_STARTED, &[], booted.saturating_add(started));
    }
}

/// A line of `/proc/[pid]/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// In user and system mode.
    cpu_ticks: u32,
    threads: i64,
    /// After the machine's start.
    started_ticks: i64,
    resident_pages: i64,
}

impl Stat {
    fn read(line: &str) -> Option<Self> {
        // The name of the program stands in brackets and may hold anything, brackets too.
        let (_, behind) = line.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_whitespace().collect();
        // Behind the name the third field of the manual comes first.
        let field = |number: usize| fields.get(number.checked_sub(3)?)?.parse::<i64>().ok();
        Some(Self {
            cpu_ticks: u32::try_from(field(14)?.checked_add(field(15)?)?).ok()?,
            threads: field(20)?,
            started_ticks: field(22)?,
            resident_pages: field(24)?,
        })
    }
}

/// When the machine was started, in seconds since 1970.
fn booted_at(machine: &str) -> Option<i64> {
    let line = machine
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Stat, booted_at};

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let line = "7 (a) b (c) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 6 7 20 0 9 0 1234 999 321 1";
        let read = Stat {
            cpu_ticks: 200,
            threads: 9,
            started_ticks: 1234,
            resident_pages: 321,
        };
        assert_eq!(Stat::read(line), Some(read));
        assert_eq!(Stat::read("7 (a) S 1"), None);
        assert_eq!(Stat::read(""), None);
    }

    #[test]
    fn the_start_of_the_machine_is_read() {
        assert_eq!(booted_at("cpu 1\nbtime 1700000000\n"), Some(1_700_000_000));
        assert_eq!(booted_at("cpu 1\n"), None);
    }
}
