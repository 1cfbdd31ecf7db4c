//! The schemas of what is answered and sent, as deep as a reader needs to find what is where. What
//! each resource always has is what R4 demands of it, in whichever part it is answered.

use serde_json::{Value, json};

use crate::api::batch::ENTRIES_MAX;
use crate::fhir::definitions::KINDS;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::demanded;
use crate::openapi::{component, object, tokens};

/// The pattern of FHIR's ids (<https://hl7.org/fhir/R4/datatypes.html#id>).
pub const ID: &str = r"^[A-Za-z0-9\-.]{1,64}$";

/// The kinds of resource that only a local authority's system is told.
pub const OF_NOTIFIED: [&str; 2] = ["Communication", "Subscription"];

/// Every schema.
pub fn components() -> Value {
    let kinds = ResourceKind::ALL.into_iter().map(ResourceKind::name);
    let resources = kinds.chain(OF_NOTIFIED).map(|name| {
        let always = ["meta"].into_iter().chain(demanded(name));
        (name.to_owned(), resource(name, always))
    });
    let definitions = KINDS
        .into_iter()
        .map(|kind| (kind.to_owned(), resource(kind, ["status"])));
    let others = [
        ("OperationOutcome", outcome()),
        ("Searchset", searchset()),
        ("History", history()),
        ("BatchResponse", batch_response()),
        ("BatchRequest", batch_request()),
        ("Parameters", parameters()),
        ("SentResource", sent_resource()),
        ("AnyResource", any_resource()),
        ("Meta", meta()),
        ("Links", links()),
        ("Health", health()),
        ("OpenApi", openapi()),
    ];
    let others = others
        .into_iter()
        .chain(tokens::schemas())
        .map(|(name, schema)| (name.to_owned(), schema));
    object(resources.chain(definitions).chain(others))
}

fn resource(kind: &str, always: impl IntoIterator<Item = &'static str>) -> Value {
    let required: Vec<&str> = ["resourceType", "id"].into_iter().chain(always).collect();
    json!({
        "type": "object",
        "required": required,
        "properties": {
            "resourceType": { "type": "string", "enum": [kind] },
            "id": { "type": "string", "pattern": ID },
            "meta": component("schemas", "Meta"),
        },
    })
}

fn meta() -> Value {
    json!({
        "type": "object",
        "properties": {
            "versionId": { "type": "string", "pattern": ID },
            "lastUpdated": { "type": "string", "format": "date-time" },
            "profile": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            "tag": { "type": "array", "minItems": 1, "items": { "type": "object" } },
        },
    })
}

fn outcome() -> Value {
    json!({
        "type": "object",
        "required": ["resourceType", "issue"],
        "properties": {
            "resourceType": { "type": "string", "enum": ["OperationOutcome"] },
            "issue": { "type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["severity", "code", "diagnostics"],
                "properties": {
                    "severity": {
                        "type": "string", "enum": ["fatal", "error", "warning", "information"],
                    },
                    "code": { "type": "string" },
                    "details": { "type": "object" },
                    "diagnostics": { "type": "string", "minLength": 1 },
                    "expression": {
                        "type": "array", "minItems": 1, "items": { "type": "string" },
                    },
                },
            } },
        },
    })
}

/// Any resource that a Bundle can hold, told apart by its `resourceType`.
fn any_resource() -> Value {
    let kinds = ResourceKind::ALL.into_iter().map(ResourceKind::name);
    let kinds = kinds
        .chain(OF_NOTIFIED)
        .chain(KINDS)
        .chain(["OperationOutcome", "Parameters"]);
    let schemas: Vec<Value> = kinds.map(|kind| component("schemas", kind)).collect();
    json!({ "oneOf": schemas, "discriminator": { "propertyName": "resourceType" } })
}

fn links() -> Value {
    json!({ "type": "array", "minItems": 1, "items": {
        "type": "object",
        "required": ["relation", "url"],
        "properties": {
            "relation": { "type": "string", "enum": ["self", "next", "monitor"] },
            "url": { "type": "string", "minLength": 1 },
        },
    } })
}

