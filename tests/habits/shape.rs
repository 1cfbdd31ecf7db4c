//! How a Rust file looks before one reads it: its first line, its length, its width, and no lint
//! switched off.

use crate::finding::Finding;
use crate::reading::paths;
use crate::tree::{File, rust_in};

/// Where our Rust lies.
const RUST: [&str; 3] = ["src/", "tests/", "benches/"];
/// A file that must be scrolled for long holds more than one thing.
const LINES_MAX: usize = 300;
/// What fits beside another file on one screen. `cargo fmt` does not break a string literal.
const COLUMNS_MAX: usize = 100;
/// Written by diesel, not by us.
const WRITTEN_BY_DIESEL: &str = "src/store/schema.rs";

/// Every file opens with `//!`.
pub fn opens_with_its_purpose(files: &[File]) -> Vec<Finding> {
    rust_in(files, &RUST)
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "does not open by saying what it is for",
                "open it with `//!`, a sentence, and the specification clause by URL",
            )
        })
        .collect()
}

/// No file is longer than 300 lines, and no line wider than 100 columns.
pub fn is_short_and_narrow(files: &[File]) -> Vec<Finding> {
    rust_in(files, &RUST)
        .into_iter()
        .flat_map(|file| too_long(file).into_iter().chain(too_wide(file)))
        .collect()
}

fn too_long(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let is_long = lines > LINES_MAX && file.path != WRITTEN_BY_DIESEL;
    is_long.then(|| {
        Finding::new(
            &file.path,
            lines,
            format!("has {lines} lines, more than {LINES_MAX}"),
            "give the second thing it holds a file of its own",
        )
    })
}

fn too_wide(file: &File) -> impl Iterator<Item = Finding> {
    file.lines().filter_map(|(line, text)| {
        let columns = text.chars().count();
        (columns > COLUMNS_MAX).then(|| {
            Finding::new(
                &file.path,
                line,
                format!("is {columns} columns wide, more than {COLUMNS_MAX}"),
                "break it; in a string, with a backslash at the end of the line",
            )
        })
    })
}

/// No lint is allowed: an expectation says why, and is missed when it is no longer needed.
pub fn expects_instead_of_allowing(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &RUST) {
        let allowing = paths(&file.text).into_iter().filter(|path| {
            let is_attribute = matches!(path.before.as_str(), "[" | "," | "(");
            path.names == ["allow"] && path.after == "(" && is_attribute
        });
        found.extend(allowing.map(|path| {
            Finding::new(
                &file.path,
                path.line,
                "allows a lint",
                "mend what it found, or `#[expect(…, reason = \"…\")]` it",
            )
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{expects_instead_of_allowing, is_short_and_narrow, opens_with_its_purpose};
    use crate::tree::File;

    #[test]
    fn a_file_without_a_purpose_is_found() {
        let bad = File::of("src/a.rs", "use std::fmt;\n//! too late\n");
        assert_eq!(opens_with_its_purpose(&[bad]).len(), 1);
        assert!(
            opens_with_its_purpose(&[File::of("src/a.rs", "//! What it is for.\n")]).is_empty()
        );
        assert!(opens_with_its_purpose(&[File::of("scripts/a.rs", "fn a() {}\n")]).is_empty());
    }

    #[test]
    fn a_file_of_301_lines_is_found_unless_diesel_wrote_it() {
        let long = |path| File::of(path, &"a\n".repeat(301));
        assert_eq!(is_short_and_narrow(&[long("src/a.rs")]).len(), 1);
        assert_eq!(is_short_and_narrow(&[long("tests/service/a.rs")]).len(), 1);
        assert!(is_short_and_narrow(&[long("src/store/schema.rs")]).is_empty());
        assert!(is_short_and_narrow(&[File::of("src/a.rs", &"a\n".repeat(300))]).is_empty());
    }

    #[test]
    fn a_line_of_101_columns_is_found_even_in_quotes() {
        let wide = format!("//! A.\nlet a = \"{}\";\n", "é".repeat(91));
        let found = is_short_and_narrow(&[File::of("src/a.rs", &wide)]);
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .any(|finding| finding.to_string().starts_with("src/a.rs:2: is 102"))
        );
        assert!(is_short_and_narrow(&[File::of("src/a.rs", &"é".repeat(100))]).is_empty());
    }

    #[test]
    fn an_allowed_lint_is_found_in_every_form() {
        for bad in [
            "#[allow(a)]",
            "#![allow(a)]",
            "#[cfg_attr(test, allow(a))]",
            "#[ allow (a)]",
        ] {
            let found = expects_instead_of_allowing(&[File::of("src/a.rs", bad)]);
            assert_eq!(found.len(), 1, "{bad}");
        }
        let good = "#[expect(a, reason = \"b\")] // not #[allow(a)]\nlet allow = c.allow(d);";
        assert!(expects_instead_of_allowing(&[File::of("src/a.rs", good)]).is_empty());
    }
}
