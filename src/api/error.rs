//! Every refusal: its status, issue code and text, in one table.
//!
//! Codes are those of NHS England's Spine error list; the words say what is wrong and what would be
//! right, and never repeat a value (<https://hl7.org/fhir/R4/http.html#Status-Codes>).

mod expression;
mod intake;
mod plan;
mod search;
mod stranger;
mod transport;
mod undisclosed;

use actix_web::http::StatusCode;
use thiserror::Error;

pub use self::transport::TransportRefusal;
use crate::api::plan_writes::refused::RefusedWrite;
use crate::api::search::SearchRefusal;
use crate::api::spine_code::{
    ACCESS_DENIED, CONFLICT, INTERNAL, INVALID_SEARCH_DATA, INVALID_VALUE, NOT_FOUND,
    PRECONDITION_FAILED, SpineCode, TOO_MANY_REQUESTS, UNSUPPORTED,
};
use crate::budgets::OverBudget;
use crate::domain::caller::CallerRefusal;
use crate::domain::care_setting::DeclaredError;
use crate::fhir::batch::BatchError;
use crate::fhir::json::JsonError;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity};
use crate::fhir::reading::Unreadable;
use crate::fhir::subscription::SubscriptionError;
use crate::fhir::subset::SubsetError;
use crate::fhir::validation::UnknownProfile;
use crate::identity::TokenError;
use crate::intake::IntakeRefusal;
use crate::messages::file_refusal::FileRefusal;
use crate::store::StoreError;

