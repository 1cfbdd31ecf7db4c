//! Refusals of what is wrong with a request before anything of it is looked into: its bytes, its
//! connection, its time.

use actix_web::http::StatusCode as Status;
use thiserror::Error;

use super::Line;
use crate::api::spine_code::{ACCESS_DENIED, INTERNAL, INVALID_VALUE, UNABLE_TO_CALL};
use crate::fhir::operation_outcome::IssueType as Issue;

/// Why a request is not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TransportRefusal {
    /// Bytes that are not HTTP.
    #[error("what was sent is not a request of HTTP/1.1 that can be read in one way only")]
    NotHttp,
    /// A head that did not arrive in time.
    #[error("the request's head did not arrive in time")]
    SlowHead,
    /// A head that is too long.
    #[error("the request's head is longer, or has more headers, than is read here")]
    LongHead,
    /// A certificate that has lost its trust while the connection lasted.
    #[error("the certificate of this connection is trusted no longer: connect with another")]
    Certificate,
    /// As many files as can be at once are being read.
    #[error("as many files as can be are being read now: send this one again a little later")]
    Busy,
    /// What would be changed is being changed by others.
    #[error(
        "a file or another request is changing the same plans now, and nothing was taken in: send \
         this again a little later"
    )]
    Overtaken,
    /// An answer that could not be made in time.
    #[error(
        "the service did not make its answer in time, and nothing is known of the child either \
         way: follow local safeguarding procedure, and ask again"
    )]
    Deadline,
    /// A fault of the service's own, in the middle of an answer.
    #[error(
        "the service broke before it had made its answer, and nothing is known of the child either \
         way: follow local safeguarding procedure, and report this with the request's id"
    )]
    Broken,
}

/// The line of what cannot be answered now, and can when it is asked again.
pub(super) const UNAVAILABLE: Line = Line(
    Status::SERVICE_UNAVAILABLE,
    Issue::Transient,
    UNABLE_TO_CALL,
);

/// The lines of these refusals in the table.
pub(super) fn line(refusal: TransportRefusal) -> Line {
    match refusal {
        TransportRefusal::NotHttp => Line(Status::BAD_REQUEST, Issue::Structure, INVALID_VALUE),
        TransportRefusal::SlowHead => Line(Status::REQUEST_TIMEOUT, Issue::Timeout, INVALID_VALUE),
        TransportRefusal::LongHead => Line(
            Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Issue::TooLong,
            INVALID_VALUE,
        ),
        TransportRefusal::Certificate => Line(Status::UNAUTHORIZED, Issue::Login, ACCESS_DENIED),
        TransportRefusal::Busy | TransportRefusal::Overtaken | TransportRefusal::Deadline => {
            UNAVAILABLE
        }
        TransportRefusal::Broken => Line(Status::INTERNAL_SERVER_ERROR, Issue::Exception, INTERNAL),
    }
}
