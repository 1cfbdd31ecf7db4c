//! What every page and file keeps to: documentation is short, and nothing tells of the machine it
//! was written on or holds a key.

use crate::finding::Finding;
use crate::tree::File;

const PAGES: &str = "docs/";
/// What can be read with a cup of tea.
const LINES_MAX: usize = 200;

/// Folders at the root of a machine that are somebody's own.
const OWN_FOLDERS: [&str; 5] = ["root", "work", "workspace", "home", "Users"];

/// Where a made-up key may stand, to try that it is refused.
const TESTS: [&str; 3] = ["tests/", "benches/", "src/identity/forgeries/"];

/// No page of documentation has more than 200 lines.
pub fn are_short(files: &[File]) -> Vec<Finding> {
    let pages = files.iter().filter(|file| file.is_in(&[PAGES]));
    pages
        .filter_map(|page| {
            let lines = page.text.lines().count();
            let wrong = format!("has {lines} lines, more than {LINES_MAX}");
            let instead = "say less, or make two pages of it";
            (lines > LINES_MAX).then(|| Finding::new(&page.path, lines, wrong, instead))
        })
        .collect()
}

/// No file names a folder that only one machine has.
pub fn no_machine_path(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        for (line, text) in file.lines() {
            let own = OWN_FOLDERS
                .iter()
                .filter(|folder| names_folder(text, folder));
            found.extend(own.map(|folder| {
                let wrong = format!("holds a path under `/{folder}`");
                let instead =
                    "give the path from the root of the repository, or take it from a setting";
                Finding::new(&file.path, line, wrong, instead)
            }));
        }
    }
    found
}

/// Whether a path starts in the folder: the `/` before it follows no other name.
fn names_folder(text: &str, folder: &str) -> bool {
    let start = format!("/{folder}/");
    text.match_indices(&start).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|sign| !(sign.is_alphanumeric() || "._-/}$*~>".contains(sign)))
    })
}

/// No file but a test holds a block that says it is a private key.
pub fn no_private_key(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        if file.is_in(&TESTS) || file.name() == "tests.rs" {
            continue;
        }
        let keys = file.lines().filter(|(_, text)| {
            let opened = text.split("-----BEGIN ").skip(1);
            opened
                .into_iter()
                .any(|rest| rest.contains("PRIVATE KEY-----"))
        });
        found.extend(keys.map(|(line, _)| {
            let instead = "take it out of every commit, and make a new one where it is used";
            Finding::new(&file.path, line, "holds a private key", instead)
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{OWN_FOLDERS, are_short, no_machine_path, no_private_key};
    use crate::tree::File;

    #[test]
    fn a_page_of_201_lines_is_found() {
        let page = |lines| File::of("docs/a.md", &"a\n".repeat(lines));
        assert_eq!(are_short(&[page(201)]).len(), 1);
        assert!(are_short(&[page(200)]).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        for folder in OWN_FOLDERS {
            for before in ["", "cd ", "\"", "(", "=", "file:"] {
                let text = format!("a\n{before}/{folder}/b");
                let found = no_machine_path(&[File::of("Makefile", &text)]);
                assert_eq!(found.len(), 1, "{text}");
                assert!(
                    found
                        .iter()
                        .all(|found| found.to_string().starts_with("Makefile:2:"))
                );
            }
        }
    }

    #[test]
    fn a_path_within_the_repository_or_an_address_is_left_alone() {
        for folder in OWN_FOLDERS {
            let text = format!("a/{folder}/b ./{folder}/ https://c.org/{folder}/d $HOME/{folder}/");
            assert!(
                no_machine_path(&[File::of("a.md", &text)]).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_private_key_is_found_but_in_tests() {
        for kind in ["", "RSA ", "EC ", "ENCRYPTED "] {
            let key = |path| File::of(path, &format!("a\n-----BEGIN {kind}PRIVATE KEY-----\nb"));
            assert_eq!(
                no_private_key(&[key("src/a.rs"), key("docs/a.pem")]).len(),
                2,
                "{kind}"
            );
            assert!(no_private_key(&[key("tests/a.pem"), key("src/a/tests.rs")]).is_empty());
        }
        let public = File::of("src/a.rs", "-----BEGIN PUBLIC KEY-----");
        assert!(no_private_key(&[public]).is_empty());
    }
}
