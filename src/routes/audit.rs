//! The lines of the route table for the sealed access history, as transparency logs have them, and
//! no interactions of FHIR's.

use actix_web::http::Method;

use crate::api::read_access_proof::read_access_proof;
use crate::api::read_checkpoint::read_checkpoint;
use crate::api::read_consistency::read_consistency;
use crate::routes::{Interaction, Route};

/// What is asked of the sealed access history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfAudit {
    /// The newest checkpoint.
    Checkpoint,
    /// The proof that it only grew.
    Consistency,
    /// The proof that one access is sealed.
    AccessProof,
}

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    let lines = [
        ("/audit/checkpoint", OfAudit::Checkpoint),
        ("/audit/consistency/{smaller}/{size}", OfAudit::Consistency),
        ("/audit/accesses/{id}/proof", OfAudit::AccessProof),
    ];
    lines.into_iter().map(|(path, asked)| Route {
        method: Method::GET,
        path,
        interaction: Interaction::OfAudit(asked),
    })
}

/// The handler of a line.
pub fn handler(asked: OfAudit, line: actix_web::Route) -> actix_web::Route {
    match asked {
        OfAudit::Checkpoint => line.to(read_checkpoint),
        OfAudit::Consistency => line.to(read_consistency),
        OfAudit::AccessProof => line.to(read_access_proof),
    }
}
