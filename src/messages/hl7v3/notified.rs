//! What the notifications to a local authority have in common, and what they are made from.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::acknowledgement::UNKNOWN_SEQUENCE;
use super::document::Document;
use super::organisation::push_organisation;
use super::timestamp::written;
use super::vocabulary::{LOCAL_ID, NHS_NUMBER, RECIPIENT};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;

/// What heads a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationHead {
    /// The message's own id: a message sent again has the same.
    pub id: Uuid,
    /// When it is written.
    pub at: DateTime<Utc>,
    /// The ODS code of the authority it is for.
    pub authority: OdsCode,
    /// That authority's name.
    pub authority_name: String,
}

/// Writes when the message is written, and its id.
pub(super) fn push_identity(document: &mut Document, at: DateTime<Utc>, id: Uuid) {
    document.empty("effectiveTime", &[("value", &written(at))]);
    document.empty("id", &[("root", &upper(id))]);
}

/// Writes whom the message is for.
pub(super) fn push_recipient(document: &mut Document, head: &NotificationHead) {
    document.within("primaryInformationRecipient", |document| {
        document.template(RECIPIENT, |document| {
            let code = head.authority.as_str();
            push_organisation(
                document,
                "representedSourceOrganization",
                code,
                &head.authority_name,
            );
        });
    });
}

/// Writes the identifiers of a child: the NHS number, and the authority's own.
pub(super) fn push_child(
    document: &mut Document,
    element: &str,
    nhs_number: NhsNumber,
    local_id: &str,
) {
    let number = nhs_number.reveal();
    document.empty(element, &[("root", NHS_NUMBER), ("extension", &number)]);
    if !local_id.is_empty() {
        document.empty(element, &[("root", LOCAL_ID), ("extension", local_id)]);
    }
}

/// Writes the number of the file that an authority sent a plan in: as in an acknowledgement, -1
/// where it has none.
pub(super) fn push_upload_file(document: &mut Document, element: &str, sequence: Option<i64>) {
    let sequence = sequence.unwrap_or(UNKNOWN_SEQUENCE);
    document.within(element, |document| {
        document.empty("value", &[("extension", &sequence.to_string())]);
    });
}

/// A UUID as the schema demands it: hexadecimal digits in capitals.
fn upper(id: Uuid) -> String {
    id.as_hyphenated()
        .encode_upper(&mut Uuid::encode_buffer())
        .to_owned()
}
