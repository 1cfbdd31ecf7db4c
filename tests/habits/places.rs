//! Names that belong in some places only: frameworks at the edge, and the one door through which
//! plans leave beside the one through which they arrive.

use crate::finding::Finding;
use crate::reading::{Path, paths};
use crate::tree::{File, rust_in};

/// A name that belongs in some places and nowhere else in `src/`.
struct Kept {
    name: &'static str,
    only_in: &'static [&'static str],
    instead: &'static str,
}

const FRAMEWORKS: [Kept; 6] = [
    Kept {
        name: "diesel",
        only_in: &["src/store/"],
        instead: "ask a function of src/store/",
    },
    Kept {
        name: "diesel_migrations",
        only_in: &["src/store/"],
        instead: "ask src/store/migrations.rs",
    },
    Kept {
        name: "fhirbolt",
        only_in: &["src/fhir/"],
        instead: "let a function of src/fhir/ make or write the resource",
    },
    Kept {
        name: "actix_web",
        only_in: &[
            "src/api/",
            "src/routes.rs",
            "src/routes/",
            "src/server.rs",
            "src/server/",
            "src/telemetry.rs",
            "src/telemetry/",
        ],
        instead: "take plain values; HTTP ends at src/api/",
    },
    Kept {
        name: "openssl",
        only_in: &[
            "src/demographics/",
            "src/disclosure/audit_key.rs",
            "src/identity/",
            "src/mesh/authorisation.rs",
            "src/mesh/connection/",
            "src/mesh/outbox.rs",
            "src/outside/certificates.rs",
            "src/sandbox/",
            "src/secrets/",
            "src/server/",
            "src/settings/",
            "src/api/published.rs",
            "src/api/search/page.rs",
            "src/reception.rs",
            "src/sealing/",
        ],
        instead: "ask src/identity/ to verify, or take what was sealed or digested as a value",
    },
    Kept {
        name: "Utc::now",
        only_in: &["src/clock.rs"],
        instead: "take the time from the Clock, or as an argument",
    },
];

const DOORS: [Kept; 9] = [
    Kept {
        name: "plan_versions::earlier",
        only_in: &["src/disclosure.rs"],
        instead: "disclose through src/disclosure.rs, which records the access",
    },
    Kept {
        name: "disclosed_to",
        only_in: &["src/disclosure.rs", "src/store/plans.rs"],
        instead: "disclose through src/disclosure.rs, which records the access",
    },
    Kept {
        name: "accesses::record",
        only_in: &["src/disclosure/recording.rs", "src/disclosure/together.rs"],
        instead: "disclose through src/disclosure.rs, which commits before it answers",
    },
    Kept {
        name: "accesses::record_together",
        only_in: &["src/disclosure/together.rs"],
        instead: "disclose through src/disclosure.rs, which commits before it answers",
    },
    Kept {
        name: "held_plans::each",
        only_in: &["src/disclosure/read_back.rs"],
        instead: "read back through src/disclosure/read_back.rs, which records the reading",
    },
    Kept {
        name: "alert_reports::concerning",
        only_in: &["src/disclosure/read_back.rs"],
        instead: "read back through src/disclosure/read_back.rs, which records the reading",
    },
    Kept {
        name: "child_accesses::of",
        only_in: &["src/disclosure/read_back.rs"],
        instead: "read back through src/disclosure/read_back.rs, which records the reading",
    },
    Kept {
        name: "authority_readings::record",
        only_in: &["src/disclosure/read_back.rs"],
        instead: "read back through src/disclosure/read_back.rs, which commits before it answers",
    },
    Kept {
        name: "told_plans::tell",
        only_in: &["src/intake/"],
        instead: "take plans in through src/intake/, which acknowledges them",
    },
];

/// The witnesses of what is on record, and the one file that may make each.
const WITNESSES: [(&str, &str); 2] = [
    ("RecordedAccess", "src/store/accesses.rs"),
    ("RecordedReading", "src/store/authority_readings.rs"),
];

/// Each framework is named only where it belongs.
pub fn frameworks_stay(files: &[File]) -> Vec<Finding> {
    kept(files, &FRAMEWORKS)
}

/// Plans leave only through `disclosure`, arrive only through `intake`, and only the store makes
/// the witness of a recorded access.
pub fn one_door(files: &[File]) -> Vec<Finding> {
    let mut found = kept(files, &DOORS);
    for (file, path) in named_in_src(files) {
        // After these a brace opens a body, not a value.
        let is_type = matches!(path.before.as_str(), "->" | "&" | "for");
        let made = WITNESSES.into_iter().find(|(witness, maker)| {
            path.after == "{"
                && path.names.last().is_some_and(|name| name == witness)
                && file.path != *maker
        });
        if let Some((witness, _)) = made.filter(|_| !is_type) {
            let wrong = format!("makes a `{witness}`");
            let instead = "only the row that was written is a witness: let src/disclosure.rs ask";
            found.push(Finding::new(&file.path, path.line, wrong, instead));
        }
    }
    found
}

