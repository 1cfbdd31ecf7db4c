//! An acknowledgement in words (`docs/upload-csv.md`). What was sent is not repeated: a terminal's
//! lines are kept and copied where NHS numbers have no business.

use std::process::ExitCode;

use csv::{ReaderBuilder, StringRecord};

use crate::commands::Failure;
use crate::commands::telling::line;
use crate::domain::upload::{FileCode, RecordCode};

/// The most refused records that are told one by one.
const TOLD_MAX: usize = 20;

/// Prints an acknowledgement, in words or as it came. Success where every record was taken in.
///
/// # Errors
/// [`Failure`] when it is no acknowledgement.
pub fn print(acknowledgement: &str, csv: bool) -> Result<ExitCode, Failure> {
    let (summary, is_whole) = summary(acknowledgement).ok_or("the answer is no acknowledgement")?;
    match csv {
        true => line(acknowledgement.trim_end())?,
        false => line(&summary)?,
    }
    Ok(match is_whole {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The words, and whether every record was taken in.
fn summary(acknowledgement: &str) -> Option<(String, bool)> {
    let lines: Vec<StringRecord> = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(acknowledgement.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .ok()?;
    let [_, head, _, records @ ..] = lines.as_slice() else {
        return None;
    };
    let cell = |place| head.get(place);
    let code = FileCode::parse(cell(1)?)?;
    let mut words = vec![
        format!("File {}: {} {}", cell(0)?, code.code(), code.meaning()),
        format!(
            "{} records, {} taken in, {} refused; received {}",
            cell(4)?,
            cell(5)?,
            cell(6)?,
            cell(3)?
        ),
    ];
    words.extend(match_rate(head));
    let taken = RecordCode::Successful.code();
    let refused = records.iter().filter(|line| line.get(1) != Some(taken));
    words.extend(refused.clone().take(TOLD_MAX).map(refusal));
    let untold = refused.count().saturating_sub(TOLD_MAX);
    if untold > 0 {
        words.push(format!("and {untold} more: --csv prints them all"));
    }
    Some((words.join("\n"), code == FileCode::Successful))
}

/// How many records matched, where any were compared.
fn match_rate(head: &StringRecord) -> Option<String> {
    let cell = |place| head.get(place).filter(|cell| !cell.is_empty());
    let (compared, matched) = (cell(7)?, cell(8)?);
    let warning = cell(9).map(|warning| format!("; WARNING: {warning}"));
    let warning = warning.unwrap_or_default();
    Some(format!(
        "{matched} of {compared} compared records matched{warning}"
    ))
}

fn refusal(line: &StringRecord) -> String {
    let cell = |place| line.get(place).unwrap_or_default();
    let column = match cell(3) {
        "" => String::new(),
        column => format!(", {column}"),
    };
    let (number, code, meaning, reason) = (cell(0), cell(1), cell(2), cell(5));
    format!("  record {number}{column}: {code} {meaning}: {reason}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::summary;
    use crate::domain::record_field::RecordField;
    use crate::domain::upload::{Acknowledgement, FileCode, RecordRefusal};
    use crate::messages::acknowledgement_csv::write;

    fn told(refused: usize) -> (String, bool) {
        let refusal = RecordRefusal::unsuccessful(RecordField::BirthDate, "1.4.15", "write it so");
        let mut records = vec![Err(refusal); refused];
        records.push(Ok(()));
        let acknowledgement = Acknowledgement {
            match_rate: None,
            upload_id: uuid::Uuid::nil(),
            sequence: Some(17),
            code: FileCode::of_counts(1, refused),
            received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            records,
        };
        summary(&String::from_utf8(write(&acknowledgement)).unwrap()).unwrap()
    }

    #[test]
    fn a_whole_file_is_told_in_two_lines() {
        let (words, is_whole) = told(0);
        let expected = "File 17: CPF02 Successful File Upload\n\
                        1 records, 1 taken in, 0 refused; received 2026-11-22T12:00:00.000Z";
        assert_eq!((words.as_str(), is_whole), (expected, true));
    }

    #[test]
    fn how_many_records_matched_is_told_and_too_few_are_warned_of() {
        let head = |rate: &str| {
            let text = format!("a\n1,CPF02,,,1,1,0,{rate}\nb\n");
            summary(&text).unwrap().0
        };
        assert!(!head(",,").contains("matched"));
        assert!(head("9,9,").ends_with("9 of 9 compared records matched"));
        assert!(head("9,1,too few").ends_with("matched; WARNING: too few"));
    }

    #[test]
    fn each_refused_record_is_told_by_number_column_and_reason_and_never_by_what_was_sent() {
        let (words, is_whole) = told(2);
        let line = "\n  record 2, birth_date: CPR07 Unsuccessful Record Upload: write it so";
        assert!(words.ends_with(line) && !is_whole, "{words}");
        assert!(!words.contains("1.4.15"), "{words}");
    }

    #[test]
    fn of_very_many_refused_records_the_first_are_told_and_the_others_counted() {
        let (words, _) = told(50);
        assert_eq!(words.lines().count(), 23);
        assert!(words.ends_with("and 30 more: --csv prints them all"));
    }

    #[test]
    fn what_is_no_acknowledgement_is_not_taken_for_one() {
        for text in ["", "a,b\n", "{}", "a\nb\nc\nd\n"] {
            assert_eq!(summary(text), None);
        }
    }
}
