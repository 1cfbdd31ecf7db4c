//! What the service can be asked, as an OpenAPI document
//! (<https://spec.openapis.org/oas/v3.0.3>): made of the route table, of what each search declares
//! and of what R4 demands of each resource, so that it says what the program does.
//!
//! OpenAPI 3.0, because more gateways and generators read it than read 3.1.

mod audit;
mod criteria;
mod headers;
mod interactions;
mod links;
mod notified;
mod operation;
mod parameters;
mod read_back;
mod responses;
mod schemas;
mod statuses;
mod tokens;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use url::Url;

use crate::api::search::searchable::Searchables;
use crate::openapi::operation::Operation;
use crate::routes::{BASE_PATH, Route};

/// The name of the security scheme.
const BEARER: &str = "bearer";

const DESCRIPTION: &str = "\
Tells NHS staff that a child is on a child protection plan, is looked after, or that an unborn \
child has a plan. Every search and read is an access to the child and is recorded, also when it \
finds nothing. An empty searchset means that no plan is visible; whatever is in doubt is a 503, \
and nothing is then known of the child either way.\n\n\
HEAD answers wherever GET does, without a body, and is the same access. OPTIONS tells the methods \
of a path; every other method is a 405 with an Allow header, and a path that is not here a 404, \
each with an OperationOutcome. What a search does not know it leaves out, and the self link shows \
what was used, unless `Prefer: handling=strict` asks for a refusal.";

/// The document of a service whose base URL is this one: a path for each route, and nothing else.
#[must_use]
pub fn document(base: &str, routes: &[Route], searchables: Searchables) -> Value {
    let place = Place::of(base);
    let operations: Vec<Operation> = routes
        .iter()
        .map(|route| Operation::of(route, searchables))
        .collect();
    let tags: BTreeSet<&str> = operations
        .iter()
        .map(|operation| operation.interaction.tag)
        .collect();
    let tags: Vec<Value> = tags.iter().map(|tag| json!({ "name": tag })).collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Child Protection - Information Sharing (CP-IS), FHIR R4",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "servers": [{ "url": place.origin }],
        "tags": tags,
        "paths": paths(&place, &operations),
        "components": {
            "securitySchemes": { BEARER: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "A token of the configured issuer, in the shape of NHS CIS2.",
            } },
            "parameters": parameters::components(),
            "headers": headers::components(),
            "responses": responses::components(),
            "schemas": schemas::components(),
        },
    })
}

/// Every path with its operations, by lower-case method.
fn paths(place: &Place, operations: &[Operation]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let path = place.path(operation.route.path);
        let method = operation.route.method.as_str().to_ascii_lowercase();
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(method, operation.object(operations));
        }
    }
    Value::Object(paths)
}

/// Where callers find the service: the route table's base path may have another name in front of
/// whatever leads to it.
struct Place {
    /// Scheme, host and port.
    origin: String,
    /// The path of the base URL.
    base_path: String,
}

impl Place {
    fn of(base: &str) -> Self {
        match Url::parse(base) {
            Ok(url) => Self {
                origin: url.origin().ascii_serialization(),
                base_path: url.path().trim_end_matches('/').to_owned(),
            },
            // A base URL was checked when the settings were read; where none is, paths are enough.
            Err(_) => Self {
                origin: "/".to_owned(),
                base_path: BASE_PATH.to_owned(),
            },
        }
    }

    fn path(&self, route: &str) -> String {
        match route.strip_prefix(BASE_PATH) {
            // A path begins with a slash, also where the base URL has none.
            Some("") if self.base_path.is_empty() => "/".to_owned(),
            Some(rest) => format!("{}{rest}", self.base_path),
            None => route.to_owned(),
        }
    }
}

/// A reference to a component.
fn component(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Named values as an object.
fn object(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(members.into_iter().collect())
}

#[cfg(test)]
mod tests;
