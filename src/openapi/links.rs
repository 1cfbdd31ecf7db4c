//! Where an answer leads: the ids that a search or a read tells, to the operations that take them
//! (<https://spec.openapis.org/oas/v3.0.3#link-object>).

use serde_json::{Map, Value, json};

use crate::openapi::interactions::Answers;
use crate::openapi::operation::Operation;

/// The links of an operation's success, by the ids of the operations they lead to.
pub fn links(operation: &Operation, all: &[Operation]) -> Map<String, Value> {
    let Some(id) = told_id(operation) else {
        return Map::new();
    };
    let takers = all.iter().filter(|other| {
        let is_same = other.route.path == operation.route.path;
        other.interaction.tag == operation.interaction.tag && other.takes_only_id() && !is_same
    });
    takers
        .map(|other| {
            let link = json!({ "operationId": other.id, "parameters": { "id": id } });
            (other.id.clone(), link)
        })
        .collect()
}

/// Where an answer tells the id of a resource of the kind that was asked for.
fn told_id(operation: &Operation) -> Option<&'static str> {
    match operation.interaction.answers {
        Answers::Searchset | Answers::PublishedSearchset => {
            Some("$response.body#/entry/0/resource/id")
        }
        Answers::Resource(_) | Answers::Published(_) if operation.takes_only_id() => {
            Some("$response.body#/id")
        }
        _ => None,
    }
}
