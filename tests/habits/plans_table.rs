//! Who reads the `plans` table: the access as it is recorded, the intake, an authority that reads
//! back its own, and whoever asks whether a month may still be shown. Any other reader would be one
//! more door.

use crate::finding::Finding;
use crate::reading::paths;
use crate::source::{Source, is_of_a_name};
use crate::tree::{File, rust_in};

const READERS: [&str; 11] = [
    "src/store/disclosure_statement/text.rs",
    "src/store/alert_reports.rs",
    "src/store/child_accesses.rs",
    "src/store/held_plans.rs",
    "src/store/moved_plans.rs",
    "src/store/number_changes.rs",
    "src/store/plan_ends.rs",
    "src/store/showing_months.rs",
    "src/store/standing_plans.rs",
    "src/store/told_before.rs",
    "src/store/told_plans.rs",
];
/// Written by diesel: it names every table.
const SCHEMA: &str = "src/store/schema.rs";
/// What comes before a table that is read.
const READING: [&str; 3] = ["from", "join", "only"];
/// How diesel's own query language names the table.
const IN_DIESEL: [&str; 3] = ["schema::plans", "plans::table", "plans::dsl"];
const INSTEAD: &str = "ask a RecordedAccess or a RecordedReading for its plans, or told_plans";

/// Nobody else in the store reads the table.
pub fn read_by_three(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &["src/store/"]) {
        if file.is_in(&READERS) || file.path == SCHEMA {
            continue;
        }
        let in_sql = read_in_sql(&file.text).into_iter();
        let in_diesel = paths(&file.text)
            .into_iter()
            .filter(|path| IN_DIESEL.iter().any(|way| path.holds(way)))
            .map(|path| path.line);
        found.extend(
            in_sql
                .chain(in_diesel)
                .map(|line| Finding::new(&file.path, line, "reads the `plans` table", INSTEAD)),
        );
    }
    found
}

/// The lines on which quoted SQL names the table to read it, even where the statement is broken
/// over lines.
fn read_in_sql(text: &str) -> Vec<usize> {
    let quoted = Source::of(text).quoted.to_lowercase();
    let words: Vec<(usize, &str)> = (1..)
        .zip(quoted.lines())
        .flat_map(|(line, text)| {
            let words = text.split(|sign| !is_of_a_name(sign) && sign != '.');
            words
                .filter(|word| !word.is_empty())
                .map(move |word| (line, word))
        })
        .collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs
        .filter(|((_, verb), (_, table))| {
            READING.contains(verb) && matches!(*table, "plans" | "public.plans")
        })
        .map(|(_, (line, _))| *line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::read_by_three;
    use crate::tree::File;

    #[test]
    fn a_fourth_reader_is_found() {
        for bad in [
            "sql_query(\"select * from plans\")",
            "const A: &str = \"select 1 from told t JOIN \\\n    Plans p on true\";",
            "r#\"select from \"plans\"\"#",
            "\"select from public.plans\"",
            "use crate::store::schema::{accesses, plans};",
            "plans::table.load(postgres)",
        ] {
            assert_eq!(
                read_by_three(&[File::of("src/store/a.rs", bad)]).len(),
                1,
                "{bad}"
            );
        }
    }

    #[test]
    fn the_three_readers_and_other_tables_are_left_alone() {
        let reads = "\"select from plans\"";
        for path in [
            "src/store/disclosure_statement/text.rs",
            "src/store/told_plans.rs",
            "src/api/a.rs",
        ] {
            assert!(read_by_three(&[File::of(path, reads)]).is_empty(), "{path}");
        }
        let good = "// from plans\n\"select from plans_history join told\"; plans::disclosed_to(a)";
        assert!(read_by_three(&[File::of("src/store/a.rs", good)]).is_empty());
    }
}
