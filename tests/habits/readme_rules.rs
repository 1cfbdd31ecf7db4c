//! What the README's habits find, and what they leave alone.

use crate::readme::{links_every_page, maps_the_tree};
use crate::tree::File;

fn tree(readme: &str) -> Vec<File> {
    let others = [
        "src/clock.rs",
        "src/api/mod.rs",
        "src/settings.rs",
        "src/settings/values.rs",
    ];
    let mut tree: Vec<File> = others.iter().map(|path| File::of(path, "")).collect();
    tree.push(File::of("docs/settings.md", ""));
    tree.push(File::of("README.md", readme));
    tree
}

fn said(habit: fn(&[File]) -> Vec<crate::finding::Finding>, readme: &str) -> Vec<String> {
    habit(&tree(readme))
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_missing_readme_is_found() {
    assert_eq!(links_every_page(&[]).len(), 1);
    assert_eq!(maps_the_tree(&[]).len(), 1);
}

#[test]
fn a_page_that_is_gone_is_found_on_its_line() {
    let found = said(
        links_every_page,
        "[a](docs/settings.md)\nSee `docs/gone.md`.",
    );
    assert_eq!(found.len(), 1);
    assert!(
        found
            .iter()
            .all(|line| line.starts_with("README.md:2: names `docs/gone.md`"))
    );
}

#[test]
fn a_page_that_is_only_mentioned_is_found() {
    let found = said(links_every_page, "# A\ndocs/settings.md");
    assert!(
        found
            .iter()
            .all(|line| line.starts_with("docs/settings.md:1: is not linked"))
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn linked_pages_are_left_alone() {
    let readme = "[a](./docs/settings.md#database), https://hl7.org/docs/a.html, all of docs/.";
    assert!(said(links_every_page, readme).is_empty());
}

#[test]
fn a_readme_without_a_map_is_found() {
    for bad in [
        "# A\n```\nclock.rs\n```",
        "## The map\nsoon\n## B\n```\nclock.rs\n```",
    ] {
        let found = said(maps_the_tree, bad);
        assert!(
            found.iter().all(|line| line.contains("has no map")),
            "{bad}"
        );
        assert_eq!(found.len(), 1, "{bad}");
    }
}

#[test]
fn an_entry_that_is_gone_or_missing_is_found() {
    let readme = "## The map\n\n```text\napi/   a\n  b.rs\ngone.rs\nsettings/\n```\n";
    let found = said(maps_the_tree, readme);
    assert_eq!(
        found,
        [
            "README.md:6: maps `gone.rs`, which is not in src/; \
         take its line out, or name the file as it is",
            "README.md:3: does not map `src/clock.rs`; give it a line that says what it is for",
        ]
    );
}

#[test]
fn a_module_with_a_folder_is_missed_once() {
    let found = said(maps_the_tree, "## The map\n```\napi/\nclock.rs\n```");
    assert_eq!(
        found,
        ["README.md:2: does not map `src/settings.rs`; give it a line that says what it is for"]
    );
}

#[test]
fn a_map_of_src_alone_or_of_the_whole_tree_is_left_alone() {
    let alone = "# The Map\n```\nclock.rs  time\napi/  a\n  gone.rs\nsettings.rs  b\n```";
    let whole = "## The map\nIn order:\n```\nCargo.toml  a\nsrc/\n  clock.rs  time\n\n  api/\n    \
                 gone.rs\n  settings.rs  b\ntests/\n  habits/\n```";
    let drawn =
        "## The map\n```\nsrc/\n├── api/\n│   └── gone.rs\n├── clock.rs\n└── settings/\n```";
    for good in [alone, whole, drawn] {
        assert_eq!(said(maps_the_tree, good), Vec::<String>::new(), "{good}");
    }
}
