//! `authority upload`: sends a file of plans, shows how far it is, and says what became of it.

use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::commands::Failure;
use crate::commands::authority::service::{AuthorityService, Told};
use crate::commands::authority::summary;
use crate::messages::hl7v3::answered_file;

/// A shorter file is sent before anybody has read how far it has come, in bytes.
const SHOWN_FROM_BYTES: u64 = 256 * 1024;
/// How often the bar moves while the service works.
const TICK: Duration = Duration::from_millis(200);

/// Sends the file and tells what became of it. Fails unless every record was taken in.
///
/// # Errors
/// [`Failure`] when the file cannot be read, or the service does not answer or refuses it.
pub fn run(
    service: &AuthorityService,
    file: &Path,
    confirm_ending: Option<u32>,
    csv: bool,
) -> Result<ExitCode, Failure> {
    let unreadable = |cause: std::io::Error| format!("{}: {cause}", file.display());
    let opened = File::open(file).map_err(unreadable)?;
    let length = opened.metadata().map_err(unreadable)?.len();
    let path = match confirm_ending {
        Some(plans) => format!("$upload-plans?confirm-ending={plans}"),
        None => "$upload-plans".to_owned(),
    };
    let bar = progress(length);
    let told = service.post(&path, media_type(file), (bar.wrap_read(opened), length));
    bar.finish_and_clear();
    let Told::Answer(answer) = told? else {
        return Err("there is no service that takes files at this URL".into());
    };
    summary::print(&acknowledgement(service, answer.text)?, csv)
}

/// The acknowledgement as CSV. A file of HL7 v3 is answered in kind; the same is then asked for in
/// the form that every file's has.
fn acknowledgement(service: &AuthorityService, answer: String) -> Result<String, Failure> {
    let Some(sequence) = answered_file::sequence(&answer) else {
        return Ok(answer);
    };
    match service.get(&format!("$acknowledgement?file_sequence={sequence}"))? {
        Told::Answer(acknowledgement) => Ok(acknowledgement.text),
        Told::Nothing => Err(format!("file {sequence} is answered and not acknowledged").into()),
    }
}

/// A bar that nobody sees where nobody looks, or where there is little to see.
fn progress(length: u64) -> ProgressBar {
    if length < SHOWN_FROM_BYTES || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

/// What a file is sent as, by its name.
pub fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some(extension) if extension.eq_ignore_ascii_case("xml") => "application/xml",
        _ => "text/csv",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::media_type;

    #[test]
    fn a_file_is_sent_as_what_its_name_says_and_else_as_csv() {
        assert_eq!(media_type(Path::new("plans.XML")), "application/xml");
        assert_eq!(media_type(Path::new("plans.csv")), "text/csv");
        assert_eq!(media_type(Path::new("plans")), "text/csv");
    }
}
