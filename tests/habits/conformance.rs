//! The conformance page: every clause has its row, and whatever a row says checks it is there.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::source::is_of_a_name;
use crate::tree::{File, find};

const PAGE: &str = "docs/conformance.md";
/// How many clauses there are.
const CLAUSES: usize = 73;
/// What names a file and not a test begins with.
const FILES: [&str; 3] = ["tests/", "scripts/", "profiles/"];

/// Every clause has a row, and every test and file that the page names is there.
pub fn is_checked(files: &[File]) -> Vec<Finding> {
    let Some(page) = find(files, PAGE) else {
        return vec![finding(1, "is not there", "write it")];
    };
    let mut found = Vec::new();
    let mut clauses = BTreeSet::new();
    for (line, text) in page.lines() {
        let row = clauses_of(text);
        let names: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
        let checks = names.iter().filter(|name| is_test(name) || is_file(name));
        if !row.is_empty() && checks.count() == 0 {
            found.push(finding(
                line,
                "names no test",
                "name the test that checks the clause",
            ));
        }
        clauses.extend(row);
        for name in names {
            if (is_test(name) || is_file(name)) && !is_there(files, name) {
                let wrong = format!("names `{name}`, which is not there");
                found.push(finding(
                    line,
                    &wrong,
                    "name the test that checks the clause",
                ));
            }
        }
    }
    let missing = (1..=CLAUSES).filter(|clause| !clauses.contains(clause));
    found.extend(missing.map(|clause| {
        let wrong = format!("has no row for clause {clause}");
        finding(1, &wrong, "say what checks it, or where we differ")
    }));
    found
}

fn finding(line: usize, wrong: &str, instead: &str) -> Finding {
    Finding::new(PAGE, line, wrong.to_owned(), instead)
}

/// The clauses that a row is for: `| 7 |` or `| 64 to 70 |`.
fn clauses_of(text: &str) -> Vec<usize> {
    let cell = text
        .strip_prefix('|')
        .and_then(|rest| rest.split('|').next());
    let mut numbers = cell
        .unwrap_or_default()
        .split(" to ")
        .map(|part| part.trim().parse());
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), None) => vec![first],
        (Some(Ok(first)), Some(Ok(last))) => (first..=last).collect(),
        _ => Vec::new(),
    }
}

/// Whether what a page names is a test or a file, and is there.
pub fn is_there(files: &[File], name: &str) -> bool {
    (is_test(name) && has_test(files, name))
        || (is_file(name) && files.iter().any(|file| file.path.starts_with(name)))
}

/// `chapter::a_sentence_of_a_test`.
fn is_test(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && !word.contains(|sign: char| !is_of_a_name(sign));
    matches!(name.split_once("::"), Some((chapter, test)) if is_word(chapter) && is_word(test))
}

fn is_file(name: &str) -> bool {
    FILES.iter().any(|start| name.starts_with(start))
}

/// Whether a file of the chapter's name, or a test file in a folder of it, holds the test.
fn has_test(files: &[File], name: &str) -> bool {
    let Some((chapter, test)) = name.split_once("::") else {
        return false;
    };
    let declared = format!("fn {test}(");
    let own = format!("/{chapter}.rs");
    let beside = format!("/{chapter}/tests.rs");
    files.iter().any(|file| {
        (file.path.ends_with(&own) || file.path.ends_with(&beside)) && file.text.contains(&declared)
    })
}

#[cfg(test)]
mod tests {
    use super::{CLAUSES, PAGE, is_checked};
    use crate::tree::File;

    fn tree(page: &str) -> Vec<File> {
        vec![
            File::of(PAGE, page),
            File::of("tests/service/reading.rs", "#[test]\nfn it_reads() {}"),
            File::of("src/fhir/xml/tests.rs", "fn it_writes() {}"),
        ]
    }

    fn page(last: &str) -> String {
        format!(
            "| 1 to {} | M | a | `reading::it_reads` |\n{last}",
            CLAUSES - 1
        )
    }

    #[test]
    fn a_row_for_each_clause_with_tests_that_are_there_is_left_alone() {
        let rows = page("| 73 | M | b | `xml::it_writes`, `tests/service/reading.rs` |");
        assert!(is_checked(&tree(&rows)).is_empty());
    }

    #[test]
    fn a_missing_page_row_test_or_file_is_found() {
        for last in [
            "",
            "| 73 | M | b | none |",
            "| 73 | M | b | `reading::it_writes` |",
            "| 73 | M | b | `reading::it_reads`, `tests/gone/` |",
        ] {
            assert_eq!(is_checked(&tree(&page(last))).len(), 1, "{last}");
        }
        assert_eq!(is_checked(&[]).len(), 1);
    }
}
