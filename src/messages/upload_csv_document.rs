//! `docs/upload-csv.md` is what local authorities write their files by, so it is held to the code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use uuid::Uuid;

use super::{HEAD_COLUMNS, read, rules::rules};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode};
use crate::messages::acknowledgement_csv::write;

const DOCUMENT: &str = include_str!("../../docs/upload-csv.md");

fn example(number: usize) -> &'static str {
    let fenced = DOCUMENT.split("```csv\n").nth(number).unwrap();
    fenced.split("```").next().unwrap()
}

#[test]
fn the_documented_file_is_read_without_a_refusal() {
    let upload = read(example(1).as_bytes(), &rules()).unwrap();
    assert_eq!(upload.records.len(), 4);
    for record in upload.records {
        assert!(record.is_ok(), "{record:?}");
    }
}

#[test]
fn the_documented_acknowledgement_is_what_is_written() {
    let damaged = example(1).replace("9990000034", "9990000035");
    let upload = read(damaged.as_bytes(), &rules()).unwrap();
    let records: Vec<_> = upload
        .records
        .into_iter()
        .map(|record| record.map(drop))
        .collect();
    let written = write(&Acknowledgement {
        upload_id: Uuid::nil(),
        sequence: Some(upload.sequence),
        code: FileCode::of_counts(3, 1),
        received_at: "2026-11-20T02:00:07.25Z".parse().unwrap(),
        records,
        match_rate: None,
    });
    let written = String::from_utf8(written).unwrap();
    assert_eq!(written.replace("\r\n", "\n"), example(2));
}

#[test]
fn every_column_and_every_code_is_documented() {
    for column in HEAD_COLUMNS
        .into_iter()
        .chain(RecordField::ALL.map(RecordField::name))
    {
        assert!(DOCUMENT.contains(&format!("\n| `{column}` | ")), "{column}");
    }
    for code in FileCode::ALL {
        let row = format!("\n| {} | {} | ", code.code(), code.meaning());
        assert!(DOCUMENT.contains(&row), "{row}");
    }
    for code in RecordCode::ALL {
        let row = format!("\n| {} | {} | ", code.code(), code.meaning());
        assert!(DOCUMENT.contains(&row), "{row}");
    }
}
