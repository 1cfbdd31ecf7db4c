//! How much one upload written as CSV may hold, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::read;
use super::rules::{COLUMNS, HEAD, NAMES, ROW, file, rules};
use crate::messages::reading_rules::ReadingRules;

#[test]
fn a_file_holds_at_most_so_many_rows() {
    let two = ReadingRules {
        records_max: 2,
        ..rules()
    };
    let head = HEAD.replace("17,1", "17,2");
    let full = [NAMES, &head, COLUMNS, ROW, ROW].join("\n");
    assert!(read(full.as_bytes(), &two).is_ok());
    let refusal = read(format!("{full}\n{ROW}").as_bytes(), &two).unwrap_err();
    assert_eq!(refusal.line, Some(6));
    assert!(refusal.reason.contains("at most 2"), "{refusal}");
}

#[test]
fn fifty_thousand_rows_are_an_ordinary_file() {
    let head = HEAD.replace("17,1", "17,50000");
    let rows = format!("{ROW}\r\n").repeat(50_000);
    let upload = file(&[NAMES, &head, COLUMNS, &rows]).unwrap();
    assert_eq!(
        upload
            .records
            .iter()
            .filter(|record| record.is_ok())
            .count(),
        50_000
    );
}
