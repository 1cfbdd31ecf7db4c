//! The page of classes: every table of the database is on a line of it, with a class and how long
//! it is kept, and no line names a table that there is not.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::tree::{File, find};

const PAGE: &str = "docs/data.md";
const SCHEMA: &str = "src/store/schema.rs";
const CLASSES: [&str; 4] = ["child", "person", "register", "own"];

/// Every table has a class and an end, or is said to have none.
pub fn are_told(files: &[File]) -> Vec<Finding> {
    let (Some(page), Some(schema)) = (find(files, PAGE), find(files, SCHEMA)) else {
        return vec![finding(
            1,
            "is not there, or there is no schema",
            "write it",
        )];
    };
    let tables: BTreeSet<&str> = schema.text.lines().filter_map(table).collect();
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for (line, text) in page.lines() {
        let Some([names, class, _, kept]) = row(text) else {
            continue;
        };
        let has_class = class.split(", ").all(|class| CLASSES.contains(&class));
        if !has_class || kept.is_empty() {
            let instead = "say one of the classes above, and for how long it is kept";
            found.push(finding(line, "has no class or no end", instead));
        }
        for name in names.split('`').skip(1).step_by(2) {
            if !tables.contains(name) || !told.insert(name) {
                let wrong = format!("names `{name}`, which is no table or has a line already");
                found.push(finding(line, &wrong, "name each table once"));
            }
        }
    }
    found.extend(tables.difference(&told).map(|table| {
        let wrong = format!("has no line for the table `{table}`");
        finding(
            1,
            &wrong,
            "say its class, what it holds and how long it is kept",
        )
    }));
    found
}

/// The table that a line of the schema begins: `    plans (nhs_number) {`.
fn table(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("    ")?.split_once(" (")?;
    let is_name = name
        .chars()
        .all(|sign| sign.is_ascii_lowercase() || sign == '_');
    (is_name && !name.is_empty() && rest.ends_with(") {")).then_some(name)
}

/// The cells of a line that names tables.
fn row(text: &str) -> Option<[&str; 4]> {
    let cells = text.strip_prefix("| `")?.strip_suffix(" |")?;
    let cells: Vec<&str> = cells.split(" | ").collect();
    let [_, class, holds, kept] = cells.try_into().ok()?;
    let names = text.strip_prefix("| ")?.split(" | ").next()?;
    Some([names, class, holds, kept])
}

fn finding(line: usize, wrong: &str, instead: &str) -> Finding {
    Finding::new(PAGE, line, wrong.to_owned(), instead)
}

#[cfg(test)]
mod tests {
    use super::{PAGE, SCHEMA, are_told};
    use crate::tree::File;

    const TABLES: &str = "    children (nhs_number) {\n    }\n    sealing (only_row) {\n    }\n";

    fn tree(rows: &str) -> Vec<File> {
        vec![File::of(PAGE, rows), File::of(SCHEMA, TABLES)]
    }

    #[test]
    fn a_page_with_every_table_its_class_and_its_end_is_left_alone() {
        for rows in [
            "| `children`, `sealing` | child, own | a | a day |",
            "| `children` | child | a | b |\n| `sealing` | own | c | d |\n| `a_file` | own | e |",
        ] {
            assert!(are_told(&tree(rows)).is_empty(), "{rows}");
        }
    }

    #[test]
    fn a_table_that_is_not_told_or_is_none_or_has_no_class_is_found() {
        for rows in [
            "| `children` | child | a | b |",
            "| `children`, `sealing`, `plans` | child | a | b |",
            "| `children`, `sealing`, `sealing` | child | a | b |",
            "| `children`, `sealing` | secret | a | b |",
        ] {
            assert_eq!(are_told(&tree(rows)).len(), 1, "{rows}");
        }
        assert_eq!(are_told(&[]).len(), 1);
    }
}
