//! Words that say too little, work left undone, and lines printed past the log.

use crate::finding::Finding;
use crate::reading::paths;
use crate::source::{Source, is_of_a_name};
use crate::tree::{File, rust_in};

/// Where names are ours.
const RUST: [&str; 3] = ["src/", "tests/", "benches/"];

/// Words that could name anything, and what to write instead.
const VAGUE: [(&str, &str); 8] = [
    ("util", "name what it does"),
    ("utils", "name what they do"),
    ("helper", "name what it does"),
    ("helpers", "name what they do"),
    ("common", "name what the things in it share"),
    (
        "manager",
        "name what it does: a pool, a queue, a keeper of what?",
    ),
    ("managers", "name what they do"),
    ("misc", "put each thing where it belongs"),
];

/// Marks of work left undone, in code and comments. In pieces, so that this file holds none.
const UNFINISHED: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];

/// Macros that stand for work left undone.
const PLACEHOLDERS: [(&str, &str); 3] = [
    ("dbg", "take it out, or log a line that reads by itself"),
    ("todo", "write it, or open an issue and leave it out"),
    ("unimplemented", "write it, or refuse what cannot be done"),
];

/// Macros that write past the log, and panic where nobody reads any more.
const PRINTING: [&str; 4] = ["println", "print", "eprintln", "eprint"];

/// No name of ours, file names included, has a vague word in it.
pub fn no_vague_name(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &RUST) {
        let in_path = file
            .path
            .trim_end_matches(".rs")
            .split('/')
            .filter_map(vague);
        found.extend(in_path.map(|(word, instead)| {
            Finding::new(&file.path, 1, format!("has `{word}` in its name"), instead)
        }));
        // A longer path may name what another crate declares; our own names are declared alone.
        for path in paths(&file.text)
            .iter()
            .filter(|path| path.names.len() == 1)
        {
            found.extend(path.names.iter().filter_map(|name| {
                let (word, instead) = vague(name)?;
                let wrong = format!("`{name}` has `{word}` in it");
                Some(Finding::new(&file.path, path.line, wrong, instead))
            }));
        }
    }
    found
}

fn vague(name: &str) -> Option<(&'static str, &'static str)> {
    let words = words_of(name);
    VAGUE
        .into_iter()
        .find(|(vague, _)| words.iter().any(|word| word == vague))
}

/// The words of `snake_case`, `CamelCase` and `LOUD_CASE`, in lower case.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for sign in name.chars() {
        if sign == '_' || (sign.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign != '_') {
            word.extend(sign.to_lowercase());
        }
        after_lower = sign.is_lowercase();
    }
    words
}

/// Nothing in code or comments waits to be written.
pub fn nothing_unfinished(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &RUST) {
        found.extend(unfinished_marks(file));
        found.extend(PLACEHOLDERS.into_iter().flat_map(|(name, instead)| {
            let called = calls(file, name).into_iter();
            called.map(move |line| {
                Finding::new(&file.path, line, format!("calls `{name}!`"), instead)
            })
        }));
    }
    found
}

fn unfinished_marks(file: &File) -> Vec<Finding> {
    let source = Source::of(&file.text);
    let mut found = Vec::new();
    for layer in [&source.code, &source.comments] {
        for (line, text) in (1..).zip(layer.lines()) {
            let marks = text.split(|sign| !is_of_a_name(sign));
            found.extend(marks.filter(|word| UNFINISHED.contains(word)).map(|word| {
                let wrong = format!("says `{word}`");
                Finding::new(&file.path, line, wrong, "do it, or open an issue")
            }));
        }
    }
    found
}

/// Nothing is printed but by what a command tells with.
pub fn nothing_printed(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &["src/", "tests/"]) {
        found.extend(PRINTING.into_iter().flat_map(|name| {
            calls(file, name).into_iter().map(move |line| {
                Finding::new(
                    &file.path,
                    line,
                    format!("calls `{name}!`"),
                    "log through tracing; a command tells by src/commands/telling.rs",
                )
            })
        }));
    }
    found
}

/// The lines on which a macro is called.
fn calls(file: &File, name: &str) -> Vec<usize> {
    paths(&file.text)
        .iter()
        .filter(|path| path.after == "!" && path.names.last().is_some_and(|last| last == name))
        .map(|path| path.line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{UNFINISHED, no_vague_name, nothing_printed, nothing_unfinished, words_of};
    use crate::tree::File;

    #[test]
    fn a_vague_word_is_found_in_every_kind_of_name() {
        for bad in [
            "fn plan_helper() {}",
            "struct UploadManager;",
            "const COMMON_PAGE: u8 = 1;",
            "mod utils;",
            "let misc = 1;",
        ] {
            assert_eq!(
                no_vague_name(&[File::of("src/a.rs", bad)]).len(),
                1,
                "{bad}"
            );
        }
        assert_eq!(
            no_vague_name(&[File::of("tests/service/helpers.rs", "")]).len(),
            1
        );
        assert_eq!(
            no_vague_name(&[File::of("tests/common/plans.rs", "")]).len(),
            1
        );
    }

    #[test]
    fn words_within_words_other_crates_names_and_comments_are_left_alone() {
        let good =
            "use tracing_subscriber::util::A;\nfn commonly_utilised() {} // a helper\n\"misc\"";
        assert!(no_vague_name(&[File::of("src/a.rs", good)]).is_empty());
    }

    #[test]
    fn a_name_is_read_word_by_word() {
        assert_eq!(words_of("told_plans"), ["told", "plans"]);
        assert_eq!(words_of("ToldPlans2"), ["told", "plans2"]);
        assert_eq!(words_of("TOLD_PLANS"), ["told", "plans"]);
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_comments() {
        for mark in UNFINISHED {
            let bad = File::of("src/a.rs", &format!("//! A.\n// {mark}: later\n"));
            let found = nothing_unfinished(&[bad]);
            assert!(
                found
                    .iter()
                    .any(|finding| finding.to_string().starts_with("src/a.rs:2:"))
            );
        }
        for bad in [
            "dbg!(a)",
            "fn a() { todo!() }",
            "std::unimplemented!(\"b\")",
        ] {
            assert_eq!(
                nothing_unfinished(&[File::of("src/a.rs", bad)]).len(),
                1,
                "{bad}"
            );
        }
        let good = File::of(
            "src/a.rs",
            "//! To do a thing.\nlet todo = 1; // 999 xxx xxxx\n",
        );
        assert!(nothing_unfinished(&[good]).is_empty());
    }

    #[test]
    fn printing_is_found_wherever_it_is() {
        let prints = |path| File::of(path, "fn a() { println!(\"b\"); }");
        for path in ["src/main.rs", "src/commands/token.rs", "tests/service/b.rs"] {
            assert_eq!(nothing_printed(&[prints(path)]).len(), 1, "{path}");
        }
    }
}
