//! The headers that a request may have and that an answer has.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::caller::CARE_SETTING_HEADER;
use crate::api::reading::subject;
use crate::fhir::resource_kind::ResourceKind;
use crate::openapi::component;
use crate::openapi::interactions::{Answers, Described, Takes};
use crate::openapi::schemas::OF_NOTIFIED;

/// A header's name, the name of its component, whether an answer always has it, what it says, and
/// the schema of its value.
type Line = (&'static str, &'static str, bool, &'static str, Value);

const UUID: &str = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/// The header of a caller's preferences, for searches and histories.
const PREFER: &str = "Prefer";
const CONDITIONS: [&str; 2] = ["If-None-Match", "If-Modified-Since"];

/// Headers of requests: name, meaning, schema. A value that is ignored where it cannot be read has
/// no narrower schema than a text.
fn of_requests() -> [(&'static str, &'static str, Value); 9] {
    [
        (
            "X-Request-ID",
            "The request's id, which is mirrored and put on record; made where it is absent.",
            json!({ "type": "string", "format": "uuid", "pattern": UUID }),
        ),
        (
            "X-Correlation-ID",
            "At most 128 visible ASCII characters, mirrored as sent; anything else is ignored.",
            json!({ "type": "string" }),
        ),
        (
            "TraceID",
            "As X-Correlation-ID; NHS England's draft of a CP-IS FHIR API names it so.",
            json!({ "type": "string" }),
        ),
        (
            CARE_SETTING_HEADER,
            "Chooses the care setting where the caller's organisation gives both and the role \
             allows it; absent counts as unscheduled.",
            json!({ "type": "string", "enum": ["true", "false"] }),
        ),
        (
            PREFER,
            "`handling=strict` refuses what the search does not know; `handling=lenient` leaves \
             it out. Of a write, `return=minimal`, `representation` or `OperationOutcome`.",
            json!({ "type": "string" }),
        ),
        (
            "If-None-Match",
            "The ETag of the version that the caller holds: 304 where there is no other.",
            json!({ "type": "string" }),
        ),
        (
            "If-Match",
            "The version of the plan that is changed, by its ETag: 412 where it is in another.",
            json!({ "type": "string" }),
        ),
        (
            "If-None-Exist",
            "identifier, type and start as in a search: nothing is done where they find a plan.",
            json!({ "type": "string" }),
        ),
        (
            "If-Modified-Since",
            "The Last-Modified of what the caller holds: 304 where it has not changed since.",
            json!({ "type": "string" }),
        ),
    ]
}

/// The headers of requests, as components of the name of the header.
pub fn parameters() -> impl Iterator<Item = (String, Value)> {
    of_requests().into_iter().map(|(name, meaning, schema)| {
        let parameter = json!({
            "name": name, "in": "header", "description": meaning, "schema": schema,
        });
        (name.to_owned(), parameter)
    })
}

/// The headers that an interaction reads.
pub fn read_by(interaction: &Described) -> Vec<Value> {
    let reads_request_id = !matches!(interaction.takes, Takes::Nothing | Takes::Form);
    let is_search = matches!(
        interaction.takes,
        Takes::Search(_)
            | Takes::SearchDefinitions
            | Takes::Notifications
            | Takes::Subscriptions
            | Takes::History
            | Takes::HistoryOf(_)
    );
    let is_conditional = matches!(
        interaction.takes,
        Takes::Read | Takes::VersionRead | Takes::Form
    );
    let mut names = vec!["X-Correlation-ID", "TraceID"];
    names.extend(reads_request_id.then_some("X-Request-ID"));
    names.extend(is_about_a_child(interaction).then_some(CARE_SETTING_HEADER));
    let is_of_a_plan = matches!(
        interaction.takes,
        Takes::Plan | Takes::PlanFound | Takes::Withdrawal | Takes::WithdrawalFound
    );
    let is_new = interaction.takes == Takes::NewPlan;
    names.extend((is_search || is_of_a_plan || is_new).then_some(PREFER));
    names.extend(is_of_a_plan.then_some("If-Match"));
    names.extend(is_new.then_some("If-None-Exist"));
    names.extend(CONDITIONS.into_iter().filter(|_| is_conditional));
    let named = names.into_iter();
    named.map(|name| component("parameters", name)).collect()
}

/// An authority is no child's, and is told of in whichever care setting; so is what is sent.
fn is_about_a_child(interaction: &Described) -> bool {
    let kind = ResourceKind::parse(interaction.tag);
    let is_of_a_child = kind.is_none_or(|kind| subject(kind, Uuid::nil()).is_some());
    let is_sent = matches!(
        interaction.takes,
        Takes::Upload
            | Takes::FileNumber
            | Takes::ComparedCsv
            | Takes::Reading
            | Takes::ReadingOfTime
            | Takes::Closing
            | Takes::Validate
    );
    let is_sent = is_sent
        || matches!(
            interaction.answers,
            Answers::Acknowledgement | Answers::Outcome | Answers::Written | Answers::Withdrawn
        );
    let is_told = OF_NOTIFIED.contains(&interaction.tag);
    is_of_a_child && !is_sent && !is_told && !interaction.is_for_anybody
}

/// A header of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The request's id.
    RequestId,
    /// What the request is part of.
    CorrelationId,
    /// The same under another name.
    TraceId,
    /// That nobody may keep the answer.
    NoStore,
    /// For how long the answer may be kept.
    Kept,
    /// The version.
    ETag,
    /// When the resource last changed.
    LastModified,
    /// The preference that was honoured.
    PreferenceApplied,
    /// The same of a write.
    Returned,
    /// Where what was written is.
    Location,
    /// How to say who is asking.
    Authenticate,
    /// When to ask again.
    RetryAfter,
}

