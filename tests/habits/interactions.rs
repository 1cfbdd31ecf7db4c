//! Interactions: each file of `src/api/` that answers one is in the route table, and a chapter of
//! the service's tests says in its `//!` that it is about it.

use crate::finding::Finding;
use crate::reading::paths;
use crate::source::{Source, is_of_a_name};
use crate::tree::{File, rust_in};

const PLACE: &str = "src/api/";
const ROUTES: &str = "src/routes.rs";
/// Parts of it.
const PARTS_OF_ROUTES: &str = "src/routes/";
const CHAPTERS: &str = "tests/service/";
/// The list of chapters, which is none itself.
const CONTENTS: &str = "tests/service/main.rs";

/// How the name of a file that holds an interaction begins, and such names in full.
const BEGINNINGS: [&str; 5] = ["search_", "read_", "create_", "update_", "delete_"];
const IN_FULL: &[&str] = &[
    "upload_plans",
    "acknowledge",
    "create_subscription",
    "delete_subscription",
    "subscription_status",
    "batch",
    "metadata",
    "openapi",
    "issue_token",
    "smart_configuration",
    "health",
    "vread",
    "history_instance",
    "history_type",
    "everything",
    "validate",
    "held_plans",
    "accesses",
    "report_alert",
    "alert_reports",
    "close_alert_report",
    "compare_plans",
];

/// Every interaction is named in the route table.
pub fn routed(files: &[File]) -> Vec<Finding> {
    let named: Vec<_> = rust_in(files, &[ROUTES, PARTS_OF_ROUTES])
        .into_iter()
        .flat_map(|file| paths(&file.text))
        .collect();
    interactions(files)
        .filter(|file| {
            !named
                .iter()
                .any(|path| path.holds(&format!("api::{}", file.stem())))
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                format!("is not named in {ROUTES}"),
                "give it its line in the route table, or take it out",
            )
        })
        .collect()
}

/// Every interaction is named at the head of a chapter, once there are chapters.
pub fn tested(files: &[File]) -> Vec<Finding> {
    let chapters: Vec<&File> = rust_in(files, &[CHAPTERS])
        .into_iter()
        .filter(|file| file.path != CONTENTS)
        .collect();
    if chapters.is_empty() {
        return Vec::new();
    }
    let heads: String = chapters.into_iter().map(head).collect();
    let named: Vec<&str> = heads.split(|sign| !is_of_a_name(sign)).collect();
    interactions(files)
        .filter(|file| !named.contains(&file.stem()))
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                format!("has no chapter in {CHAPTERS}"),
                &format!(
                    "test it over HTTP, and name `{}` in the chapter's `//!`",
                    file.stem()
                ),
            )
        })
        .collect()
}

/// Files of `src/api/` itself; what lies in its folders serves them.
fn interactions(files: &[File]) -> impl Iterator<Item = &File> {
    rust_in(files, &[PLACE]).into_iter().filter(|file| {
        let is_api = file
            .path
            .strip_prefix(PLACE)
            .is_some_and(|rest| !rest.contains('/'));
        let stem = file.stem();
        is_api
            && (BEGINNINGS.iter().any(|start| stem.starts_with(start)) || IN_FULL.contains(&stem))
    })
}

/// What a file says of itself in `//!`.
fn head(file: &File) -> String {
    let comments = Source::of(&file.text).comments;
    let lines = comments
        .lines()
        .filter(|line| line.trim_start().starts_with("//!"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{routed, tested};
    use crate::tree::File;

    fn tree(routes: &str, chapter: (&str, &str)) -> Vec<File> {
        vec![
            File::of("src/api/search_flags.rs", ""),
            File::of("src/api/batch.rs", ""),
            File::of("src/api/caller.rs", ""),
            File::of("src/api/search/read_page.rs", ""),
            File::of("src/routes.rs", routes),
            File::of(chapter.0, chapter.1),
        ]
    }

    #[test]
    fn an_interaction_without_a_route_is_found() {
        let routes = "use crate::api::search_flags::search_flags;\n// crate::api::batch\n";
        let found = routed(&tree(routes, ("a", "")));
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|finding| finding.to_string().contains("src/api/batch.rs:1:"))
        );
    }

    #[test]
    fn interactions_with_routes_are_left_alone() {
        let routes = "use crate::api::{batch::batch, search_flags as a};";
        assert!(routed(&tree(routes, ("a", ""))).is_empty());
    }

    #[test]
    fn an_interaction_without_a_chapter_is_found() {
        let chapter = "//! Searching, by `search_flags`.\nuse a::batch; // batch";
        let found = tested(&tree("", ("tests/service/searching.rs", chapter)));
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|finding| finding.to_string().contains("src/api/batch.rs:1:"))
        );
    }

    #[test]
    fn chapters_are_asked_for_once_there_is_one() {
        assert!(tested(&tree("", ("tests/service/main.rs", "//! Chapters."))).is_empty());
        let chapter = "//! `search_flags`\n//! and `batch`.";
        assert!(tested(&tree("", ("tests/service/all.rs", chapter))).is_empty());
    }
}
