//! What a habit found: where, what is wrong, and what to do instead.

use std::fmt;

/// One thing that breaks a habit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    wrong: String,
    instead: String,
}

impl Finding {
    /// A finding; lines count from 1.
    pub fn new(path: &str, line: usize, wrong: impl Into<String>, instead: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            wrong: wrong.into(),
            instead: instead.to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            wrong,
            instead,
        } = self;
        write!(formatter, "{path}:{line}: {wrong}; {instead}")
    }
}

/// All findings, sorted by file and line, each said once.
pub fn report(found: &[Finding]) -> String {
    let mut sorted: Vec<&Finding> = found.iter().collect();
    sorted.sort();
    sorted.dedup();
    let lines: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    format!("{} found:\n{}", lines.len(), lines.join("\n"))
}

#[test]
fn a_report_is_sorted_and_says_each_finding_once() {
    let second = || Finding::new("src/b.rs", 2, "a bad name", "name what it does");
    let first = Finding::new("src/a.rs", 10, "too long", "split it");
    assert_eq!(
        report(&[second(), first, second()]),
        "2 found:\nsrc/a.rs:10: too long; split it\nsrc/b.rs:2: a bad name; name what it does"
    );
}
