//! Which way imports point: outwards to inwards, and never back.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::reading::{Path, paths};
use crate::tree::{File, rust_in};

/// Which of our own modules a place may import.
enum Imports {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

const DIRECTIONS: [(&[&str], Imports); 8] = [
    (&["src/instruments.rs"], Imports::Only(&["instruments"])),
    (&["src/secrets/"], Imports::Only(&["secrets"])),
    (&["src/domain/"], Imports::Only(&["domain"])),
    (&["src/fhir/"], Imports::Only(&["domain", "fhir"])),
    (&["src/messages/"], Imports::Only(&["domain", "messages"])),
    (
        &["src/store/"],
        Imports::Only(&["domain", "instruments", "secrets", "store"]),
    ),
    (
        &["src/demographics/"],
        Imports::Only(&[
            "demographics",
            "domain",
            "instruments",
            "secrets",
            "settings",
            "store",
        ]),
    ),
    (
        &["src/disclosure.rs", "src/disclosure/", "src/intake/"],
        Imports::AllBut(&["api", "fhir", "messages"]),
    ),
];

/// Each place imports only the modules it may know.
pub fn imports_point_inwards(files: &[File]) -> Vec<Finding> {
    let modules = modules(files);
    let mut found = Vec::new();
    for (places, imports) in &DIRECTIONS {
        for file in rust_in(files, places) {
            for path in paths(&file.text) {
                let Some(module) = imported(&path, &modules).filter(|name| !imports.may(name))
                else {
                    continue;
                };
                let wrong = format!("imports `crate::{module}`");
                found.push(Finding::new(
                    &file.path,
                    path.line,
                    wrong,
                    &imports.instead(),
                ));
            }
        }
    }
    found
}

impl Imports {
    fn may(&self, module: &str) -> bool {
        match self {
            Self::Only(allowed) => allowed.contains(&module),
            Self::AllBut(refused) => !refused.contains(&module),
        }
    }

    fn instead(&self) -> String {
        match self {
            Self::Only(allowed) => format!(
                "it may know only {}: take what it needs as an argument",
                allowed.join(" and ")
            ),
            Self::AllBut(refused) => format!(
                "it knows neither {}: let its caller turn what it answers into FHIR or a message",
                refused.join(" nor ")
            ),
        }
    }
}

/// The module of ours that a path leads to, by `crate::` or by climbing out with `super::`.
fn imported<'path>(path: &'path Path, modules: &BTreeSet<&str>) -> Option<&'path str> {
    let first = path.names.first()?.as_str();
    let next = path
        .names
        .iter()
        .find(|name| *name != "crate" && *name != "super")?
        .as_str();
    match first {
        "crate" => Some(next),
        "super" => modules.contains(next).then_some(next),
        _ => None,
    }
}

/// The modules of `src/`, by name.
fn modules(files: &[File]) -> BTreeSet<&str> {
    rust_in(files, &["src/"])
        .into_iter()
        .filter_map(|file| file.path.strip_prefix("src/")?.split('/').next())
        .map(|entry| entry.trim_end_matches(".rs"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::imports_point_inwards;
    use crate::tree::File;

    #[test]
    fn an_import_that_points_outwards_is_found() {
        for (path, text) in [
            ("src/domain/a.rs", "use crate::store::Store;"),
            ("src/domain/a.rs", "use crate::{domain::plan::Plan, clock};"),
            ("src/fhir/a.rs", "fn a() { crate::api::b() }"),
            ("src/messages/a.rs", "use super::super::intake;"),
            ("src/store/a.rs", "pub(in crate::api) fn a() {}"),
            ("src/disclosure.rs", "use crate::fhir::flag;"),
            ("src/intake/mod.rs", "use crate::messages::upload_csv;"),
        ] {
            let tree = [File::of(path, text), File::of("src/intake/mod.rs", "")];
            assert_eq!(imports_point_inwards(&tree).len(), 1, "{path} {text}");
        }
    }

    #[test]
    fn an_import_that_points_inwards_is_left_alone() {
        for (path, text) in [
            (
                "src/domain/a.rs",
                "use crate::domain::plan::Plan;\nuse super::b; use std::fmt;",
            ),
            (
                "src/store/a.rs",
                "use crate::{domain::plan, store::StoreError};",
            ),
            ("src/fhir/a.rs", "// crate::api::error\nuse crate::domain;"),
            (
                "src/disclosure.rs",
                "use crate::store::Store; use crate::clock;",
            ),
            ("src/api/a.rs", "use crate::fhir::flag;"),
        ] {
            assert!(
                imports_point_inwards(&[File::of(path, text)]).is_empty(),
                "{path} {text}"
            );
        }
    }
}
