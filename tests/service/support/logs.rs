//! Every log line of the whole suite, and PostgreSQL's log, searched for what no line may hold.

use std::fs;
use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::telemetry;
use uuid::Uuid;

use super::database::cluster;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// How much of each log, the service's and PostgreSQL's, was searched and found to say nothing.
static SEARCHED: Mutex<[usize; 2]> = Mutex::new([0, 0]);
static STARTED: Once = Once::new();

/// Collects log lines.
struct Collector;

impl Write for Collector {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts collecting, once for the suite. At `debug`, where a careless line would show first.
pub fn collect() {
    STARTED.call_once(|| telemetry::start_writing_to("debug", || Collector).unwrap());
}

/// What has been logged so far.
pub fn lines() -> String {
    String::from_utf8_lossy(&LINES.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// Every NHS number of the suite passes the Mod 11 check or is meant to look as if it did: no ten
/// digits of that kind, spaced or not, may stand in a log, nor a practitioner's name.
pub fn assert_logs_say_nothing_of_children() {
    let postgres = fs::read(cluster().log_file()).unwrap_or_default();
    let mut searched = SEARCHED.lock().unwrap_or_else(PoisonError::into_inner);
    let ours = LINES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let logs = [("the service's", ours), ("PostgreSQL's", postgres)];
    for ((log, bytes), searched) in logs.into_iter().zip(searched.iter_mut()) {
        // A line may not have come to its end yet.
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let unread = &bytes[(*searched).min(bytes.len())..];
        for line in String::from_utf8_lossy(unread).lines() {
            assert_line_says_nothing_of_children(log, line);
        }
        *searched = end.map_or(*searched, |end| (end + 1).max(*searched));
    }
}

/// Leaves out the lines of the service's log that hold a text, once they are known to say nothing:
/// whoever asked very often need not be searched through by all who come after.
pub fn forget_lines_of(text: &str) {
    assert_logs_say_nothing_of_children();
    let mut searched = SEARCHED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let (read, unread) = lines.split_at(searched[0].min(lines.len()));
    let read = String::from_utf8_lossy(read);
    let mut kept: Vec<u8> = Vec::new();
    for line in read.lines().filter(|line| !line.contains(text)) {
        kept.extend_from_slice(line.as_bytes());
        kept.push(b'\n');
    }
    searched[0] = kept.len();
    kept.extend_from_slice(unread);
    *lines = kept;
}

/// The same of one line.
pub fn assert_line_says_nothing_of_children(log: &str, line: &str) {
    assert!(
        !holds_nhs_number(line),
        "{log} log holds an NHS number: {}",
        line.len()
    );
    for name in ["Amina", "Adeyemi", "Pritchard", "nhs-number"] {
        assert!(!line.contains(name), "{log} log holds {name:?}");
    }
}

/// A line without its UUIDs, in which ten digits can stand by chance.
fn without_uuids(line: &str) -> String {
    let is_of_a_uuid = |character: char| character.is_ascii_hexdigit() || character == '-';
    line.split_inclusive(|character| !is_of_a_uuid(character))
        .filter(|word| {
            let word = word.trim_end_matches(|character| !is_of_a_uuid(character));
            word.len() != 36 || Uuid::try_parse(word).is_err()
        })
        .collect()
}

fn holds_nhs_number(line: &str) -> bool {
    let line = without_uuids(line);
    let spaceless: String = line.chars().filter(|character| *character != ' ').collect();
    [&line, &spaceless].iter().any(|text| {
        text.split(|character: char| !character.is_ascii_digit())
            .any(|digits| digits.starts_with('9') && NhsNumber::parse(digits).is_ok())
    })
}

#[test]
fn the_search_of_the_logs_finds_an_nhs_number_written_either_way() {
    assert!(holds_nhs_number("patient 9990000026 was"));
    assert!(holds_nhs_number("patient 999 000 0026."));
    assert!(!holds_nhs_number("2026-11-22T12:00:00.000Z port 40603"));
    assert!(!holds_nhs_number("019371b8-1c00-7000-8000-a9990000026b"));
    assert!(holds_nhs_number(
        "019371b8-1c00-7000-8000-a9990000026b, 9990000026"
    ));
}