/// A Bundle of a type: its own members, and what each of its entries has.
fn bundle(kind: &str, always: &[&str], entry: &Value) -> Value {
    let required: Vec<&str> = ["resourceType", "type"]
        .iter()
        .chain(always)
        .copied()
        .collect();
    json!({
        "type": "object",
        "required": required,
        "properties": {
            "resourceType": { "type": "string", "enum": ["Bundle"] },
            "type": { "type": "string", "enum": [kind] },
            "total": { "type": "integer", "minimum": 0 },
            "link": component("schemas", "Links"),
            "entry": { "type": "array", "minItems": 1, "items": entry },
        },
    })
}

fn searchset() -> Value {
    let entry = json!({
        "type": "object",
        "required": ["resource", "search"],
        "properties": {
            "fullUrl": { "type": "string" },
            "resource": component("schemas", "AnyResource"),
            "search": {
                "type": "object",
                "required": ["mode"],
                "properties": {
                    "mode": { "type": "string", "enum": ["match", "include", "outcome"] },
                },
            },
        },
    });
    bundle("searchset", &["total", "link"], &entry)
}

fn history() -> Value {
    let entry = json!({
        "type": "object",
        "required": ["fullUrl", "request", "response"],
        "properties": {
            "fullUrl": { "type": "string" },
            "resource": component("schemas", "AnyResource"),
            "request": {
                "type": "object",
                "required": ["method", "url"],
                "properties": {
                    "method": { "type": "string", "enum": ["POST", "PUT", "DELETE"] },
                    "url": { "type": "string" },
                },
            },
            "response": response_entry(),
        },
    });
    bundle("history", &["total", "link"], &entry)
}

fn batch_response() -> Value {
    let any = json!({ "type": "object", "required": ["resourceType"] });
    let entry = json!({
        "type": "object",
        "required": ["response"],
        "properties": { "fullUrl": { "type": "string" }, "resource": any,
                        "response": response_entry() },
    });
    bundle("batch-response", &[], &entry)
}

/// What a caller was, or would have been, answered.
fn response_entry() -> Value {
    json!({
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": { "type": "string", "pattern": "^[1-5][0-9]{2}" },
            "etag": { "type": "string" },
            "lastModified": { "type": "string", "format": "date-time" },
            "outcome": component("schemas", "OperationOutcome"),
        },
    })
}

fn parameters() -> Value {
    json!({
        "type": "object",
        "required": ["resourceType"],
        "properties": {
            "resourceType": { "type": "string", "enum": ["Parameters"] },
            "parameter": { "type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["name"],
                "properties": { "name": { "type": "string", "minLength": 1 } },
            } },
        },
    })
}

/// Any resource, as valid as its sender thinks; or a `Parameters` that holds one.
fn sent_resource() -> Value {
    json!({
        "type": "object",
        "required": ["resourceType"],
        "properties": { "resourceType": { "type": "string", "minLength": 1 } },
    })
}

fn batch_request() -> Value {
    json!({
        "type": "object",
        "required": ["resourceType", "type"],
        "properties": {
            "resourceType": { "type": "string", "enum": ["Bundle"] },
            "type": { "type": "string", "enum": ["batch"] },
            "entry": { "type": "array", "maxItems": ENTRIES_MAX, "items": {
                "type": "object",
                "required": ["request"],
                "properties": { "request": {
                    "type": "object",
                    "required": ["method", "url"],
                    "properties": {
                        "method": {
                            "type": "string",
                            "description": "GET; another is refused in the place of its answer.",
                        },
                        "url": {
                            "type": "string",
                            "description": "A search or one resource, relative to the base URL.",
                        },
                        "ifNoneMatch": { "type": "string" },
                        "ifModifiedSince": { "type": "string" },
                    },
                } },
            } },
        },
        "example": {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{ "request": {
                "method": "GET",
                "url": "Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000026",
            } }],
        },
    })
}

fn health() -> Value {
    json!({
        "type": "object",
        "required": ["status", "version"],
        "properties": {
            "status": { "type": "string", "enum": ["pass", "warn", "fail"] },
            "version": { "type": "string" },
            "checks": { "type": "object" },
        },
    })
}

fn openapi() -> Value {
    json!({
        "type": "object",
        "required": ["openapi", "info", "paths"],
        "properties": { "openapi": { "type": "string" }, "info": { "type": "object" },
                        "paths": { "type": "object" } },
    })
}
