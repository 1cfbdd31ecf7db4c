//! The page of the verification standard: every requirement has a result, what is met names what
//! holds it, and whatever a row names is there.

use crate::conformance::is_there;
use crate::finding::Finding;
use crate::tree::{File, find};

const PAGE: &str = "docs/asvs.md";
/// How a result begins that needs a reason behind it.
const WITH_A_REASON: [&str; 3] = ["partly: ", "not met: ", "not applicable: "];
const MET: &str = "met";

/// Every row has a result, and what it names as holding it is there.
pub fn is_held(files: &[File]) -> Vec<Finding> {
    let Some(page) = find(files, PAGE) else {
        return vec![finding(1, "is not there", "write it")];
    };
    let mut found = Vec::new();
    let mut has_row = false;
    for (line, text) in page.lines() {
        let Some((held_by, result)) = row(text) else {
            continue;
        };
        has_row = true;
        let has_reason = WITH_A_REASON
            .iter()
            .any(|start| result.len() > start.len() && result.starts_with(start));
        if result != MET && !has_reason {
            let instead = "say `met`, or `partly`, `not met` or `not applicable` and why";
            found.push(finding(line, "has no result", instead));
        }
        let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
        let instead = "name the test or the file that holds it";
        if names.is_empty() && result == MET {
            found.push(finding(line, "names no test and no file", instead));
        }
        for name in names {
            if !is_there(files, name) && find(files, name).is_none() {
                let wrong = format!("names `{name}`, which is not there");
                found.push(finding(line, &wrong, instead));
            }
        }
    }
    if !has_row {
        found.push(finding(1, "has no row", "say how each requirement is met"));
    }
    found
}

/// The last two cells of a requirement's row: `| 1.1.1 (2) | … | … | … | met |`.
fn row(text: &str) -> Option<(&str, &str)> {
    let cells = text.strip_prefix("| ")?.strip_suffix(" |")?;
    if !cells.starts_with(|sign: char| sign.is_ascii_digit()) {
        return None;
    }
    let (cells, result) = cells.rsplit_once(" | ")?;
    let (_, held_by) = cells.rsplit_once(" | ")?;
    Some((held_by, result))
}

fn finding(line: usize, wrong: &str, instead: &str) -> Finding {
    Finding::new(PAGE, line, wrong.to_owned(), instead)
}

#[cfg(test)]
mod tests {
    use super::{PAGE, is_held};
    use crate::tree::File;

    fn tree(row: &str) -> Vec<File> {
        vec![
            File::of(PAGE, row),
            File::of("tests/service/reading.rs", "#[test]\nfn it_reads() {}"),
            File::of("Cargo.toml", ""),
        ]
    }

    #[test]
    fn a_row_with_a_result_and_what_holds_it_is_left_alone() {
        for row in [
            "| 1.1.1 (2) | a | b | `reading::it_reads`, `Cargo.toml` | met |",
            "| 1.1.1 (2) | a | b | `tests/service/reading.rs` | partly: why |",
            "| 1.1.1 (2) | a | b | – | not met: why |",
            "| 1.1.1 to 1.1.3 | a | – | – | not applicable: why |",
        ] {
            assert!(is_held(&tree(row)).is_empty(), "{row}");
        }
    }

    #[test]
    fn a_row_without_a_result_or_with_a_test_or_a_file_that_is_gone_is_found() {
        for row in [
            "",
            "| 1.1.1 (2) | a | b | – | met |",
            "| 1.1.1 (2) | a | b | `reading::it_reads` | yes |",
            "| 1.1.1 (2) | a | b | `reading::it_reads` | partly: |",
            "| 1.1.1 (2) | a | b | `reading::it_writes` | met |",
            "| 1.1.1 (2) | a | b | `src/gone.rs` | partly: why |",
        ] {
            assert_eq!(is_held(&tree(row)).len(), 1, "{row}");
        }
        assert_eq!(is_held(&[]).len(), 1);
    }
}