/// Why a request is refused or cannot be answered.
#[derive(Debug, Error)]
pub enum Refusal {
    /// No bearer token.
    #[error("send a bearer token in the Authorization header")]
    NoToken,
    /// A bearer token that proves nothing.
    #[error("the bearer token is not accepted: {0}")]
    BadToken(TokenError),
    /// A header of a gateway's that is missing, repeated, or cannot be read.
    #[error("the gateway sends the user's {0} once, and as it is defined")]
    GatewayHeader(&'static str),
    /// A caller who may not do this.
    #[error("{0}")]
    Caller(#[from] CallerRefusal),
    /// A care setting that says nothing.
    #[error("{0}")]
    Declared(#[from] DeclaredError),
    /// A request that is not looked into.
    #[error("{0}")]
    Transport(#[from] TransportRefusal),
    /// A request id that is none.
    #[error("X-Request-ID is a UUID, once; leave it out to be given one")]
    RequestId,
    /// A request's id that stands for another request.
    #[error(
        "a request with this X-Request-ID asked for something else, or was answered otherwise \
         before: ask under a new one"
    )]
    RequestIdTaken,
    /// A search that cannot be run.
    #[error("{0}")]
    Search(#[from] SearchRefusal),
    /// Nothing under this id that the caller may see.
    #[error("there is nothing under this id")]
    NotFound,
    /// What was under this id has been withdrawn.
    #[error("what was under this id was withdrawn as entered in error")]
    Withdrawn,
    /// No such version of a resource.
    #[error("{0}")]
    Version(&'static str),
    /// Nothing at this path.
    #[error("the service has nothing at this path; GET [base]/metadata tells what it serves")]
    NoSuchPath,
    /// A method that the path does not take.
    #[error("the path does not take this method; it takes {0}")]
    Method(&'static str),
    /// A form the answer cannot have.
    #[error(
        "answers are application/fhir+json or application/fhir+xml, R4, plain or compressed by gzip"
    )]
    NotAcceptable,
    /// A body in a form that is not read here.
    #[error("the body must be {0}")]
    MediaType(&'static str),
    /// A body that is compressed, or encoded in another way.
    #[error("a body is read only as it is: send it without a Content-Encoding")]
    ContentEncoding,
    /// A body that cannot be read as text.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// A body over the limit.
    #[error("the body is longer than the {0} bytes taken here")]
    TooLong(usize),
    /// A body that broke off.
    #[error("the body could not be read to its end")]
    TornBody,
    /// A body that is no resource.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// A profile that is not known here.
    #[error("{0}")]
    Profile(#[from] UnknownProfile),
    /// A batch that cannot be read.
    #[error("{0}")]
    Batch(#[from] BatchError),
    /// A batch with too many requests.
    #[error("a batch holds at most {0} requests")]
    BatchTooLong(usize),
    /// A request of a batch that is not a read or a search.
    #[error(
        "a request of a batch is a GET of a search, a history, a resource or one of its versions"
    )]
    BatchEntry,
    /// A request of an authority's batch that is not about a plan of its own.
    #[error(
        "a request of an authority's system is a POST, PUT or DELETE of an EpisodeOfCare: it reads \
         nothing"
    )]
    WriteEntry,
    /// A bundle whose number cannot be read.
    #[error(
        "Bundle.identifier in the system of file numbers holds a whole number from 1 to 999999999, \
         and Bundle.timestamp a moment"
    )]
    BundleNumber,
    /// Requests about plans that are refused: the first of them decides the status.
    #[error("{}", plan::words(.0))]
    Plans(Vec<RefusedWrite>),
    /// A resource whose id is not that of its URL.
    #[error("an update sends the resource with the id that stands in the URL")]
    ResourceId,
    /// A part of a resource that is none.
    #[error("{0}")]
    Subset(#[from] SubsetError),
    /// A subscription that asks for something else than there is.
    #[error("{0}")]
    Subscription(#[from] SubscriptionError),
    /// A second subscription of an authority.
    #[error("the authority has a subscription already: take it away before making another")]
    SubscriptionThere,
    /// A page link that is broken or too old.
    #[error("the page link is not one of this service's, or has expired: search again")]
    Page,
    /// An upload file that cannot be read, with its official code and meaning.
    #[error("{code} {meaning}: {0}", code = .0.code.code(), meaning = .0.code.meaning())]
    File(#[from] FileRefusal),
    /// An upload that is not taken in.
    #[error("{0}")]
    Intake(IntakeRefusal),
    /// A parameter of an operation that is missing, or cannot be read.
    #[error("the parameter {name} {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A report that was closed with another outcome.
    #[error("the report was closed before, with another outcome, which stands")]
    Closed,
    /// A time that is not named, or is too long.
    #[error(
        "name the time: since is a moment, until another that is later by at most 31 days, or now \
         where it is left out"
    )]
    Period,
    /// More plans than a file is compared with.
    #[error("more than {0} plans are held, and a file is compared with no more")]
    TooManyHeld(usize),
    /// A confirmation of a held upload that says nothing.
    #[error("confirm-ending is, in digits, how many plans the file is meant to end or withdraw")]
    Confirmation,
    /// A file that is asked for by no number.
    #[error("file_sequence is the number of one of the authority's files, in digits")]
    FileSequence,
    /// More children looked at than the caller's budget has.
    #[error("{0}")]
    OverBudget(#[from] OverBudget),
    /// The database gave no answer that can be trusted.
    #[error(
        "the service cannot answer now, and nothing is known of the child either way: follow local \
         safeguarding procedure, and ask again"
    )]
    Unavailable(#[source] StoreError),
    /// An answer that cannot be written.
    #[error("the service failed to write its answer")]
    Unwritable(#[from] JsonError),
}

/// A line of the table.
struct Line(StatusCode, IssueType, SpineCode);

/// The line for callers who ask too much.
const THROTTLED: Line = Line(
    StatusCode::TOO_MANY_REQUESTS,
    IssueType::Throttled,
    TOO_MANY_REQUESTS,
);

impl Refusal {
    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.line().0
    }

    /// What the answer's outcome says.
    #[must_use]
    pub fn issue(&self) -> Issue {
        let Line(_, code, spine_code) = self.line();
        Issue {
            severity: Severity::Error,
            code,
            spine_code: Some(spine_code),
            diagnostics: self.to_string(),
            expression: self.expression(),
        }
    }

    /// The table.
    fn line(&self) -> Line {
        use IssueType as Issue;
        use StatusCode as Status;
        match self {
            // A good token proves nothing any more once the register says so of its client.
            Self::NoToken | Self::BadToken(_) | Self::Caller(CallerRefusal::UnknownClient) => {
                Line(Status::UNAUTHORIZED, Issue::Login, ACCESS_DENIED)
            }
            Self::Transport(refusal) => transport::line(*refusal),
            Self::Caller(_) => Line(Status::FORBIDDEN, Issue::Forbidden, ACCESS_DENIED),
            Self::Declared(_) => Line(Status::BAD_REQUEST, Issue::Value, PRECONDITION_FAILED),
            Self::RequestId
            | Self::GatewayHeader(_)
            | Self::Parameter { .. }
            | Self::Period
            | Self::Confirmation
            | Self::FileSequence
            | Self::ResourceId
            | Self::BundleNumber => Line(Status::BAD_REQUEST, Issue::Value, INVALID_VALUE),
            Self::Search(refusal) => search::line(refusal),
            Self::NotFound | Self::Version(_) => {
                Line(Status::NOT_FOUND, Issue::NotFound, NOT_FOUND)
            }
            Self::Withdrawn => Line(Status::GONE, Issue::Deleted, NOT_FOUND),
            Self::NoSuchPath => Line(Status::NOT_FOUND, Issue::NotSupported, UNSUPPORTED),
            Self::Method(_) => Line(Status::METHOD_NOT_ALLOWED, Issue::NotSupported, UNSUPPORTED),
            Self::NotAcceptable => Line(Status::NOT_ACCEPTABLE, Issue::NotSupported, UNSUPPORTED),
            Self::MediaType(_) | Self::ContentEncoding => Line(
                Status::UNSUPPORTED_MEDIA_TYPE,
                Issue::NotSupported,
                UNSUPPORTED,
            ),
            Self::TooLong(_) => Line(Status::PAYLOAD_TOO_LARGE, Issue::TooLong, INVALID_VALUE),
            Self::NotText | Self::TornBody | Self::Batch(_) | Self::Unreadable(_) => {
                Line(Status::BAD_REQUEST, Issue::Structure, INVALID_VALUE)
            }
            Self::BatchTooLong(_) | Self::TooManyHeld(_) => {
                Line(Status::BAD_REQUEST, Issue::TooCostly, INVALID_VALUE)
            }
            Self::BatchEntry | Self::WriteEntry | Self::Profile(_) => {
                Line(Status::BAD_REQUEST, Issue::NotSupported, UNSUPPORTED)
            }
            Self::RequestIdTaken | Self::Closed | Self::SubscriptionThere => {
                Line(Status::CONFLICT, Issue::Conflict, CONFLICT)
            }
            Self::Plans(refused) => plan::line(refused),
            Self::Subset(_) => Line(Status::BAD_REQUEST, Issue::Value, INVALID_SEARCH_DATA),
            Self::Subscription(_) => Line(
                Status::UNPROCESSABLE_ENTITY,
                Issue::BusinessRule,
                INVALID_VALUE,
            ),
            Self::Page => Line(Status::GONE, Issue::NotFound, INVALID_SEARCH_DATA),
            Self::File(_) => Line(Status::UNPROCESSABLE_ENTITY, Issue::Invalid, INVALID_VALUE),
            Self::Intake(refusal) => intake::line(refusal),
            Self::OverBudget(_) => THROTTLED,
            Self::Unavailable(_) => transport::UNAVAILABLE,
            Self::Unwritable(_) => Line(Status::INTERNAL_SERVER_ERROR, Issue::Exception, INTERNAL),
        }
    }
}
