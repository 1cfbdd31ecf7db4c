//! What the document says of the sealed access history.

use crate::openapi::interactions::{Answers, Takes, Words};
use crate::routes::audit::OfAudit;

const CHECKPOINT: Words = (
    "auditCheckpoint",
    "Tells the newest signed checkpoint of the sealed access history",
);
const CONSISTENCY: Words = (
    "auditConsistency",
    "Tells the proof that the sealed access history only grew from one size to another",
);
const ACCESS_PROOF: Words = (
    "auditAccessProof",
    "Tells the proof that one access is sealed, to whoever may read it; as a look at the child",
);

/// The table's line of what is asked.
pub fn line(asked: OfAudit) -> (Words, &'static str, Takes, Answers) {
    let answers = Answers::Note;
    match asked {
        OfAudit::Checkpoint => (CHECKPOINT, "Audit", Takes::Nothing, answers),
        OfAudit::Consistency => (CONSISTENCY, "Audit", Takes::Nothing, answers),
        OfAudit::AccessProof => (ACCESS_PROOF, "Audit", Takes::Look, Answers::Proof),
    }
}

/// The statuses of what is asked.
pub fn statuses(asked: OfAudit) -> &'static [u16] {
    match asked {
        OfAudit::Checkpoint | OfAudit::Consistency => &[200, 404, 406, 415, 503],
        OfAudit::AccessProof => &[200, 400, 401, 403, 404, 406, 409, 415, 429, 503],
    }
}
