//! What is answered: a success of each interaction, and each status of a refusal.

use serde_json::{Map, Value, json};

use crate::openapi::headers::Header;
use crate::openapi::interactions::{Answers, Described};
use crate::openapi::{component, object, tokens};

const FHIR_JSON: &str = "application/fhir+json";
const FHIR_XML: &str = "application/fhir+xml";
const HL7_V3: &str = "application/xml";

/// Each status of a refusal: its component's name, and what it means.
const REFUSALS: [(u16, &str, &str); 14] = [
    (
        400,
        "BadRequest",
        "A parameter, header or body cannot be read, or the search names no child or several.",
    ),
    (401, "Unauthorized", "No token, or one that proves nothing."),
    (
        403,
        "Forbidden",
        "The role, organisation or client may not do this; it is on record.",
    ),
    (
        404,
        "NotFound",
        "Nothing under this id that the caller may see.",
    ),
    (
        405,
        "NoUpdateAsCreate",
        "There is no plan of this id to update: only the service gives plans their ids.",
    ),
    (
        406,
        "NotAcceptable",
        "A form or an encoding that no answer has.",
    ),
    (
        409,
        "Conflict",
        "An upload out of its order, a new plan that is held already as another, a report that was \
         closed with another outcome, or an X-Request-ID that is another request's.",
    ),
    (
        410,
        "Gone",
        "A page link that has expired, or what its author has withdrawn.",
    ),
    (
        412,
        "PreconditionFailed",
        "The plan is in another version than If-Match names, or the criteria find several.",
    ),
    (413, "PayloadTooLarge", "A body that is too long."),
    (
        415,
        "UnsupportedMediaType",
        "A body of a kind, or in an encoding, that is not read here.",
    ),
    (
        422,
        "UnprocessableEntity",
        "An upload file that cannot be read, or a plan that breaks a rule.",
    ),
    (
        429,
        "TooManyRequests",
        "More children were looked at within an hour than there is a budget for, and nothing is \
         known of this child either way: follow local safeguarding procedure.",
    ),
    (
        503,
        "Unavailable",
        "The service cannot answer, and nothing is known of the child either way: follow local \
         safeguarding procedure, and ask again.",
    ),
];

/// A response for each refusal.
pub fn components() -> Value {
    object(REFUSALS.into_iter().map(|(status, name, meaning)| {
        let mut headers = Header::OF_ALL.to_vec();
        headers.push(Header::NoStore);
        headers.extend((status == 401).then_some(Header::Authenticate));
        headers.extend(matches!(status, 429 | 503).then_some(Header::RetryAfter));
        let mut content = fhir("OperationOutcome");
        if let Some(content) = content
            .as_object_mut()
            .filter(|_| matches!(status, 409 | 422))
        {
            // A file of HL7 v3 that is refused as such is told so in its own form.
            content.insert(HL7_V3.to_owned(), json!({}));
        }
        let response = response(meaning, &headers, content);
        (name.to_owned(), response)
    }))
}

/// The responses of an operation, by status.
pub fn responses(interaction: &Described, statuses: &[u16], links: Map<String, Value>) -> Value {
    let mut responses: Map<String, Value> = statuses
        .iter()
        .filter_map(|status| Some((status.to_string(), refusal(interaction, *status)?)))
        .collect();
    // A write may have more than one success.
    if matches!(interaction.answers, Answers::Written | Answers::Withdrawn) {
        for status in [201_u16, 204]
            .iter()
            .filter(|status| statuses.contains(status))
        {
            let content = match status {
                201 => written(),
                _ => json!({}),
            };
            let headers = headers_of(interaction.answers);
            let response = response("The plan is taken in.", &headers, content);
            responses.insert(status.to_string(), response);
        }
    }
    let mut of_success = [200_u16, 201, 204].iter();
    let Some(status) = of_success.find(|status| statuses.contains(status)) else {
        return Value::Object(responses);
    };
    let mut success = success(interaction.answers);
    if let Some(success) = success.as_object_mut().filter(|_| !links.is_empty()) {
        success.insert("links".to_owned(), Value::Object(links));
    }
    responses.insert(status.to_string(), success);
    Value::Object(responses)
}

fn refusal(interaction: &Described, status: u16) -> Option<Value> {
    match (interaction.answers, status) {
        (answers, 304) => Some(not_modified(answers)),
        // The operator is told in the words that load balancers know.
        (Answers::Health, 503) => Some(success(Answers::Health)),
        (Answers::Token, 400 | 401 | 503) => tokens::refusal(status),
        _ => REFUSALS
            .iter()
            .find(|(of, ..)| *of == status)
            .map(|(_, name, _)| component("responses", name)),
    }
}

fn not_modified(answers: Answers) -> Value {
    let headers = headers_of(answers);
    response(
        "The caller holds this version already.",
        &headers,
        json!({}),
    )
}