fn kept(files: &[File], table: &[Kept]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, path) in named_in_src(files) {
        let broken = table
            .iter()
            .filter(|kept| path.holds(kept.name) && !file.is_in(kept.only_in));
        found.extend(broken.map(|kept| {
            let wrong = format!("names `{}`", kept.name);
            Finding::new(&file.path, path.line, wrong, kept.instead)
        }));
    }
    found
}

fn named_in_src(files: &[File]) -> impl Iterator<Item = (&File, Path)> {
    rust_in(files, &["src/"])
        .into_iter()
        .flat_map(|file| paths(&file.text).into_iter().map(move |path| (file, path)))
}

#[cfg(test)]
mod tests {
    use super::{frameworks_stay, one_door};
    use crate::tree::File;

    #[test]
    fn a_framework_out_of_its_place_is_found() {
        for (path, text) in [
            ("src/api/a.rs", "use diesel::prelude::*;"),
            ("src/disclosure.rs", "diesel_migrations::a()"),
            ("src/api/a.rs", "use fhirbolt::model::r4;"),
            ("src/domain/a.rs", "fn a(b: actix_web::HttpRequest) {}"),
            ("src/store/a.rs", "use {openssl::hash::hash};"),
            ("src/api/search/run.rs", "use openssl::symm;"),
            ("src/store/a.rs", "chrono::Utc\n  ::now()"),
        ] {
            assert_eq!(
                frameworks_stay(&[File::of(path, text)]).len(),
                1,
                "{path} {text}"
            );
        }
    }

    #[test]
    fn a_framework_in_its_place_or_in_words_is_left_alone() {
        for (path, text) in [
            ("src/store/a.rs", "use diesel::prelude::*;"),
            ("src/telemetry/span.rs", "use actix_web::Error;"),
            ("src/api/search/page.rs", "use openssl::symm::Cipher;"),
            ("src/clock.rs", "Utc::now()"),
            (
                "src/domain/a.rs",
                "// diesel::A\nlet a = \"openssl\"; a.now(); Utc::nowhere",
            ),
            ("tests/service/a.rs", "use diesel::prelude::*;"),
        ] {
            assert!(
                frameworks_stay(&[File::of(path, text)]).is_empty(),
                "{path} {text}"
            );
        }
    }

    #[test]
    fn a_way_round_the_door_is_found() {
        for (path, text) in [
            (
                "src/api/a.rs",
                "use crate::store::plans::{self, disclosed_to};",
            ),
            ("src/api/a.rs", "plans::disclosed_to(&recorded)"),
            ("src/api/a.rs", "plan_versions::earlier(postgres, &a, &b)"),
            (
                "src/intake/keeping.rs",
                "accesses::record(postgres, id, &look, rules)",
            ),
            (
                "src/store/plans.rs",
                "use super::accesses::{history_of, record};",
            ),
            (
                "src/disclosure.rs",
                "told_plans::tell(postgres, telling, &told)",
            ),
            ("src/store/plans.rs", "Ok(RecordedAccess { rows })"),
            ("src/store/plans.rs", "accesses::RecordedAccess\n{ rows }"),
            ("src/store/held_plans.rs", "RecordedReading { authority }"),
            (
                "src/api/a.rs",
                "held_plans::each(postgres, &a, b, |c| d.push(c))",
            ),
            (
                "src/disclosure.rs",
                "authority_readings::record(postgres, id, &reading, read)",
            ),
        ] {
            assert_eq!(one_door(&[File::of(path, text)]).len(), 1, "{path} {text}");
        }
    }

    #[test]
    fn the_doors_themselves_and_the_name_of_the_witness_are_left_alone() {
        for (path, text) in [
            ("src/disclosure/recording.rs", "accesses::record(a)?"),
            ("src/disclosure.rs", "plans::disclosed_to(&b)"),
            ("src/intake/keeping.rs", "told_plans::tell(a)"),
            ("src/store/accesses.rs", "RecordedAccess { rows }"),
            (
                "src/store/plans.rs",
                "fn a(b: &RecordedAccess) -> RecordedAccess { b }",
            ),
            (
                "src/store/uploads.rs",
                "uploads::record(a); accesses::recorded_at",
            ),
        ] {
            assert!(
                one_door(&[File::of(path, text)]).is_empty(),
                "{path} {text}"
            );
        }
    }
}
