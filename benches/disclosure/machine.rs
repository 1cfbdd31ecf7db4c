//! The machine that the numbers are of: without it they are worth nothing.

use std::fmt;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long the disk is measured.
const DISK_SECONDS: Duration = Duration::from_secs(2);

/// What PostgreSQL's log is written in.
const PAGE: [u8; 8192] = [0; 8192];

/// What of the machine decides the numbers.
pub struct Machine {
    model: String,
    cores: usize,
    memory: String,
    kernel: String,
    fdatasync_per_second: f64,
}

impl Machine {
    /// Looks at the machine, and at the disk that holds a folder.
    pub fn look(folder: &Path) -> Outcome<Self> {
        let line = |path: &str, name: &str| -> Outcome<String> {
            let text = fs::read_to_string(path)?;
            let value = text.lines().find(|line| line.starts_with(name));
            Ok(value
                .and_then(|line| line.split_once(':'))
                .map_or("?", |(_, v)| v.trim())
                .to_owned())
        };
        Ok(Self {
            model: line("/proc/cpuinfo", "model name")?,
            cores: available_parallelism().map_or(1, NonZeroUsize::get),
            memory: line("/proc/meminfo", "MemTotal")?,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
            fdatasync_per_second: fdatasync_per_second(&folder.join("page"))?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            model,
            cores,
            memory,
            kernel,
            fdatasync_per_second,
        } = self;
        write!(
            formatter,
            "{model}, {cores} cores, {memory}, Linux {kernel}; fdatasync of 8 kB: \
             {fdatasync_per_second:.0} a second"
        )
    }
}

/// How often in a second a page can be made durable: the ceiling of one connection's commits.
fn fdatasync_per_second(path: &Path) -> Outcome<f64> {
    let file = File::create(path)?;
    let began = Instant::now();
    let mut times = 0_u32;
    while began.elapsed() < DISK_SECONDS {
        file.write_all_at(&PAGE, 0)?;
        file.sync_data()?;
        times += 1;
    }
    Ok(f64::from(times) / began.elapsed().as_secs_f64())
}