impl Header {
    /// Those of every answer.
    pub const OF_ALL: [Self; 3] = [Self::RequestId, Self::CorrelationId, Self::TraceId];

    const ALL: [Self; 12] = [
        Self::RequestId,
        Self::CorrelationId,
        Self::TraceId,
        Self::NoStore,
        Self::Kept,
        Self::ETag,
        Self::LastModified,
        Self::PreferenceApplied,
        Self::Returned,
        Self::Location,
        Self::Authenticate,
        Self::RetryAfter,
    ];

    /// The name of the header, and a reference to what it holds.
    pub fn member(self) -> (String, Value) {
        let (name, component_name, ..) = self.line();
        (name.to_owned(), component("headers", component_name))
    }

    fn line(self) -> Line {
        let text = || json!({ "type": "string" });
        match self {
            Self::RequestId => {
                let schema = json!({ "type": "string", "pattern": UUID });
                let says = "The request's id.";
                ("X-Request-ID", "RequestId", true, says, schema)
            }
            Self::CorrelationId => {
                let says = "The caller's, where it could be read.";
                ("X-Correlation-ID", "CorrelationId", false, says, text())
            }
            Self::TraceId => {
                let says = "The caller's, where it could be read.";
                ("TraceID", "TraceId", false, says, text())
            }
            Self::NoStore => {
                let schema = json!({ "type": "string", "enum": ["no-store"] });
                let says = "Nobody may keep what may be about a child.";
                ("Cache-Control", "NoStore", true, says, schema)
            }
            Self::Kept => {
                let schema = json!({ "type": "string", "pattern": "^max-age=[0-9]+$" });
                let says = "How long it may be kept, in seconds.";
                ("Cache-Control", "Kept", true, says, schema)
            }
            Self::ETag => {
                let schema = json!({ "type": "string", "pattern": "^W/\"[^\"]+\"$" });
                ("ETag", "ETag", true, "The version.", schema)
            }
            Self::LastModified => {
                let says = "When it last changed.";
                ("Last-Modified", "LastModified", true, says, text())
            }
            Self::PreferenceApplied => preference(
                &["handling=strict", "handling=lenient"],
                "PreferenceApplied",
            ),
            Self::Returned => {
                let choices = [
                    "return=minimal",
                    "return=representation",
                    "return=OperationOutcome",
                ];
                preference(&choices, "Returned")
            }
            Self::Location => {
                let says = "Where the plan is, in its version.";
                ("Location", "Location", true, says, text())
            }
            Self::Authenticate => {
                let schema = json!({ "type": "string", "pattern": "^Bearer" });
                let says = "How to say who is asking.";
                ("WWW-Authenticate", "Authenticate", true, says, schema)
            }
            Self::RetryAfter => {
                let schema = json!({ "type": "integer", "minimum": 1 });
                let says = "When to ask again, in seconds.";
                ("Retry-After", "RetryAfter", true, says, schema)
            }
        }
    }
}

fn preference(choices: &[&str], component_name: &'static str) -> Line {
    let schema = json!({ "type": "string", "enum": choices });
    let says = "The preference that was honoured.";
    ("Preference-Applied", component_name, false, says, schema)
}

/// Every header of answers.
pub fn components() -> Value {
    let all = Header::ALL.into_iter().map(|header| {
        let (_, name, is_required, says, schema) = header.line();
        let component = json!({
            "description": says, "required": is_required, "schema": schema,
        });
        (name.to_owned(), component)
    });
    crate::openapi::object(all)
}
