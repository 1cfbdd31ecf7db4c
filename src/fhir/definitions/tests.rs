//! What is published is what is named, and the other way round.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Definition, Definitions, KINDS};
use crate::domain::access::Interaction;
use crate::domain::care_setting::CareSetting;
use crate::domain::plan::PlanKind;
use crate::fhir::json::from_text;
use crate::fhir::profiles;
use crate::fhir::terminology::{CARE_SETTING, COMPUTED_END, Term, care_setting, plan_kind};

/// What every canonical of ours begins with.
const BASE: &str = "https://cpis-fhir.invalid/";
const STATEMENT: &str = include_str!("../../../capability-statement.json");

fn definitions() -> Definitions {
    Definitions::of(&from_text(STATEMENT).unwrap()).unwrap()
}

fn published() -> Vec<Definition> {
    definitions().0
}

fn urls() -> BTreeSet<String> {
    let text = |definition: &Definition| definition.text("url").to_owned();
    published().iter().map(text).collect()
}

/// The files of `profiles/` that are no examples.
fn files() -> Vec<PathBuf> {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut files = Vec::new();
    for folder in fs::read_dir(profiles).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.retain(|path| path.is_file());
    files
}

/// Every text in a value that begins as a canonical of ours does, without a version.
fn canonicals(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let canonical = text.split('|').next().unwrap_or_default();
            let kind = canonical
                .strip_prefix(BASE)
                .and_then(|rest| rest.split('/').next());
            if kind.is_some_and(|kind| KINDS.contains(&kind)) {
                found.insert(canonical.to_owned());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| canonicals(item, found)),
        Value::Object(members) => members.values().for_each(|item| canonicals(item, found)),
        _ => {}
    }
}

#[test]
fn every_file_of_profiles_is_published_under_its_own_name() {
    let published = published();
    let files = files();
    assert_eq!(
        published.len(),
        files.len() + 1,
        "the statement and every file"
    );
    for path in files {
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let kind = path
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap();
        let id = path.file_stem().unwrap().to_str().unwrap();
        let expected = [
            ("resourceType", kind.to_owned()),
            ("id", id.to_owned()),
            ("url", format!("{BASE}{kind}/{id}")),
        ];
        for (element, value) in expected {
            assert_eq!(
                file.get(element),
                Some(&Value::from(value)),
                "{}",
                path.display()
            );
        }
        let is_it = |definition: &&Definition| definition.text("url") == file.get("url").unwrap();
        let definition = published.iter().find(is_it).unwrap();
        for (element, value) in file.as_object().unwrap() {
            assert_eq!(
                definition.resource.get(element),
                Some(value),
                "{id}.{element}"
            );
        }
    }
}

#[test]
fn every_definition_says_who_made_it_when_and_for_whom() {
    for definition in published() {
        let url = definition.text("url");
        assert!(KINDS.contains(&definition.text("resourceType")), "{url}");
        assert_eq!(definition.text("status"), "active", "{url}");
        assert_eq!(
            definition.text("version"),
            env!("CARGO_PKG_VERSION"),
            "{url}"
        );
        assert_eq!(
            definition.text("publisher"),
            "The cpis-fhir project",
            "{url}"
        );
        for element in ["name", "date", "description"] {
            assert!(
                !definition.text(element).is_empty(),
                "{url} has no {element}"
            );
        }
        let country = definition.resource.pointer("/jurisdiction/0/coding/0/code");
        assert_eq!(country, Some(&Value::from("GB")), "{url}");
        let experimental = definition.resource.get("experimental");
        assert_eq!(experimental, Some(&Value::from(false)), "{url}");
    }
}

#[test]
fn whatever_of_ours_a_definition_or_an_answer_names_is_published() {
    let mut named = BTreeSet::from([COMPUTED_END.to_owned(), CARE_SETTING.to_owned()]);
    let claims = [
        profiles::PLAN_FLAG,
        profiles::PLAN_EPISODE_OF_CARE,
        profiles::PLAN_CARE_TEAM,
        profiles::PLAN_CARE_PLAN,
        profiles::PATIENT_FLAG,
        profiles::CHILD,
        profiles::LOCAL_AUTHORITY,
        profiles::OUTCOME,
        profiles::access(Interaction::Search),
        profiles::access(Interaction::Read),
    ];
    for claim in claims {
        let (first, others) = claim.split_first().unwrap();
        assert!(
            first.starts_with(BASE),
            "{first} is not ours, and stands first"
        );
        assert!(!others.is_empty() && others.iter().all(|other| !other.starts_with(BASE)));
        named.insert((*first).to_owned());
    }
    for definition in published() {
        canonicals(&definition.resource, &mut named);
    }
    let published = urls();
    let missing: Vec<&String> = named.difference(&published).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_codes_we_coined_and_the_kinds_of_plan_are_those_that_are_written() {
    let published = definitions();
    let has = |concepts: &Value, term: Term| {
        concepts.as_array().unwrap().iter().any(|concept| {
            concept.get("code") == Some(&term.code.into())
                && concept.get("display") == Some(&term.display.into())
        })
    };
    let settings = published.find("CodeSystem", "care-setting").unwrap();
    let concepts = settings.resource.get("concept").unwrap();
    assert_eq!(concepts.as_array().unwrap().len(), 2);
    for setting in [CareSetting::Unscheduled, CareSetting::Scheduled] {
        assert!(has(concepts, care_setting(setting)));
    }
    let kinds = published.find("ValueSet", "plan-kind").unwrap();
    let concepts = kinds
        .resource
        .pointer("/compose/include/0/concept")
        .unwrap();
    assert_eq!(concepts.as_array().unwrap().len(), PlanKind::ALL.len());
    for kind in PlanKind::ALL {
        assert!(has(concepts, plan_kind(kind)));
    }
}

#[test]
fn another_content_is_another_version() {
    let version = |id: &str| {
        let resource = json!({ "resourceType": "ValueSet", "id": id, "status": "active" });
        Definition::of(resource).unwrap().version
    };
    assert_eq!(version("a"), version("a"));
    assert_ne!(version("a"), version("b"));
}
