//! The rules of a row of an upload written as CSV, as tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, RecordRefusal};
use crate::messages::upload_csv::rules::{COLUMNS, HEAD, NAMES, ROW, file};

fn refused_row(row: &str) -> RecordRefusal {
    let mut upload = file(&[NAMES, HEAD, COLUMNS, row]).unwrap();
    upload.records.remove(0).unwrap_err()
}

/// Where a row is at fault and by which code, when one cell of a good row is replaced.
fn fault(place: usize, cell: &str) -> (Option<&'static str>, RecordCode) {
    let mut cells: Vec<&str> = ROW.split(',').collect();
    cells[place] = cell;
    let refusal = refused_row(&cells.join(","));
    // A name is never echoed.
    let echoed = if place < 8 { 100 } else { 0 };
    assert!(refusal.echo.chars().eq(cell.chars().take(echoed)), "{cell}");
    (refusal.field.map(RecordField::name), refusal.code)
}

#[test]
fn each_mandatory_cell_is_named_when_it_is_missing() {
    let mandatory = [
        (0, "plan_kind"),
        (1, "nhs_number"),
        (2, "local_id"),
        (3, "authority"),
        (4, "birth_date"),
        (5, "start_date"),
        (8, "family_name"),
        (9, "given_names"),
    ];
    for (place, column) in mandatory {
        for empty in ["", "  "] {
            assert_eq!(
                fault(place, empty),
                (Some(column), RecordCode::Unsuccessful)
            );
        }
    }
}

#[test]
fn each_unusable_value_is_refused_with_its_column_and_code() {
    let nbsp = "\u{a0}CPP";
    let long_id = "H".repeat(65);
    let long_name = "N".repeat(201);
    for (place, cell, column, code) in [
        (0, "cpp", "plan_kind", "CPR07"),
        (0, nbsp, "plan_kind", "CPR07"),
        (1, "999 000 0026", "nhs_number", "CPR04"),
        (1, "9990000027", "nhs_number", "CPR04"),
        (2, "H 1001", "local_id", "CPR07"),
        (2, "Hé", "local_id", "CPR07"),
        (2, &long_id, "local_id", "CPR07"),
        (3, "E90002", "authority", "CPR07"),
        (3, "e90001", "authority", "CPR07"),
        (4, "01/04/2015", "birth_date", "CPR07"),
        (5, "2026-02-30", "start_date", "CPR07"),
        (6, "31 December", "end_date", "CPR07"),
        (7, "yes", "delete_date", "CPR07"),
        (6, "2025-01-01", "end_date", "CPR07"),
        (7, "2026-11-23", "delete_date", "CPR07"),
        (8, &long_name, "family_name", "CPR07"),
        (9, "Ada\tGrace", "given_names", "CPR07"),
    ] {
        let code = RecordCode::parse(code).unwrap();
        assert_eq!(fault(place, cell), (Some(column), code), "{cell}");
    }
    let longest = ROW.replace("H-1001", &"H".repeat(64));
    assert!(file(&[NAMES, HEAD, COLUMNS, &longest]).unwrap().records[0].is_ok());
}

#[test]
fn a_cell_of_more_than_1000_characters_is_refused_though_it_be_spaces() {
    for (place, cell) in ROW.split(',').enumerate() {
        let longest = format!("{cell:1000}");
        let row = ROW.replacen(cell, &longest, usize::from(!cell.is_empty()));
        assert!(file(&[NAMES, HEAD, COLUMNS, &row]).unwrap().records[0].is_ok());
        let (column, code) = fault(place, &format!("{cell:1001}"));
        assert_eq!(
            (column, code),
            (
                Some(RecordField::ALL[place].name()),
                RecordCode::Unsuccessful
            )
        );
    }
}

#[test]
fn the_reason_says_what_would_be_right() {
    for (place, cell, words) in [
        (0, "CIN", "CPP, CLA or UCPP"),
        (1, "9990000027", "Modulus 11"),
        (3, "E90002", "in a file of its own"),
        (4, "", "birth_date is mandatory"),
        (4, "1.4.2015", "YYYY-MM-DD"),
    ] {
        let mut cells: Vec<&str> = ROW.split(',').collect();
        cells[place] = cell;
        let refusal = refused_row(&cells.join(","));
        assert!(refusal.reason.contains(words), "{}", refusal.reason);
    }
}

#[test]
fn of_several_faults_the_first_column_s_is_named() {
    assert_eq!(
        refused_row("x,x,x x,x,x,x,x,x,x,x").field,
        RecordField::parse("plan_kind")
    );
    assert_eq!(
        refused_row("CPP,9990000026,x x,x,x,x,x,x,x,x").field,
        RecordField::parse("local_id")
    );
    assert_eq!(
        refused_row("CPP,9990000026,x,x,x,x,x,x,x,x").field,
        RecordField::parse("authority")
    );
    assert_eq!(
        refused_row("CPP,9990000026,x,E90001,x,x,x,x,x,x").field,
        RecordField::parse("birth_date")
    );
}

#[test]
fn a_refused_row_does_not_refuse_its_neighbours_and_keeps_its_place() {
    let head = HEAD.replace("17,1", "17,3");
    let bad = ROW.replace("CPP", "CIN");
    let records = file(&[NAMES, &head, COLUMNS, ROW, &bad, ROW])
        .unwrap()
        .records;
    let loaded: Vec<bool> = records.iter().map(Result::is_ok).collect();
    assert_eq!(loaded, [true, false, true]);
}
