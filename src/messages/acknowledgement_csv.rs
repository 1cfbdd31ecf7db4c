//! Writes an acknowledgement as CSV (`docs/upload-csv.md`): the content of REPC_MT000003GB01 in the
//! form of RFC 4180, <https://www.rfc-editor.org/rfc/rfc4180>.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::matching::MatchRate;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, RecordRefusal};
use crate::messages::csv_cells::push_line;

const HEAD_COLUMNS: [&str; 10] = [
    "file_sequence",
    "code",
    "meaning",
    "received_at",
    "records",
    "loaded",
    "refused",
    "compared",
    "matched",
    "warning",
];

const RECORD_COLUMNS: [&str; 6] = ["record", "code", "meaning", "column", "echo", "reason"];

/// Writes what became of a file: a head, with how many of its records matched where any were
/// compared (CP-IS NHS number matching), and a line for each of its records, counted from 1.
#[must_use]
pub fn write(acknowledgement: &Acknowledgement) -> Vec<u8> {
    let mut text = String::new();
    push_line(&mut text, &HEAD_COLUMNS);
    push_head(&mut text, acknowledgement);
    push_line(&mut text, &RECORD_COLUMNS);
    // Nearly all of a file's records are taken in, and the same is said of each.
    let mut taken_in = String::new();
    push_rest(&mut taken_in, None);
    text.reserve(taken_in.len().saturating_mul(acknowledgement.records.len()));
    for (number, record) in (1_u64..).zip(&acknowledgement.records) {
        text.push_str(&number.to_string());
        match record {
            Ok(()) => text.push_str(&taken_in),
            Err(refusal) => push_rest(&mut text, Some(refusal)),
        }
    }
    text.into_bytes()
}

/// Writes why a file was refused as a whole, where no status of HTTP can say so: a head without a
/// number, and a line that counts for no record.
#[must_use]
pub fn write_refusal(code: FileCode, reason: &str, received_at: DateTime<Utc>) -> Vec<u8> {
    let (mut text, none) = (String::new(), "0");
    push_line(&mut text, &HEAD_COLUMNS);
    let received_at = written(received_at);
    push_line(
        &mut text,
        &[
            "",
            code.code(),
            code.meaning(),
            &received_at,
            none,
            none,
            none,
            "",
            "",
            "",
        ],
    );
    push_line(&mut text, &RECORD_COLUMNS);
    push_line(
        &mut text,
        &["", code.code(), code.meaning(), "", "", reason],
    );
    text.into_bytes()
}

fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn push_head(text: &mut String, acknowledgement: &Acknowledgement) {
    let (records, refused) = (acknowledgement.records.len(), acknowledgement.refused());
    let sequence = acknowledgement
        .sequence
        .map(|sequence| sequence.to_string());
    let rate = acknowledgement.match_rate;
    let warning = rate.filter(|rate| rate.is_low()).map(|_low| {
        format!(
            "fewer than {} in 100 records matched the demographics service",
            MatchRate::EXPECTED_PERCENT
        )
    });
    push_line(
        text,
        &[
            &sequence.unwrap_or_default(),
            acknowledgement.code.code(),
            acknowledgement.code.meaning(),
            &written(acknowledgement.received_at),
            &records.to_string(),
            &records.saturating_sub(refused).to_string(),
            &refused.to_string(),
            &rate
                .map(|rate| rate.compared.to_string())
                .unwrap_or_default(),
            &rate
                .map(|rate| rate.matched.to_string())
                .unwrap_or_default(),
            &warning.unwrap_or_default(),
        ],
    );
}

