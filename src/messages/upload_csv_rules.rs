//! The rules of an upload written as CSV, as tests: a file each.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use chrono::NaiveDate;

use super::{FileRefusal, ReadingRules, read};
use crate::domain::plan::{PlanKind, Windows};
use crate::domain::upload::{FileCode, Upload, UploadRecord};

pub(in crate::messages) const NAMES: &str = "file_sequence,record_count,created_at,authority,\
                                             authority_name,emergency_phone,office_phone";
pub(in crate::messages) const HEAD: &str =
    "17,1,2026-11-20T02:00:00Z,E90001,Northshire Council,01632 960001,01632 960002";
pub(in crate::messages) const COLUMNS: &str = "plan_kind,nhs_number,local_id,authority,birth_date,\
                                               start_date,end_date,delete_date,family_name,\
                                               given_names";
pub(in crate::messages) const ROW: &str =
    "CPP,9990000026,H-1001,E90001,2015-04-01,2026-01-10,,,Okonkwo,Ada Grace";

pub(in crate::messages) fn rules() -> ReadingRules {
    ReadingRules {
        windows: Windows {
            after_end_days: 364,
            after_due_date_days: 28,
        },
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
        records_max: 50_000,
    }
}

pub(in crate::messages) fn file(lines: &[&str]) -> Result<Upload, FileRefusal> {
    read(lines.join("\r\n").as_bytes(), &rules())
}

fn refused_file(lines: &[&str]) -> FileRefusal {
    let refusal = file(lines).unwrap_err();
    assert_eq!(refusal.code, FileCode::FileLevelError);
    refusal
}

fn refused_head(head: &str) -> Option<&'static str> {
    let refusal = refused_file(&[NAMES, head, COLUMNS, ROW]);
    assert_eq!(refusal.line, Some(2), "{refusal}");
    refusal.column
}

#[test]
fn a_file_is_read_as_documented() {
    let upload = file(&[NAMES, HEAD, COLUMNS, ROW, ""]).unwrap();
    assert_eq!(upload.sequence, 17);
    assert_eq!(upload.created_at.to_rfc3339(), "2026-11-20T02:00:00+00:00");
    assert_eq!(upload.authority.code.as_str(), "E90001");
    assert_eq!(upload.authority.name, "Northshire Council");
    assert_eq!(upload.authority.emergency_phone.as_str(), "01632960001");
    let office = upload.authority.office_phone.unwrap();
    assert_eq!(office.as_str(), "01632960002");
    let UploadRecord { plan: record, name } = upload.records[0].clone().unwrap();
    assert_eq!(
        (name.family.as_str(), name.given.as_str()),
        ("Okonkwo", "Ada Grace")
    );
    assert_eq!(record.kind, PlanKind::ChildProtection);
    assert_eq!(record.nhs_number.reveal(), "9990000026");
    assert_eq!(record.local_id, "H-1001");
    assert_eq!(
        record.birth_date,
        NaiveDate::from_ymd_opt(2015, 4, 1).unwrap()
    );
    assert_eq!(record.start, NaiveDate::from_ymd_opt(2026, 1, 10).unwrap());
    assert_eq!((record.sent_end, record.deleted_on), (None, None));
}

#[test]
fn what_spreadsheets_add_changes_nothing() {
    let plain = file(&[NAMES, HEAD, COLUMNS, ROW]);
    let padded = [
        "\u{feff}",
        &format!("{NAMES},"),
        "\n\n",
        &format!("{HEAD}, "),
        "\r\n,,,,,,,\r\n",
        &format!("{COLUMNS},,"),
        "\n   \n",
        "CPP , 9990000026,\"H-1001\",E90001,2015-04-01,2026-01-10,, ,Okonkwo, Ada Grace,,",
        "\n,,,,,,,,\n\n",
    ];
    assert!(plain.is_ok());
    assert_eq!(read(padded.concat().as_bytes(), &rules()), plain);
}

#[test]
fn one_comma_too_many_is_refused_and_never_reads_an_end_as_a_withdrawal() {
    let shifted = ROW.replace("2026-01-10,,", "2026-01-10,,2026-11-01,");
    assert!(file(&[NAMES, HEAD, COLUMNS, &shifted]).is_err());
}

#[test]
fn columns_may_stand_in_any_order() {
    let columns = "given_names,delete_date,end_date,start_date,birth_date,authority,local_id,\
                   nhs_number,plan_kind,family_name";
    let row = "Ada Grace,,,2026-01-10,2015-04-01,E90001,H-1001,9990000026,CPP,Okonkwo";
    let plain = file(&[NAMES, HEAD, COLUMNS, ROW]);
    assert_eq!(file(&[NAMES, HEAD, columns, row]), plain);
}

#[test]
fn each_column_is_named_exactly_once() {
    let missing = COLUMNS.replace(",delete_date", "");
    let repeated = COLUMNS.replace("delete_date", "end_date");
    for (columns, column) in [(missing, Some("delete_date")), (repeated, Some("end_date"))] {
        let refusal = refused_file(&[NAMES, HEAD, &columns, ROW]);
        assert_eq!((refusal.line, refusal.column), (Some(3), column));
    }
    let unknown = COLUMNS.replace("delete_date", "deleted");
    let surplus = format!("{COLUMNS},religion");
    let blank = COLUMNS.replace("authority", "");
    let shouted = COLUMNS.to_uppercase();
    for columns in [unknown, surplus, blank, shouted] {
        let refusal = refused_file(&[NAMES, HEAD, &columns, ROW]);
        assert_eq!((refusal.line, refusal.column), (Some(3), None), "{columns}");
    }
    let names = NAMES.replace(",office_phone", "");
    let refusal = refused_file(&[&names, HEAD, COLUMNS, ROW]);
    assert_eq!(
        (refusal.line, refusal.column),
        (Some(1), Some("office_phone"))
    );
}

