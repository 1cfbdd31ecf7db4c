//! One operation of the document: a route, what it takes and what it answers
//! (<https://spec.openapis.org/oas/v3.0.3#operation-object>).

use serde_json::{Value, json};

use crate::api::search::searchable::Searchables;
use crate::openapi::interactions::{Described, Takes};
use crate::openapi::links::links;
use crate::openapi::parameters::{Asked, asked, in_form, in_query};
use crate::openapi::responses::{responses, upload};
use crate::openapi::schemas::ID;
use crate::openapi::statuses::statuses;
use crate::openapi::{BEARER, component, headers};
use crate::routes::Route;

/// An operation.
pub struct Operation {
    /// Its route.
    pub route: Route,
    /// The route's interaction.
    pub interaction: Described,
    /// Its id, which no other has.
    pub id: String,
    asked: Vec<Asked>,
}

impl Operation {
    /// The operation of a route.
    pub fn of(route: &Route, searchables: Searchables) -> Self {
        let interaction = Described::of(route);
        Self {
            id: id(route, &interaction),
            asked: asked(interaction.takes, searchables),
            interaction,
            route: route.clone(),
        }
    }

    /// Whether its path has an `{id}` in it and nothing else that varies: the id of a resource of
    /// its own kind.
    pub fn takes_only_id(&self) -> bool {
        let parameters: Vec<&str> = path_parameters(self.route.path).collect();
        let is_of_kind = self
            .route
            .path
            .contains(&format!("/{}/{{id}}", self.interaction.tag));
        parameters == ["id"] && is_of_kind
    }

    /// The operation as the document has it; `all` are those that it may lead to.
    pub fn object(&self, all: &[Self]) -> Value {
        let is_posted = self.route.method.as_str() == "POST";
        let takes_body = is_posted || self.route.method.as_str() == "PUT";
        let takes_form = is_posted && self.body().is_none();
        let may_be_empty = takes_form || self.interaction.takes == Takes::Everything;
        let mut parameters: Vec<Value> = path_parameters(self.route.path)
            .map(|name| path_parameter(name, is_in_compartment(&self.route, &self.interaction)))
            .collect();
        if !takes_form {
            parameters.extend(in_query(&self.asked));
        }
        parameters.extend(headers::read_by(&self.interaction));
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.interaction.summary,
            "tags": [self.interaction.tag],
            "parameters": parameters,
            "responses": responses(
                &self.interaction, statuses(&self.route), links(self, all),
            ),
        });
        let security = match self.interaction.is_for_anybody {
            true => json!([]),
            false => json!([{ BEARER: [] }]),
        };
        let form = || {
            json!({ "application/x-www-form-urlencoded": {
            "schema": in_form(&self.asked),
        } })
        };
        let content = takes_body.then(|| self.body().unwrap_or_else(form));
        if let Some(members) = operation.as_object_mut() {
            members.insert("security".to_owned(), security);
            members.extend(content.map(|content| {
                let body = json!({ "required": !may_be_empty, "content": content });
                ("requestBody".to_owned(), body)
            }));
        }
        operation
    }

    /// What is posted, where it is no form of parameters.
    fn body(&self) -> Option<Value> {
        match self.interaction.takes {
            Takes::Batch => Some(resource("BatchRequest")),
            Takes::Everything | Takes::Acknowledge | Takes::Report | Takes::Closing => {
                Some(resource("Parameters"))
            }
            Takes::Validate
            | Takes::Subscription
            | Takes::NewPlan
            | Takes::Plan
            | Takes::PlanFound => Some(resource("SentResource")),
            Takes::Upload | Takes::ComparedCsv => Some(upload()),
            _ => None,
        }
    }
}

/// A resource of a schema, posted.
fn resource(schema: &str) -> Value {
    json!({
        "application/fhir+json": { "schema": component("schemas", schema) },
        "application/fhir+xml": {},
    })
}

/// The names in braces of a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str, is_in_compartment: bool) -> Value {
    // A Patient who is unknown, by whatever name, is answered with a warning that says so.
    let schema = match is_in_compartment {
        true => json!({ "type": "string", "minLength": 1 }),
        false => json!({ "type": "string", "pattern": ID }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

/// Whether what is searched is what belongs to a Patient.
fn is_in_compartment(route: &Route, interaction: &Described) -> bool {
    route.path.contains("/Patient/{id}/") && interaction.tag != "Patient"
}

/// The verb and the kind of resource, and what tells apart routes that do the same.
fn id(route: &Route, interaction: &Described) -> String {
    // Where the path names no kind, the verb says all.
    let kind = match route.path.contains(interaction.tag) {
        true => interaction.tag,
        false => "",
    };
    let whose = match is_in_compartment(route, interaction) {
        true => "OfPatient",
        false => "",
    };
    let how = match route.path {
        path if path.ends_with("/_search") => "ByPost",
        path if path.ends_with("/$everything") && route.method.as_str() == "POST" => "ByPost",
        "/.well-known/smart-configuration" => "AtRoot",
        path if path.ends_with('/') => "AtSlash",
        _ => "",
    };
    format!("{}{kind}{whose}{how}", interaction.verb)
}