/// What follows a record's number in its line.
fn push_rest(text: &mut String, refusal: Option<&RecordRefusal>) {
    let code = refusal.map_or(RecordCode::Successful, |refusal| refusal.code);
    push_line(
        text,
        &[
            "",
            code.code(),
            code.meaning(),
            refusal
                .and_then(|refusal| refusal.field)
                .map(RecordField::name)
                .unwrap_or_default(),
            refusal.map_or("", |refusal| &refusal.echo),
            refusal.map_or("", |refusal| &refusal.reason),
        ],
    );
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test that cannot go on should stop"
    )]

    use csv::ReaderBuilder;
    use proptest::prelude::{any, prop_assert_eq, prop_oneof, proptest};
    use uuid::Uuid;

    use super::{write, write_refusal};
    use crate::domain::matching::MatchRate;
    use crate::domain::record_field::RecordField;
    use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, RecordRefusal};
    use crate::messages::csv_cells::FORMULA_STARTS;

    fn acknowledgement(records: Vec<Result<(), RecordRefusal>>) -> Acknowledgement {
        Acknowledgement {
            upload_id: Uuid::nil(),
            sequence: Some(17),
            code: FileCode::Partial,
            received_at: "2026-11-22T12:00:00.250Z".parse().unwrap(),
            records,
            match_rate: None,
        }
    }

    #[test]
    fn a_refused_file_has_its_reason_beside_no_record() {
        let at = "2026-11-22T12:00:00.250Z".parse().unwrap();
        let written = write_refusal(FileCode::FileLevelError, "the next is 18, not 17", at);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "file_sequence,code,meaning,received_at,records,loaded,refused,\
             compared,matched,warning\r\n\
             ,CPF01,File Level Error,2026-11-22T12:00:00.250Z,0,0,0,,,\r\n\
             record,code,meaning,column,echo,reason\r\n\
             ,CPF01,File Level Error,,,\"the next is 18, not 17\"\r\n"
        );
    }

    fn refused(echo: &str, reason: &str) -> Result<(), RecordRefusal> {
        Err(RecordRefusal::of(
            RecordCode::NhsNumberFormat,
            RecordField::NhsNumber,
            echo,
            reason,
        ))
    }

    fn cells(file: &[u8]) -> Vec<Vec<String>> {
        ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(file)
            .records()
            .map(|line| line.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn an_acknowledgement_says_what_became_of_the_file_and_of_each_record() {
        let records = vec![Ok(()), refused("99", "ten digits, no \"spaces\""), Ok(())];
        let expected = "file_sequence,code,meaning,received_at,records,loaded,refused,\
             compared,matched,warning\r\n\
             17,CPF03,Partial File Upload,2026-11-22T12:00:00.250Z,3,2,1,,,\r\n\
             record,code,meaning,column,echo,reason\r\n\
             1,CPR06,Successful Record Upload,,,\r\n\
             2,CPR04,PDS Error - NHS Number Format Incorrect,nhs_number,99,\
             \"ten digits, no \"\"spaces\"\"\"\r\n\
             3,CPR06,Successful Record Upload,,,\r\n";
        let written = String::from_utf8(write(&acknowledgement(records))).unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn an_acknowledgement_says_how_many_records_matched_and_warns_below_95_in_100() {
        for (matched, expected) in [
            (95, ["100", "95", ""]),
            (
                94,
                [
                    "100",
                    "94",
                    "fewer than 95 in 100 records matched the demographics service",
                ],
            ),
        ] {
            let mut told = acknowledgement(vec![Ok(())]);
            let compared = 100;
            told.match_rate = Some(MatchRate { compared, matched });
            assert_eq!(cells(&write(&told))[1][7..], expected);
        }
    }

    #[test]
    fn a_refusal_of_the_record_as_a_whole_names_no_column() {
        let mut refusal = refused("", "another plan of this file says the same").unwrap_err();
        refusal.field = None;
        let written = cells(&write(&acknowledgement(vec![Err(refusal)])));
        assert_eq!(written[3][3], "");
    }

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_shows_as_text() {
        for start in FORMULA_STARTS {
            let echo = format!("{start}cmd|' /C calc'!A0,\"");
            let written = cells(&write(&acknowledgement(vec![refused(&echo, &echo)])));
            assert_eq!(written[3][4], format!("'{echo}"));
            assert_eq!(written[3][5], format!("'{echo}"));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_echoed_reads_back_in_its_cell(
            echo in prop_oneof![any::<String>(), "[\r\n\t\",=' a]{0,8}"]
        ) {
            let written = cells(&write(&acknowledgement(vec![refused(&echo, "no"), Ok(())])));
            let shown: String = echo.chars().take(100).collect();
            let shield = if echo.starts_with(FORMULA_STARTS) { "'" } else { "" };
            prop_assert_eq!(&written[3][4], &format!("{shield}{shown}"));
            prop_assert_eq!(written.len(), 5);
        }
    }
}
