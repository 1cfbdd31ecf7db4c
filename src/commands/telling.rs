//! What a command tells: on standard output what was asked for, beside it what is remarked. A
//! reader that goes away, as `head` does, has had enough: the command ends there and says nothing
//! of it.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use thiserror::Error;

use crate::commands::Failure;

/// What a program exits with that a reader's going away ends, by the shells' convention: 128, and
/// the number of SIGPIPE.
const READER_GONE: u8 = 141;

/// Why something could not be told.
#[derive(Debug, Error)]
pub enum TellingError {
    /// Whoever read has gone.
    #[error("nobody reads what is told")]
    ReaderGone,
    /// It cannot be written, as where a disk is full.
    #[error("standard output cannot be written: {0}")]
    Unwritable(io::Error),
}

/// Tells a line.
///
/// # Errors
/// [`TellingError`] when it reaches nobody; a command then does no more, and what it was about to
/// do because of what it told least of all.
pub fn line(words: impl Display) -> Result<(), TellingError> {
    written(format_args!("{words}\n"))
}

/// Tells a text that has its own ends of lines.
///
/// # Errors
/// As [`line()`].
pub fn text(words: impl Display) -> Result<(), TellingError> {
    written(format_args!("{words}"))
}

fn written(words: fmt::Arguments<'_>) -> Result<(), TellingError> {
    let mut output = io::stdout().lock();
    let written = output.write_fmt(words).and_then(|()| output.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => TellingError::ReaderGone,
        _ => TellingError::Unwritable(error),
    })
}

/// Remarks on what is told. Where nobody reads that, there is nobody to be told so.
pub fn remark(words: impl Display) {
    drop(writeln!(io::stderr(), "{words}"));
}

/// How a command ends that failed: with one line that says why, unless its reader has gone.
#[must_use]
pub fn failed(failure: &Failure) -> ExitCode {
    if let Some(TellingError::ReaderGone) = failure.downcast_ref() {
        return ExitCode::from(READER_GONE);
    }
    remark(format_args!("cpis-fhir: {failure}"));
    ExitCode::FAILURE
}
