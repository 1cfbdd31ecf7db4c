//! What each interaction can be asked with: of a search the parameters that its kind of resource
//! declares, of a history and a read those that the program reads.

mod named;

use serde_json::{Value, json};

use crate::api::accesses::PERIOD;
use crate::api::everything;
use crate::api::history::asked;
use crate::api::read_acknowledgement::FILE_SEQUENCE;
use crate::api::reading_back::PAGING;
use crate::api::search::definition_search;
use crate::api::search::notification_search;
use crate::api::search::result_shape;
use crate::api::search::search_parameter::{OF_EVERY_RESOURCE, ParameterKind, SearchParameter};
use crate::api::search::searchable::{Searchable, Searchables};
use crate::api::search_subscriptions;
use crate::api::upload_plans::CONFIRM_ENDING;
use crate::api::validate;
use crate::fhir::subset::{ELEMENTS, SUMMARY};
use crate::openapi::criteria::criteria;
use crate::openapi::interactions::Takes;
use crate::openapi::{component, headers, object, tokens};

use self::named::named;

/// A made-up child's, of the sandbox.
const NHS_NUMBER: &str = "9990000026";
const IDENTIFIER: &str = "https://fhir.nhs.uk/Id/nhs-number|9990000026";

/// A parameter of a query string, or of a posted form.
#[derive(Debug, Clone)]
pub struct Asked {
    name: String,
    description: String,
    schema: Value,
    example: Option<&'static str>,
}

impl Asked {
    /// A parameter that is any text.
    pub fn text(name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            schema: json!({ "type": "string" }),
            example: None,
        }
    }

    fn one_of(name: &str, description: &str, values: &[&str]) -> Self {
        Self {
            schema: json!({ "type": "string", "enum": values }),
            ..Self::text(name, description)
        }
    }

    fn parameter(&self) -> Value {
        let mut parameter = json!({
            "name": self.name,
            "in": "query",
            "description": self.description,
            // A parameter without a value says nothing.
            "allowEmptyValue": true,
            "schema": self.schema,
        });
        if let (Some(example), Some(members)) = (self.example, parameter.as_object_mut()) {
            members.insert("example".to_owned(), example.into());
        }
        parameter
    }

    fn property(&self) -> (String, Value) {
        let mut property = or_nothing(&self.schema);
        if let Some(members) = property.as_object_mut() {
            members.insert("description".to_owned(), self.description.as_str().into());
            members.extend(
                self.example
                    .map(|example| ("example".to_owned(), example.into())),
            );
        }
        (self.name.clone(), property)
    }
}

/// A schema that admits an empty text as well: a field without a value says nothing.
fn or_nothing(schema: &Value) -> Value {
    match *schema == json!({ "type": "string" }) {
        true => schema.clone(),
        false => json!({ "anyOf": [schema, { "type": "string", "enum": [""] }] }),
    }
}

/// What an interaction can be asked with.
pub fn asked(takes: Takes, searchables: Searchables) -> Vec<Asked> {
    match takes {
        Takes::Nothing | Takes::Look | Takes::ComparedCsv => Vec::new(),
        Takes::Report | Takes::Closing => named(&FORM),
        Takes::TokenRequest => tokens::asked(),
        Takes::Reading => named(&PAGING),
        Takes::ReadingOfTime => named(&[PERIOD.as_slice(), &PAGING, &FORM].concat()),
        Takes::Upload => named(&[CONFIRM_ENDING]),
        Takes::FileNumber => named(&[FILE_SEQUENCE]),
        Takes::Notifications => named(&notification_search::NAMES),
        Takes::Subscriptions => named(&search_subscriptions::NAMES),
        Takes::Batch | Takes::Plan | Takes::Withdrawal => {
            named(&[FORM.as_slice(), &[CONFIRM_ENDING]].concat())
        }
        Takes::PlanFound | Takes::WithdrawalFound => {
            let others = named(&[FORM.as_slice(), &[CONFIRM_ENDING]].concat());
            criteria().chain(others).collect()
        }
        Takes::Read => named(&[FORM.as_slice(), &[SUMMARY, ELEMENTS]].concat()),
        Takes::Search(path) => searchables.at(path).map(of_search).unwrap_or_default(),
        Takes::SearchDefinitions => {
            let names: Vec<&str> = definition_search::names().collect();
            named(&names)
        }
        Takes::Everything => named(&everything::NAMES),
        Takes::Validate => named(&validate::NAMES),
        Takes::History => named(&asked::NAMES),
        Takes::HistoryOf(path) => {
            let children = searchables.at(path).into_iter().flat_map(naming_the_child);
            children.chain(named(&asked::NAMES)).collect()
        }
        // The rest is asked for a form of answer, and nothing else.
        _ => named(&FORM),
    }
}

