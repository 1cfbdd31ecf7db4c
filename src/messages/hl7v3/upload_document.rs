//! `docs/upload-hl7v3.md` is what suppliers write their files by, so it is held to the code.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use uuid::Uuid;

use super::read;
use crate::domain::upload::{Acknowledgement, FileCode};
use crate::messages::hl7v3::acknowledgement;
use crate::messages::hl7v3::judged::keep;
use crate::messages::upload_csv::rules::rules;

const DOCUMENT: &str = include_str!("../../../docs/upload-hl7v3.md");

fn example(number: usize) -> &'static str {
    let fenced = DOCUMENT.split("```xml\n").nth(number).unwrap();
    fenced.split("```").next().unwrap()
}

#[test]
fn the_documented_file_is_read_without_a_refusal() {
    let upload = read(example(1).as_bytes(), &rules()).unwrap();
    assert_eq!(upload.records.len(), 2);
    for record in upload.records {
        assert!(record.is_ok(), "{record:?}");
    }
    keep("REPC_MT000002GB01-documented.xml", example(1).as_bytes());
}

#[test]
fn the_documented_acknowledgement_is_what_is_written() {
    let damaged = example(1).replace("9990000042", "9990000043");
    let upload = read(damaged.as_bytes(), &rules()).unwrap();
    let records = upload.records.into_iter();
    let records = records.map(|record| record.map(drop)).collect();
    let answered = Acknowledgement {
        match_rate: None,
        upload_id: Uuid::nil(),
        sequence: Some(upload.sequence),
        code: FileCode::of_counts(1, 1),
        received_at: "2026-11-20T02:00:07.25Z".parse().unwrap(),
        records,
    };
    let sender = &upload.authority.code;
    let written = acknowledgement::write(damaged.as_bytes(), sender, &answered);
    let on_one_line: String = example(2).lines().map(str::trim).collect();
    let written = String::from_utf8(written).unwrap().replace('\n', "");
    assert_eq!(written, on_one_line);
    keep("REPC_MT000003GB01-documented.xml", example(2).as_bytes());
}
