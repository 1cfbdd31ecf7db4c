//! `authority follow`: waits for what became of a file, which may have gone through a mailbox.

use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::commands::Failure;
use crate::commands::authority::service::{AuthorityService, Told};
use crate::commands::authority::summary;

/// How often the service is asked.
const PAUSE: Duration = Duration::from_secs(2);

/// Asks until the file was taken in, and tells what became of it.
///
/// # Errors
/// [`Failure`] when the service does not answer or refuses, or the file does not come in time.
pub fn run(
    service: &AuthorityService,
    sequence: Option<i64>,
    wait: u64,
    csv: bool,
) -> Result<ExitCode, Failure> {
    let path = match sequence {
        Some(sequence) => format!("$acknowledgement?file_sequence={sequence}"),
        None => "$acknowledgement".to_owned(),
    };
    let begun = Instant::now();
    let wait = Duration::from_secs(wait);
    loop {
        match service.get(&path)? {
            Told::Answer(acknowledgement) => return summary::print(&acknowledgement.text, csv),
            Told::Nothing if begun.elapsed() < wait => {
                sleep(PAUSE.min(wait.saturating_sub(begun.elapsed())));
            }
            Told::Nothing => {
                let reason = "no such file was taken in so far: look whether it was refused or \
                              held, or wait longer with --wait";
                return Err(reason.into());
            }
        }
    }
}
