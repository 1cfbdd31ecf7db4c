//! The page of threats: every threat has its row, and whatever a row says holds it is there.

use std::collections::BTreeSet;

use crate::conformance::is_there;
use crate::finding::Finding;
use crate::tree::{File, find};

const PAGE: &str = "docs/security.md";
/// How many threats there are.
const THREATS: usize = 27;
/// What a row says that nothing holds, in its last cell.
const NOT_YET: &str = "not yet";

/// Every threat has a row, and every row names tests that are there, or says that there are none.
pub fn is_held(files: &[File]) -> Vec<Finding> {
    let Some(page) = find(files, PAGE) else {
        return vec![finding(1, "is not there", "write it")];
    };
    let mut found = Vec::new();
    let mut threats = BTreeSet::new();
    for (line, text) in page.lines() {
        let Some((threat, held_by)) = row(text) else {
            continue;
        };
        threats.insert(threat);
        let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
        let instead = "name the test that holds it, or say that it is not yet held";
        if names.is_empty() && !held_by.contains(NOT_YET) {
            found.push(finding(line, "names no test", instead));
        }
        for name in names {
            if !is_there(files, name) {
                let wrong = format!("names `{name}`, which is not there");
                found.push(finding(line, &wrong, instead));
            }
        }
    }
    let missing = (1..=THREATS).filter(|threat| !threats.contains(threat));
    found.extend(missing.map(|threat| {
        let wrong = format!("has no row for threat T{threat}");
        finding(1, &wrong, "say what meets it, or that nothing does yet")
    }));
    found
}

/// The number of a row's threat, and its last cell: `| T4 a token is forged | … | … |`.
fn row(text: &str) -> Option<(usize, &str)> {
    let cells = text.strip_prefix("| T")?.strip_suffix(" |")?;
    let (threat, _) = cells.split_once(' ')?;
    let (_, held_by) = cells.rsplit_once(" | ")?;
    Some((threat.parse().ok()?, held_by))
}

fn finding(line: usize, wrong: &str, instead: &str) -> Finding {
    Finding::new(PAGE, line, wrong.to_owned(), instead)
}

#[cfg(test)]
mod tests {
    use super::{PAGE, THREATS, is_held};
    use crate::tree::File;

    fn tree(last: &str) -> Vec<File> {
        let rows =
            (1..THREATS).map(|threat| format!("| T{threat} a | b | `reading::it_reads` |\n"));
        let page = rows.chain([last.to_owned()]).collect::<String>();
        vec![
            File::of(PAGE, &page),
            File::of("tests/service/reading.rs", "#[test]\nfn it_reads() {}"),
        ]
    }

    #[test]
    fn a_row_for_each_threat_that_is_held_or_says_so_is_left_alone() {
        for last in [
            "| T27 a | b | `reading::it_reads`, `tests/service/reading.rs` |",
            "| T27 a | b | not yet |",
        ] {
            assert!(is_held(&tree(last)).is_empty(), "{last}");
        }
    }

    #[test]
    fn a_missing_page_row_test_or_file_is_found() {
        for last in [
            "",
            "| T27 a | b | somebody |",
            "| T27 a | b | `reading::it_writes` |",
            "| T27 a | b | `it_reads` |",
            "| T27 a | b | `tests/gone/` |",
        ] {
            assert_eq!(is_held(&tree(last)).len(), 1, "{last}");
        }
        assert_eq!(is_held(&[]).len(), 1);
    }
}
