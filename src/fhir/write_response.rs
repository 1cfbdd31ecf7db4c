//! The answer to a batch or transaction of writes
//! (<https://hl7.org/fhir/R4/http.html#transaction-response>).

use fhirbolt::model::r4::resources::Bundle;
use fhirbolt::model::r4::types::Meta;
use uuid::Uuid;

use crate::domain::acknowledgement_code::FileCode;
use crate::fhir::batch::Together;
use crate::fhir::bundle::{BatchAnswer, batch_response};
use crate::fhir::elements::{coding, identifier};
use crate::fhir::terminology::{UPLOAD, file_code};

/// What became of the requests of a batch or transaction as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// The upload they were taken in as.
    pub upload_id: Uuid,
    /// The official code.
    pub code: FileCode,
}

/// The answers to writes that were taken in, in the order of the requests. The upload and its code
/// stand with the bundle, as in the head of an acknowledgement (REPC_MT000003GB01).
#[must_use]
pub fn write_response(
    base: &str,
    together: Together,
    acknowledged: Option<Acknowledged>,
    answers: Vec<BatchAnswer>,
) -> Bundle {
    let r#type = match together {
        Together::Each => "batch-response",
        Together::All => "transaction-response",
    };
    Bundle {
        r#type: r#type.into(),
        meta: acknowledged.map(|acknowledged| {
            Box::new(Meta {
                tag: vec![coding(file_code(acknowledged.code))],
                ..Default::default()
            })
        }),
        identifier: acknowledged.map(|acknowledged| {
            let upload = acknowledged.upload_id.to_string();
            Box::new(identifier(UPLOAD, &upload))
        }),
        ..batch_response(base, answers)
    }
}