/// The parameters of an operation in its query string.
pub fn in_query(asked: &[Asked]) -> Vec<Value> {
    asked
        .iter()
        .map(|asked| match is_shared(&asked.name) {
            true => component("parameters", &asked.name),
            false => asked.parameter(),
        })
        .collect()
}

/// The same as a form.
pub fn in_form(asked: &[Asked]) -> Value {
    json!({ "type": "object", "properties": object(asked.iter().map(Asked::property)) })
}

/// The parameters that stand in many operations, and the headers of requests.
pub fn components() -> Value {
    let of_every_resource = OF_EVERY_RESOURCE.iter().map(declared);
    let shaping = named(&result_shape::NAMES);
    let shared = of_every_resource.chain(shaping).map(|asked| {
        let parameter = asked.parameter();
        (asked.name, parameter)
    });
    object(shared.chain(headers::parameters()))
}

fn is_shared(name: &str) -> bool {
    result_shape::NAMES.contains(&name) || OF_EVERY_RESOURCE.iter().any(|of| of.name == name)
}

/// The parameters about the form of an answer.
const FORM: [&str; 2] = ["_format", "_pretty"];

fn of_search(searchable: &Searchable) -> Vec<Asked> {
    let declared = searchable.parameters.iter().flat_map(with_identifier);
    let shared = OF_EVERY_RESOURCE.iter().map(self::declared);
    declared
        .chain(shared)
        .chain(named(&result_shape::NAMES))
        .collect()
}

fn naming_the_child(searchable: &Searchable) -> impl Iterator<Item = Asked> {
    let named = searchable.parameters.iter();
    named
        .filter(|parameter| parameter.names_child)
        .flat_map(with_identifier)
}

/// A parameter; a reference also by the identifier of what it leads to, which clients write most.
fn with_identifier(parameter: &SearchParameter) -> Vec<Asked> {
    let plain = declared(parameter);
    if !matches!(parameter.kind, ParameterKind::Reference(_)) {
        return vec![plain];
    }
    let whose = "The identifier of what it leads to, as `system|value`.";
    let by_identifier = Asked {
        description: told(parameter, whose),
        example: parameter.names_child.then_some(IDENTIFIER),
        ..Asked::text(&format!("{}:identifier", parameter.name), "")
    };
    vec![plain, by_identifier]
}

fn declared(parameter: &SearchParameter) -> Asked {
    let (what, schema, example) = match parameter.kind {
        ParameterKind::Token { .. } => (
            "A code or identifier: `code`, `system|code`, `|code` or `system|`. Also with `:not`, \
             `:text` and `:missing`.",
            json!({ "type": "string" }),
            IDENTIFIER,
        ),
        ParameterKind::Truth => (
            "`true` or `false`. Also with `:not` and `:missing`.",
            json!({ "type": "string", "pattern": "^(true|false)(,(true|false))*$" }),
            "",
        ),
        ParameterKind::Date => (
            "A day, month, year or moment, with `eq`, `ne`, `gt`, `lt`, `ge`, `le`, `sa`, `eb` or \
             `ap` before it. Also with `:missing`.",
            json!({ "type": "string", "pattern": DATES }),
            "",
        ),
        ParameterKind::Reference(_) => (
            "A reference: an id, `Kind/id` or the whole URL. Also with `:Kind`, `:missing`, and a \
             chain, as in `name.parameter`.",
            json!({ "type": "string" }),
            NHS_NUMBER,
        ),
        ParameterKind::Text => (
            "How a text begins. Also with `:contains`, `:exact` and `:missing`.",
            json!({ "type": "string" }),
            "",
        ),
        ParameterKind::Uri => (
            "A URI, as it is written. Also with `:missing`.",
            json!({ "type": "string" }),
            "",
        ),
    };
    Asked {
        description: told(parameter, what),
        schema,
        example: parameter.names_child.then_some(example),
        ..Asked::text(parameter.name, "")
    }
}

/// Dates, with commas between them.
const DATES: &str = "^(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}[-0-9T:.+Z ]*\
                     (,(eq|ne|gt|lt|ge|le|sa|eb|ap)?[0-9]{4}[-0-9T:.+Z ]*)*$";

fn told(parameter: &SearchParameter, what: &str) -> String {
    let child = if parameter.names_child {
        " Names the child, who must be named, and only one; an NHS number is taken as well."
    } else {
        " Repeated, all must hold; with commas, one of them."
    };
    format!("`{}`. {what}{child}", parameter.path)
}
