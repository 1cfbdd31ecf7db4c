//! Writes an inactive NHS number notification (REPC_MT000005GB01): numbers that an authority uses
//! and must use no more, each with what replaces it, if anything may be said of that.

use super::document::Document;
use super::notified::{
    NotificationHead, push_child, push_identity, push_recipient, push_upload_file,
};
use crate::domain::nhs_number::NhsNumber;

const ROOT: &str = "CP-ISInactiveNHSNumberNotification";

/// A number that is no longer in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InactiveNhsNumber {
    /// The number.
    pub nhs_number: NhsNumber,
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// The numbers in its place. After an adoption there is none that may be told.
    pub replaced_by: Vec<NhsNumber>,
    /// The number of the file that the authority last told a plan of it in, where it has one.
    pub upload_sequence: Option<i64>,
}

/// Writes a notification. The message has no form for none: give one at least.
#[must_use]
pub fn write(
    head: &NotificationHead,
    first: &InactiveNhsNumber,
    others: &[InactiveNhsNumber],
) -> Vec<u8> {
    let mut document = Document::of(ROOT);
    push_identity(&mut document, head.at, head.id);
    push_recipient(&mut document, head);
    for inactive in std::iter::once(first).chain(others) {
        document.within("subject", |document| {
            document.within("pDSInactivePatient", |document| {
                push_inactive(document, inactive);
            });
        });
    }
    document.finished(ROOT)
}

fn push_inactive(document: &mut Document, inactive: &InactiveNhsNumber) {
    push_child(document, "id", inactive.nhs_number, &inactive.local_id);
    if !inactive.replaced_by.is_empty() {
        document.within("replacedBy", |document| {
            document.within("newVersion", |document| {
                for number in &inactive.replaced_by {
                    document.empty("id", &[("extension", &number.reveal())]);
                }
            });
        });
    }
    document.within("subjectOf", |document| {
        push_upload_file(document, "lAUploadFile", inactive.upload_sequence);
    });
}
