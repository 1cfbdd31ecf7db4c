//! The repository's files: what git keeps, or would keep if asked now.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// A text file of the repository.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path from the root, with `/` between folders.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl File {
    /// A file that need not exist, to try a habit on.
    #[cfg(test)]
    pub fn of(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Its last name, without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its last name, without folders and without `.rs`.
    pub fn stem(&self) -> &str {
        self.name().trim_end_matches(".rs")
    }

    /// Whether it lies at or under one of the places: a file by its path, a folder by its path
    /// with a `/` at the end.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            self.path == *place || place.ends_with('/') && self.path.starts_with(place)
        })
    }

    /// Its lines, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// The Rust files at or under the places.
pub fn rust_in<'files>(files: &'files [File], places: &[&str]) -> Vec<&'files File> {
    files
        .iter()
        .filter(|file| file.path.ends_with(".rs") && file.is_in(places))
        .collect()
}

/// The file at a path.
pub fn find<'files>(files: &'files [File], path: &str) -> Option<&'files File> {
    files.iter().find(|file| file.path == path)
}

/// Every text file of this repository, read once.
pub fn repository() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(read)
}

fn read() -> Vec<File> {
    let root = root();
    listed(&root)
        .into_iter()
        // A file that is not text has no style; one that git still lists may be gone.
        .filter_map(|path| {
            let text = fs::read_to_string(root.join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect()
}

/// Cargo names the folder when it runs the tests; without Cargo it is the current one.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Files that git keeps, and those it would keep because nothing ignores them.
fn listed(root: &PathBuf) -> Vec<String> {
    let output = Command::new("git")
        .current_dir(root)
        // A container may check the tree out as one account and test it as another.
        .args(["-c", "safe.directory=*"])
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => panic!("git ls-files: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("git ls-files: {error}; the habits are read from a git checkout"),
    };
    let mut paths: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .split_terminator('\0')
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn a_place_is_a_file_or_a_folder_with_all_that_is_under_it() {
    let file = File::of("src/api/search/page.rs", "");
    assert!(file.is_in(&["src/api/"]));
    assert!(file.is_in(&["src/server.rs", "src/api/search/page.rs"]));
    assert!(!file.is_in(&["src/api/search/page", "src/ap", "tests/"]));
    assert_eq!((file.name(), file.stem()), ("page.rs", "page"));
}

#[test]
fn the_repository_holds_this_file() {
    assert!(find(repository(), "tests/habits/tree.rs").is_some());
}