#[test]
fn a_refused_file_s_reason_repeats_nothing_of_a_plan() {
    let short = "CPP,9990000026,H-1001,E90001";
    for lines in [
        [NAMES, HEAD, ROW, ""],
        [NAMES, HEAD, COLUMNS, short],
        [ROW, "", "", ""],
        [NAMES, ROW, COLUMNS, ROW],
    ] {
        let refusal = refused_file(&lines);
        let shown = format!("{refusal:?}");
        assert!(
            !shown.contains("9990000026") && !shown.contains("H-1001"),
            "{shown}"
        );
    }
}

#[test]
fn a_file_that_is_empty_or_no_text_is_refused() {
    for bytes in [
        b"".as_slice(),
        b"\xEF\xBB\xBF",
        b" \r\n\r\n",
        b"\xFF\xFEf\0i\0l\0e\0",
        b"file_sequence,\xE9",
        b"file_sequence,\0",
        b",,,,\n,,,\n",
    ] {
        let refusal = read(bytes, &rules()).unwrap_err();
        assert_eq!(refusal.code, FileCode::FileLevelError);
    }
    let nul = format!("{NAMES}\r\n{HEAD}\r\n{COLUMNS}\r\n{ROW}\0");
    assert_eq!(read(nul.as_bytes(), &rules()).unwrap_err().line, Some(4));
}

#[test]
fn a_file_that_ends_early_or_never_closes_a_quote_is_refused() {
    for lines in [vec![NAMES], vec![NAMES, HEAD], vec![NAMES, HEAD, COLUMNS]] {
        assert_eq!(refused_file(&lines).column, None);
    }
    let open = ROW.replace("H-1001", "\"H-1001");
    assert_eq!(
        refused_file(&[NAMES, HEAD, COLUMNS, &open, ROW]).line,
        Some(4)
    );
}

#[test]
fn each_value_of_the_head_is_checked() {
    for number in [
        "",
        "0",
        "-1",
        "+1",
        "1.0",
        "1000000000",
        "99999999999999999999",
        "one",
    ] {
        let head = HEAD.replacen("17", number, 1);
        assert_eq!(refused_head(&head), Some("file_sequence"), "{number}");
        let head = HEAD.replacen("17,1", &format!("17,{number}"), 1);
        assert_eq!(refused_head(&head), Some("record_count"), "{number}");
    }
    assert!(file(&[NAMES, &HEAD.replace("17", "999999999"), COLUMNS, ROW]).is_ok());
    let longest = "N".repeat(200);
    assert!(
        file(&[
            NAMES,
            &HEAD.replace("Northshire Council", &longest),
            COLUMNS,
            ROW
        ])
        .is_ok()
    );
    let too_long = "N".repeat(201);
    for (good, bad, column) in [
        ("E90001", "e90001", "authority"),
        ("E90001", "", "authority"),
        ("Northshire Council", " ", "authority_name"),
        ("Northshire Council", &too_long, "authority_name"),
        ("Northshire Council", "\"North\nshire\"", "authority_name"),
        ("01632 960001", "", "emergency_phone"),
        ("01632 960001", "01632-960001", "emergency_phone"),
        ("01632 960002", "none", "office_phone"),
    ] {
        assert_eq!(
            refused_head(&HEAD.replace(good, bad)),
            Some(column),
            "{bad}"
        );
    }
}

#[test]
fn a_file_is_written_at_a_real_moment_at_most_a_day_ahead() {
    let at = |moment: &str| HEAD.replace("2026-11-20T02:00:00Z", moment);
    for bad in [
        "",
        "2026-11-20",
        "2026-11-20T02:00:00",
        "20/11/2026 02:00",
        "2026-02-29T02:00:00Z",
        "1899-12-31T23:59:59Z",
        "2026-11-23T12:00:01Z",
        "2151-01-01T00:00:00Z",
    ] {
        assert_eq!(refused_head(&at(bad)), Some("created_at"), "{bad}");
    }
    for good in [
        "1900-01-01T00:00:00Z",
        "2026-11-23T12:00:00Z",
        "2026-11-20T03:00:00.5+01:00",
    ] {
        assert!(file(&[NAMES, &at(good), COLUMNS, ROW]).is_ok(), "{good}");
    }
}

#[test]
fn an_authority_need_not_give_an_office_number() {
    let head = HEAD.replace("01632 960002", "");
    let upload = file(&[NAMES, &head, COLUMNS, ROW]).unwrap();
    assert_eq!(upload.authority.office_phone, None);
}

#[test]
fn a_count_that_differs_from_the_rows_loads_nothing_and_both_are_said() {
    let refusal = refused_file(&[NAMES, HEAD, COLUMNS, ROW, ROW, ROW]);
    assert_eq!(refusal.column, Some("record_count"));
    assert!(refusal.reason.contains("says 1 but 3 rows"), "{refusal}");
    assert_eq!(refused_file(&[NAMES, HEAD, COLUMNS]).column, None);
}

#[test]
fn a_row_with_too_few_or_too_many_cells_refuses_the_file_with_its_line() {
    for row in ["CPP,9990000026", &format!("{ROW},x"), &format!("{ROW},,x")] {
        let refusal = refused_file(&[NAMES, HEAD, COLUMNS, ROW, row]);
        assert_eq!((refusal.line, refusal.column), (Some(5), None), "{row}");
    }
    for head in [format!("{HEAD},x"), HEAD.replace(",01632 960002", "")] {
        assert_eq!(refused_head(&head), None);
    }
}