fn success(answers: Answers) -> Value {
    let (meaning, content) = match answers {
        Answers::Resource(kind) | Answers::Published(kind) => ("The resource.", fhir(kind)),
        Answers::Searchset => (
            "What was found, a page at a time. `total` 0 means that no plan is visible.",
            fhir("Searchset"),
        ),
        Answers::SubscriptionState => ("The subscription's state.", fhir("Searchset")),
        Answers::Made(kind) => ("The resource that was made.", fhir(kind)),
        Answers::Gone => ("It was taken away.", json!({})),
        Answers::PublishedSearchset => ("What was found.", fhir("Searchset")),
        Answers::History => ("The versions, newest first.", fhir("History")),
        Answers::BatchResponse => ("An answer to each request.", fhir("BatchResponse")),
        Answers::Outcome => (
            "What is to be said of the resource; an issue of severity error where it is not valid.",
            fhir("OperationOutcome"),
        ),
        Answers::Written | Answers::Withdrawn => ("What became of the plan.", written()),
        Answers::Acknowledgement => (
            "The acknowledgement, in the file's own form: a code for the file, and one for each \
             record.",
            upload(),
        ),
        Answers::ReadCsv => (
            "What is the authority's own, a line for each row; `Link` leads to the rest.",
            json!({ "text/csv": { "schema": { "type": "string" } } }),
        ),
        Answers::Accesses => (
            "Who looked, a line for each access; or AuditEvents, where FHIR is asked for.",
            with_csv(json!({ FHIR_JSON: { "schema": uncounted() }, FHIR_XML: {} })),
        ),
        Answers::Parameters => ("What is on record.", fhir("Parameters")),
        Answers::Health => ("How the service is.", plain("Health")),
        Answers::Document => ("An OpenAPI document.", plain("OpenApi")),
        Answers::Token => ("An access token.", plain("Token")),
        Answers::TokenKeys => ("A JWKS.", plain("TokenKeys")),
        Answers::SmartConfiguration => ("SMART's configuration.", plain("SmartConfiguration")),
        Answers::Note => ("A signed note, or a hash on each line.", text()),
        Answers::Proof => ("A proof as c2sp.org/tlog-proof has it.", text()),
    };
    response(meaning, &headers_of(answers), content)
}

/// The headers of a success.
fn headers_of(answers: Answers) -> Vec<Header> {
    use Header::{ETag, Kept, LastModified, Location, NoStore, PreferenceApplied, Returned};
    let mut headers = Header::OF_ALL.to_vec();
    headers.extend_from_slice(match answers {
        Answers::Made(_) => &[NoStore, ETag, LastModified, Location],
        Answers::Resource(_) => &[NoStore, ETag, LastModified],
        Answers::Published(_)
        | Answers::Document
        | Answers::TokenKeys
        | Answers::SmartConfiguration => &[Kept, ETag],
        Answers::PublishedSearchset => &[Kept, ETag, PreferenceApplied],
        Answers::Searchset => &[NoStore, PreferenceApplied],
        Answers::Written => &[NoStore, ETag, LastModified, Location, Returned],
        Answers::Withdrawn => &[NoStore, Returned],
        Answers::History
        | Answers::BatchResponse
        | Answers::Outcome
        | Answers::Acknowledgement
        | Answers::SubscriptionState
        | Answers::Gone
        | Answers::ReadCsv
        | Answers::Accesses
        | Answers::Parameters
        | Answers::Token
        | Answers::Note
        | Answers::Proof
        | Answers::Health => &[NoStore],
    });
    headers
}

/// A searchset that says nothing of how many there are in all.
fn uncounted() -> Value {
    json!({ "type": "object", "required": ["resourceType", "type", "link"] })
}

fn with_csv(mut content: Value) -> Value {
    if let Some(forms) = content.as_object_mut() {
        forms.insert(
            "text/csv".to_owned(),
            json!({ "schema": { "type": "string" } }),
        );
    }
    content
}

fn response(meaning: &str, headers: &[Header], content: Value) -> Value {
    let headers = object(headers.iter().map(|header| header.member()));
    json!({ "description": meaning, "headers": headers, "content": content })
}

/// An upload or its acknowledgement as CSV; and the same as HL7 v3, which OpenAPI has no words to
/// describe.
pub fn upload() -> Value {
    json!({ "text/csv": { "schema": { "type": "string" } }, HL7_V3: {} })
}

/// A resource of a schema, as JSON; and the same as XML, which OpenAPI has no words to describe.
fn fhir(schema: &str) -> Value {
    json!({ FHIR_JSON: { "schema": component("schemas", schema) }, FHIR_XML: {} })
}

/// What is answered of a plan that was taken in, by preference: what became of it, itself, or
/// nothing.
fn written() -> Value {
    let any = ["OperationOutcome", "EpisodeOfCare"].map(|kind| component("schemas", kind));
    let schema = json!({ "oneOf": any, "discriminator": { "propertyName": "resourceType" } });
    json!({ FHIR_JSON: { "schema": schema }, FHIR_XML: {} })
}

fn text() -> Value {
    json!({ "text/plain": { "schema": { "type": "string" } } })
}

fn plain(schema: &str) -> Value {
    json!({ "application/json": { "schema": component("schemas", schema) } })
}
