//! The lines of the table for an upload that is not taken in.

use actix_web::http::StatusCode;

use super::{Line, Refusal, TransportRefusal};
use crate::api::spine_code::{ACCESS_DENIED, CONFLICT, PRECONDITION_FAILED, UNABLE_TO_CALL};
use crate::fhir::operation_outcome::IssueType;
use crate::intake::IntakeRefusal;
use crate::reception::ReceptionRefusal;
use crate::store::StoreError;

impl From<ReceptionRefusal> for Refusal {
    fn from(refusal: ReceptionRefusal) -> Self {
        match refusal {
            ReceptionRefusal::File(refusal) => Self::File(refusal),
            ReceptionRefusal::Intake(refusal) => refusal.into(),
            ReceptionRefusal::CutShort => Self::TornBody,
        }
    }
}

impl From<IntakeRefusal> for Refusal {
    fn from(refusal: IntakeRefusal) -> Self {
        match refusal {
            IntakeRefusal::Store(StoreError::Overtaken) => TransportRefusal::Overtaken.into(),
            IntakeRefusal::Store(error) => Self::Unavailable(error),
            other => Self::Intake(other),
        }
    }
}

/// Its line of the table.
pub(super) fn line(refusal: &IntakeRefusal) -> Line {
    match refusal {
        IntakeRefusal::AnotherAuthority | IntakeRefusal::UnknownAuthority => {
            Line(StatusCode::FORBIDDEN, IssueType::Forbidden, ACCESS_DENIED)
        }
        IntakeRefusal::NumberTaken { .. } | IntakeRefusal::OutOfOrder { .. } => {
            Line(StatusCode::CONFLICT, IssueType::Conflict, CONFLICT)
        }
        IntakeRefusal::Held(_) | IntakeRefusal::EndsTooMany(..) => Line(
            StatusCode::CONFLICT,
            IssueType::BusinessRule,
            PRECONDITION_FAILED,
        ),
        IntakeRefusal::DemographicsUnavailable(_) | IntakeRefusal::Store(_) => Line(
            StatusCode::SERVICE_UNAVAILABLE,
            IssueType::Transient,
            UNABLE_TO_CALL,
        ),
    }
}

/// What of the file is at fault.
pub(super) fn expression(refusal: &IntakeRefusal) -> Vec<String> {
    let at_fault = match refusal {
        IntakeRefusal::NumberTaken { .. } | IntakeRefusal::OutOfOrder { .. } => "file_sequence",
        IntakeRefusal::AnotherAuthority | IntakeRefusal::UnknownAuthority => "authority",
        IntakeRefusal::Held(_) | IntakeRefusal::EndsTooMany(..) => "confirm-ending",
        IntakeRefusal::DemographicsUnavailable(_) | IntakeRefusal::Store(_) => return Vec::new(),
    };
    vec![at_fault.to_owned()]
}
