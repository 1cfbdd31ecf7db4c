//! Who used the processors, from `/proc` (<https://man7.org/linux/man-pages/man5/proc.5.html>).
//!
//! PostgreSQL's share is exact: its first process, the children it has waited for, and those that
//! live. A load generator's is what this process's own children used until it waited for them.

use std::fs;
use std::process::Command;

use crate::Outcome;
use crate::database::Database;

/// Seconds of processor time used up to a moment.
#[derive(Debug, Clone, Copy)]
pub struct ProcessorTime {
    /// By the server that is measured.
    pub server: f64,
    /// By all of PostgreSQL's processes.
    pub postgres: f64,
    /// By the load generator, once it has ended.
    pub client: f64,
    /// By everything on the machine.
    pub machine: f64,
}

impl ProcessorTime {
    /// Reads them all.
    pub fn read(server: Option<u32>, database: &Database) -> Outcome<Self> {
        let ticks = ticks_per_second()?;
        let server = server.map(|id| Used::by(&id.to_string())).transpose()?;
        Ok(Self {
            server: f64::from(server.map_or(0, |used| used.own)) / ticks,
            postgres: f64::from(by_postgres(database)?) / ticks,
            client: f64::from(Used::by("self")?.of_ended_children) / ticks,
            machine: f64::from(by_machine()?) / ticks,
        })
    }
}

/// Clock ticks that a process used.
struct Used {
    parent: u32,
    own: u32,
    of_ended_children: u32,
}

impl Used {
    fn by(id: &str) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The program's name may hold anything, and ends with the last bracket.
        let (_, fields) = stat.rsplit_once(") ").ok_or("/proc/ID/stat")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let field = |number: usize| -> Outcome<u32> {
            Ok(fields.get(number).ok_or("/proc/ID/stat")?.parse()?)
        };
        Ok(Self {
            parent: field(1)?,
            own: field(11)? + field(12)?,
            of_ended_children: field(13)? + field(14)?,
        })
    }
}

fn by_postgres(database: &Database) -> Outcome<u32> {
    let pid_file = fs::read_to_string(database.folder().join("data/postmaster.pid"))?;
    let first = pid_file.lines().next().ok_or("postmaster.pid")?;
    let first_used = Used::by(first)?;
    let mut ticks = first_used.own + first_used.of_ended_children;
    let first: u32 = first.parse()?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // What ended while we looked has been waited for, or will be by the next reading.
        if name.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(used) = Used::by(&name)
            && used.parent == first
        {
            ticks += used.own + used.of_ended_children;
        }
    }
    Ok(ticks)
}

/// All but idling and waiting.
fn by_machine() -> Outcome<u32> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().ok_or("/proc/stat")?;
    let ticks: Vec<u32> = line
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let &[user, nice, system, _idle, _iowait, irq, softirq, steal, ..] = ticks.as_slice() else {
        return Err("/proc/stat".into());
    };
    Ok([user, nice, system, irq, softirq, steal].iter().sum())
}

fn ticks_per_second() -> Outcome<f64> {
    let printed = Command::new("getconf").arg("CLK_TCK").output()?;
    Ok(String::from_utf8(printed.stdout)?.trim().parse()?)
}

/// A line of a process's status, in kilobytes.
pub fn status_kilobytes(id: u32, name: &str) -> Outcome<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
