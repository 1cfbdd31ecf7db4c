//! The lines of the table for requests about plans that are refused
//! (<https://hl7.org/fhir/R4/http.html#rejecting-updates>).

use actix_web::http::StatusCode;

use super::{Line, Refusal};
use crate::api::plan_writes::refused::{Asked, RefusedWrite};
use crate::api::spine_code::INVALID_VALUE;
use crate::domain::plan_write::WriteRefusal;
use crate::fhir::operation_outcome::IssueType;
use crate::fhir::upload_record::Unfit;

impl From<RefusedWrite> for Refusal {
    fn from(refused: RefusedWrite) -> Self {
        Self::Plans(vec![refused])
    }
}

/// Their line of the table: the first decides.
pub(super) fn line(refused: &[RefusedWrite]) -> Line {
    let status = refused.first().map_or(StatusCode::BAD_REQUEST, status);
    Line(status, IssueType::BusinessRule, INVALID_VALUE)
}

/// What is wrong with the first, for people.
pub(super) fn words(refused: &[RefusedWrite]) -> String {
    let first = refused.first().map(|refused| refused.why.to_string());
    first.unwrap_or_default()
}

/// The status of a refused request.
fn status(refused: &RefusedWrite) -> StatusCode {
    match (&refused.why, &refused.unfit, refused.asked) {
        (WriteRefusal::Record(_), Some(Unfit::NotR4(_)), _) | (WriteRefusal::AnotherId, _, _) => {
            StatusCode::BAD_REQUEST
        }
        (WriteRefusal::Record(_), _, _) => StatusCode::UNPROCESSABLE_ENTITY,
        // Nobody but the service gives a plan its id.
        (WriteRefusal::NotFound | WriteRefusal::AnotherAuthority, _, Asked::Update) => {
            StatusCode::METHOD_NOT_ALLOWED
        }
        (WriteRefusal::NotFound | WriteRefusal::AnotherAuthority, _, _) => StatusCode::NOT_FOUND,
        (WriteRefusal::Unclear | WriteRefusal::AnotherVersion, _, _) => {
            StatusCode::PRECONDITION_FAILED
        }
        (WriteRefusal::HeldAlready, _, _) => StatusCode::CONFLICT,
    }
}
