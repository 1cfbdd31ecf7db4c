//! The README: it links every page of documentation, and its map is the tree.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::tree::{File, find};

const README: &str = "README.md";
const PAGES: &str = "docs/";
const SOURCES: &str = "src/";
/// The heading over the map, in any case and at any level.
const MAP: &str = "the map";
const FENCE: &str = "```";
/// What some draw a tree with.
const BRANCHES: [char; 5] = [' ', '│', '├', '└', '─'];

/// Every page it links is there, and every page there is is linked.
pub fn links_every_page(files: &[File]) -> Vec<Finding> {
    let Some(readme) = find(files, README) else {
        return vec![missing()];
    };
    let gone = readme.lines().flat_map(|(line, text)| {
        pages_named(text)
            .filter(|page| !files.iter().any(|file| file.path == *page))
            .map(move |page| {
                let wrong = format!("names `{page}`, which is not there");
                Finding::new(README, line, wrong, "write the page, or take the link out")
            })
    });
    let pages = files.iter().filter(|file| file.is_in(&[PAGES]));
    let unlinked = pages
        .filter(|page| !is_linked(&readme.text, &page.path))
        .map(|page| {
            let wrong = format!("is not linked from {README}");
            Finding::new(&page.path, 1, wrong, "link it, or take the page out")
        });
    gone.chain(unlinked).collect()
}

fn missing() -> Finding {
    Finding::new(
        README,
        1,
        "is not there",
        "say what this is, how to run it, and show the map",
    )
}

/// The files of `docs/` that a line names, linked or not.
fn pages_named(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|sign: char| !(sign.is_alphanumeric() || "_-./".contains(sign)));
    words
        .map(|word| word.trim_start_matches("./").trim_end_matches('.'))
        .filter(|word| word.len() > PAGES.len() && word.starts_with(PAGES) && !word.ends_with('/'))
}

fn is_linked(readme: &str, page: &str) -> bool {
    let links = readme.split("](").skip(1);
    let targets = links.filter_map(|link| link.split([')', '#', ' ']).next());
    targets
        .into_iter()
        .any(|target| target.trim_start_matches("./") == page)
}

/// Every entry of `src/` is in the map, and every entry of the map is in `src/`.
pub fn maps_the_tree(files: &[File]) -> Vec<Finding> {
    let Some(readme) = find(files, README) else {
        return vec![missing()];
    };
    let Some((start, map)) = fenced_map(readme) else {
        let instead = "add a fenced block with a line for each entry of src/";
        return vec![Finding::new(
            README,
            1,
            "has no map under a heading \"The map\"",
            instead,
        )];
    };
    let listed = entries_listed(&map);
    let present = entries(files);
    let gone = listed
        .iter()
        .filter(|(_, entry)| !present.contains(entry))
        .map(|(line, entry)| {
            let wrong = format!("maps `{entry}`, which is not in {SOURCES}");
            Finding::new(
                README,
                *line,
                wrong,
                "take its line out, or name the file as it is",
            )
        });
    let unlisted = present
        .iter()
        // A module with a folder is missed once, by its file.
        .filter(|entry| {
            !entry.ends_with('/') || !present.contains(&format!("{}.rs", module(entry)))
        })
        .filter(|entry| {
            !listed
                .iter()
                .any(|(_, listed)| module(listed) == module(entry))
        })
        .map(|entry| {
            let wrong = format!("does not map `{SOURCES}{entry}`");
            Finding::new(
                README,
                start,
                wrong,
                "give it a line that says what it is for",
            )
        });
    gone.chain(unlisted).collect()
}

/// A module's file and its folder are one entry, listed by either.
fn module(entry: &str) -> &str {
    entry.trim_end_matches(".rs").trim_end_matches('/')
}

/// What lies in `src/` itself: `clock.rs`, `api/`.
fn entries(files: &[File]) -> BTreeSet<String> {
    files
        .iter()
        .filter_map(|file| file.path.strip_prefix(SOURCES))
        .map(|path| match path.split_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => path.to_owned(),
        })
        .collect()
}

/// The lines of the block under the heading, and the line on which it starts.
fn fenced_map(readme: &File) -> Option<(usize, Vec<(usize, &str)>)> {
    let is_map = |text: &str| {
        text.starts_with('#') && text.trim_start_matches('#').trim().to_lowercase() == MAP
    };
    let mut lines = readme
        .lines()
        .skip_while(|(_, text)| !is_map(text))
        .skip(1)
        .peekable();
    while let Some((start, text)) = lines.next() {
        if text.starts_with(FENCE) {
            let map = lines
                .take_while(|(_, text)| !text.starts_with(FENCE))
                .collect();
            return Some((start, map));
        }
        lines.peek().filter(|(_, text)| !text.starts_with('#'))?;
    }
    None
}

/// The entries of `src/` in the map: under a line `src/` where there is one, else all of it; of
/// these, the least indented.
fn entries_listed(map: &[(usize, &str)]) -> Vec<(usize, String)> {
    let depth = |text: &str| {
        text.chars()
            .take_while(|sign| BRANCHES.contains(sign))
            .count()
    };
    let entry = |text: &str| {
        let bare = text.trim_start_matches(BRANCHES);
        bare.split_whitespace().next().map(str::to_owned)
    };
    let filled: Vec<(usize, &str)> = map
        .iter()
        .copied()
        .filter(|(_, text)| entry(text).is_some())
        .collect();
    let root = filled
        .iter()
        .position(|(_, text)| entry(text).as_deref() == Some(SOURCES));
    let under: Vec<(usize, &str)> = match root.and_then(|at| filled.split_at_checked(at)) {
        Some((_, rest)) => {
            let root_depth = rest.first().map_or(0, |(_, text)| depth(text));
            let below = rest.iter().skip(1).copied();
            below
                .take_while(|(_, text)| depth(text) > root_depth)
                .collect()
        }
        None => filled,
    };
    let first = under.iter().map(|(_, text)| depth(text)).min();
    under
        .into_iter()
        .filter(|(_, text)| Some(depth(text)) == first)
        .filter_map(|(line, text)| Some((line, entry(text)?)))
        .collect()
}

#[cfg(test)]
#[path = "readme_rules.rs"]
mod tests;
