//! The lines of the table for a search that cannot be understood.

use actix_web::http::StatusCode;

use super::Line;
use crate::api::search::SearchRefusal;
use crate::api::spine_code::{
    INVALID_IDENTIFIER_SYSTEM, INVALID_SEARCH_DATA, INVALID_VALUE, MISSING_VALUE, UNSUPPORTED,
};
use crate::fhir::operation_outcome::IssueType;

/// Its line of the table.
pub(super) fn line(refusal: &SearchRefusal) -> Line {
    let (code, spine) = match refusal {
        SearchRefusal::NoChild => (IssueType::Required, MISSING_VALUE),
        SearchRefusal::NhsNumber { .. } | SearchRefusal::SeveralChildren { .. } => {
            (IssueType::Value, INVALID_SEARCH_DATA)
        }
        SearchRefusal::IdentifierSystem { .. } => (IssueType::Value, INVALID_IDENTIFIER_SYSTEM),
        SearchRefusal::Modifier { .. } | SearchRefusal::Unsupported { .. } => {
            (IssueType::NotSupported, UNSUPPORTED)
        }
        SearchRefusal::Value { .. } | SearchRefusal::Part(_) => {
            (IssueType::Value, INVALID_SEARCH_DATA)
        }
        SearchRefusal::TooLong => (IssueType::TooLong, INVALID_SEARCH_DATA),
        SearchRefusal::Handling => (IssueType::Value, INVALID_VALUE),
    };
    Line(StatusCode::BAD_REQUEST, code, spine)
}
