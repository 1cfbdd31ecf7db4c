//! What an authority's system finds its own plan by, in a conditional request.

use crate::api::plan_writes::criteria::NAMES;
use crate::openapi::parameters::Asked;

/// The parameters.
pub fn criteria() -> impl Iterator<Item = Asked> {
    NAMES.into_iter().map(|name| {
        let description = match name {
            "identifier" => "Your own identifier for the child, as `system|value`; mandatory.",
            "type" => "What the plan is, as `http://snomed.info/sct|code`.",
            _ => "The plan's first day, as YYYY-MM-DD.",
        };
        Asked::text(name, description)
    })
}
