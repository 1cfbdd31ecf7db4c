//! What the document says of each interaction, in one table: what it is called, what it takes, and
//! what it answers with. Whoever adds an interaction is asked for its line by the compiler.

use crate::fhir::definitions::KINDS;
use crate::openapi::{audit, notified, read_back, tokens};
use crate::routes::{Interaction, Route};

/// An interaction, as the document says it.
pub struct Described {
    /// The first word of the operation's id.
    pub verb: &'static str,
    /// Under which heading it stands: mostly the kind of resource.
    pub tag: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What it takes beside the headers of every request.
    pub takes: Takes,
    /// What it answers with when all is well.
    pub answers: Answers,
    /// Whether it is for anybody, without a token.
    pub is_for_anybody: bool,
}

/// What a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing of its own.
    Nothing,
    /// Nothing but what every look has.
    Look,
    /// A form of answer.
    Form,
    /// A form of answer, a part of the resource, and conditions.
    Read,
    /// A form of answer, and conditions.
    VersionRead,
    /// The parameters of a search of a kind of resource.
    Search(&'static str),
    /// The parameters of a search of definitions.
    SearchDefinitions,
    /// The parameters of one resource's history.
    History,
    /// The parameters of the history of a child's resources of a kind.
    HistoryOf(&'static str),
    /// A batch.
    Batch,
    /// The parameters of everything, posted or not.
    Everything,
    /// A resource, and how to check it.
    Validate,
    /// A new plan.
    NewPlan,
    /// A plan as it now is.
    Plan,
    /// The same of a plan that criteria find.
    PlanFound,
    /// Which version is withdrawn.
    Withdrawal,
    /// What finds the plan that is withdrawn.
    WithdrawalFound,
    /// A file of plans.
    Upload,
    /// The number of a file.
    FileNumber,
    /// The parameters of a search of what an authority is told.
    Notifications,
    /// The ids of notifications.
    Acknowledge,
    /// The parameters of a search of subscriptions.
    Subscriptions,
    /// A subscription.
    Subscription,
    /// The same, to compare and not to take in.
    ComparedCsv,
    /// The parameters of an authority's reading.
    Reading,
    /// The same, of a time.
    ReadingOfTime,
    /// A report of a viewer's.
    Report,
    /// What came of a report.
    Closing,
    /// A client's assertion, and what a token should be for.
    TokenRequest,
}

/// What is answered when all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// A resource of a kind, that nobody may keep.
    Resource(&'static str),
    /// A resource of a kind, that may be kept for a while.
    Published(&'static str),
    /// A search's Bundle, that nobody may keep.
    Searchset,
    /// A search's Bundle, that may be kept for a while.
    PublishedSearchset,
    /// A history's Bundle.
    History,
    /// A batch's Bundle.
    BatchResponse,
    /// What is to be said of a resource that was sent.
    Outcome,
    /// An acknowledgement, in the form of the file it answers.
    Acknowledgement,
    /// The state of a subscription, in a search's Bundle.
    SubscriptionState,
    /// A resource of a kind that was made, told with 201.
    Made(&'static str),
    /// That something was taken away, told with 204.
    Gone,
    /// What an authority reads, as CSV.
    ReadCsv,
    /// The same, or a Bundle of AuditEvents.
    Accesses,
    /// Parameters.
    Parameters,
    /// What became of a plan, as its sender would rather have it.
    Written,
    /// Nothing, or what became of a plan.
    Withdrawn,
    /// Whether the service is well.
    Health,
    /// This document.
    Document,
    /// An access token.
    Token,
    /// Public keys.
    TokenKeys,
    /// Where tokens are had, and how.
    SmartConfiguration,
    /// What is signed, or proved of it, as lines.
    Note,
    /// The proof that an access is sealed.
    Proof,
}

impl Described {
    /// The interaction of a route.
    pub fn of(route: &Route) -> Self {
        let ((verb, summary), tag, takes, answers) = line(route);
        Self {
            verb,
            tag,
            summary,
            takes,
            answers,
            is_for_anybody: matches!(
                answers,
                Answers::Published(_)
                    | Answers::PublishedSearchset
                    | Answers::Health
                    | Answers::Document
                    | Answers::Token
                    | Answers::TokenKeys
                    | Answers::SmartConfiguration
                    | Answers::Note
            ),
        }
    }
}

/// The first word of an operation's id, and what it does in a sentence.
pub type Words = (&'static str, &'static str);

/// A search.
pub const SEARCH: Words = ("search", "Searches for resources of the kind");
/// A read.
pub const READ: Words = ("read", "Reads one resource");
const VERSION_READ: Words = ("vread", "Reads one version of a resource");
const HISTORY: Words = ("history", "Tells every version of a resource, newest first");
const HISTORY_OF_ALL: Words = (
    "historyOfAll",
    "Tells every version of all of a child's resources of the kind, newest first",
);
const CREATE_PLAN: Words = ("create", "Takes in a new plan of a local authority's own");
const UPDATE: Words = (
    "update",
    "Takes in a plan of a local authority's own, as it now is",
);
const UPDATE_FOUND: Words = (
    "conditionalUpdate",
    "The same of the one plan that the criteria find, or of a new one",
);
const DELETE_PLAN: Words = (
    "delete",
    "Withdraws a plan of a local authority's own as entered in error",
);
const DELETE_FOUND: Words = (
    "conditionalDelete",
    "Withdraws the one plan that the criteria find",
);
const BATCH: Words = (
    "batch",
    "Answers up to 50 reads and searches, each an access of its own; of an authority's system, \
     takes in requests about its plans",
);
const EVERYTHING: Words = (
    "everything",
    "Tells all that is disclosed of one child, as one access",
);
const EVERYTHING_OF_ALL: Words = (
    "everythingOfAll",
    "Is refused, because nobody can list children",
);
const VALIDATE: Words = (
    "validate",
    "Tells whether a resource is valid and holds to a profile of the service",
);
const UPLOAD: Words = (
    "uploadPlans",
    "Takes in a local authority's file of plans, and acknowledges it",
);
const ACKNOWLEDGEMENT: Words = (
    "readAcknowledgement",
    "Tells again what an earlier file of plans was answered",
);
const CAPABILITIES: Words = ("capabilities", "Tells what the service promises");
const OPENAPI: Words = (
    "openapi",
    "Tells what the service can be asked: this document",
);
const PING: Words = ("ping", "Tells whether the process is alive");
const STATUS: Words = ("status", "Tells whether the service can do its work");

/// The table.
fn line(route: &Route) -> (Words, &'static str, Takes, Answers) {
    use Answers::{BatchResponse, Document, History, Outcome, Published, Resource, Searchset};
    let published = definition(route.path);
    match route.interaction {
        Interaction::Search(kind) => (SEARCH, kind, Takes::Search(kind), Searchset),
        Interaction::Read(kind) => (READ, kind, Takes::Read, Resource(kind)),
        Interaction::VersionRead(kind) => (VERSION_READ, kind, Takes::VersionRead, Resource(kind)),
        Interaction::InstanceHistory(kind) => (HISTORY, kind, Takes::History, History),
        Interaction::TypeHistory(kind) => (HISTORY_OF_ALL, kind, Takes::HistoryOf(kind), History),
        Interaction::ReadDefinition => (READ, published, Takes::VersionRead, Published(published)),
        Interaction::SearchDefinitions => {
            let answers = Answers::PublishedSearchset;
            (SEARCH, published, Takes::SearchDefinitions, answers)
        }
        Interaction::Create(kind) => (CREATE_PLAN, kind, Takes::NewPlan, Answers::Written),
        Interaction::Update(kind) => (UPDATE, kind, Takes::Plan, Answers::Written),
        Interaction::ConditionalUpdate(kind) => {
            (UPDATE_FOUND, kind, Takes::PlanFound, Answers::Written)
        }
        Interaction::Delete(kind) => (DELETE_PLAN, kind, Takes::Withdrawal, Answers::Withdrawn),
        Interaction::ConditionalDelete(kind) => (
            DELETE_FOUND,
            kind,
            Takes::WithdrawalFound,
            Answers::Withdrawn,
        ),
        Interaction::Batch => (BATCH, "Bundle", Takes::Batch, BatchResponse),
        Interaction::Everything => (EVERYTHING, "Patient", Takes::Everything, Searchset),
        Interaction::EverythingOfAll => (EVERYTHING_OF_ALL, "Patient", Takes::Form, Searchset),
        Interaction::Validate(kind) => (VALIDATE, kind, Takes::Validate, Outcome),
        Interaction::UploadPlans => (UPLOAD, "Upload", Takes::Upload, Answers::Acknowledgement),
        Interaction::ReadAcknowledgement => (
            ACKNOWLEDGEMENT,
            "Upload",
            Takes::FileNumber,
            Answers::Acknowledgement,
        ),
        Interaction::OfNotified(interaction) => notified::line(interaction),
        Interaction::OfAuthority(operation) => read_back::line(operation),
        Interaction::Capabilities => (CAPABILITIES, published, Takes::Form, Published(published)),
        Interaction::OpenApi => (OPENAPI, "OpenAPI", Takes::Nothing, Document),
        Interaction::OfTokens(asked) => tokens::line(asked),
        Interaction::OfAudit(asked) => audit::line(asked),
        Interaction::Health if route.path == "/_ping" => {
            (PING, "Health", Takes::Nothing, Answers::Health)
        }
        Interaction::Health => (STATUS, "Health", Takes::Nothing, Answers::Health),
    }
}

/// The kind of definition that a path names.
fn definition(path: &str) -> &'static str {
    let kind = path
        .split('/')
        .find_map(|step| KINDS.into_iter().find(|kind| *kind == step));
    kind.unwrap_or("CapabilityStatement")
}
