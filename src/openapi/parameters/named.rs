//! What interactions can be asked with beside what their resources declare, by name.

use serde_json::json;

use super::Asked;
use crate::api::read_acknowledgement::FILE_SEQUENCE;
use crate::api::upload_plans::CONFIRM_ENDING;
use crate::fhir::subset::{ELEMENTS, SUMMARY};

/// Parameters that no resource declares, by their names.
pub(super) fn named(names: &[&str]) -> Vec<Asked> {
    names.iter().map(|name| of_no_resource(name)).collect()
}

fn of_no_resource(name: &str) -> Asked {
    let says = |description| Asked::text(name, description);
    match name {
        CONFIRM_ENDING => Asked {
            schema: json!({ "type": "integer", "minimum": 0 }),
            ..says("How many plans are meant to end or be withdrawn, where a refusal asks so.")
        },
        FILE_SEQUENCE => Asked {
            schema: json!({ "type": "integer", "minimum": 0 }),
            ..says("The file's number; the last file where it is absent.")
        },
        "_count" | "_offset" => Asked {
            schema: json!({ "type": "integer", "minimum": 0 }),
            ..says("How many stand on a page; or, in the service's own links, where it begins.")
        },
        "_total" => {
            let values = ["none", "estimate", "accurate"];
            Asked::one_of(name, "`total` is always there and accurate.", &values)
        }
        SUMMARY => {
            let values = ["true", "text", "data", "count", "false"];
            Asked::one_of(name, "The part of each resource that is wanted.", &values)
        }
        "_format" => {
            let values = [
                "json",
                "xml",
                "application/fhir+json",
                "application/fhir+xml",
            ];
            Asked::one_of(name, "The form of the answer, before Accept.", &values)
        }
        "start" | "end" => Asked {
            schema: json!({ "type": "string", "pattern": "^[0-9]{4}[-0-9T:.+Z ]*$" }),
            ..says("The first or the last day of the care that is asked for.")
        },
        "_type" => says("The kinds of resource that are wanted, with commas between."),
        "mode" => {
            let values = ["create", "update", "delete", "profile"];
            Asked::one_of(name, "What the resource is checked for.", &values)
        }
        "profile" => says("The profile to check against, of the service's own."),
        "_since" | "_at" | "since" | "until" => Asked {
            schema: json!({ "type": "string", "pattern": "^[0-9]{4}[-0-9T:.+Z ]*$" }),
            ..says("What is since a moment, or stood at some time, or was before one.")
        },
        ELEMENTS => says("The elements of each resource that are wanted, with commas between."),
        "_sort" => says("Names of parameters with commas between, each with `-` to descend."),
        "_include" => says("What to bring along: `Kind:parameter`, `Kind:*` or `*`."),
        "_revinclude" => says("What refers to a match, to bring along: `Kind:parameter`."),
        "_page" => says("A link of the service's own to the next page: sealed, and expires."),
        "_pretty" => says("`true` indents the answer."),
        _ => says("What the definition's element says, as it is written."),
    }
}
