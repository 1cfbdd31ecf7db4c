//! Writes an access to service notification (ASN, REPC_MT000004GB01): who looked at the plans of
//! which of an authority's children. One without accesses says that nobody did.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::document::Document;
use super::notified::{
    NotificationHead, push_child, push_identity, push_recipient, push_upload_file,
};
use super::organisation::push_organisation;
use super::vocabulary::{AUTHOR, SDS_JOB_ROLE, SDS_ROLE_PROFILE, SDS_USER};
use crate::domain::caller::Practitioner;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;

const ROOT: &str = "CP-ISAccessToServiceNotification";

/// An access as an authority is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifiedAccess {
    /// The access's id.
    pub id: Uuid,
    /// The moment of the look.
    pub at: DateTime<Utc>,
    /// Who looked, and in which role.
    pub practitioner: Practitioner,
    /// The ODS code of the organisation they looked for.
    pub organisation: OdsCode,
    /// That organisation's name.
    pub organisation_name: String,
    /// The child, or the mother.
    pub nhs_number: NhsNumber,
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// The number of the file that the authority last told the plan in, where it has one.
    pub upload_sequence: Option<i64>,
}

/// Writes a notification of these accesses, in their order.
#[must_use]
pub fn write(head: &NotificationHead, accesses: &[NotifiedAccess]) -> Vec<u8> {
    let mut document = Document::of(ROOT);
    push_identity(&mut document, head.at, head.id);
    document.within("pertinentInformation", |document| {
        document.within("pertinentTotalReturnedRecords", |document| {
            document.empty("value", &[("value", &accesses.len().to_string())]);
        });
    });
    for access in accesses {
        document.within("pertinentInformation1", |document| {
            document.within("pertinentCP-ISRecordAccess", |document| {
                push_access(document, access);
            });
        });
    }
    push_recipient(&mut document, head);
    document.finished(ROOT)
}

fn push_access(document: &mut Document, access: &NotifiedAccess) {
    document.within("pertinentInformation2", |document| {
        document.within("pertinentCP-ISNHSQuery", |document| {
            push_identity(document, access.at, access.id);
            document.within("author", |document| {
                document.template(AUTHOR, |document| push_author(document, access));
            });
            document.within("queryByParameter", |document| {
                document.within("person.id", |document| {
                    push_child(document, "value", access.nhs_number, &access.local_id);
                });
            });
        });
    });
    document.within("reference", |document| {
        push_upload_file(document, "referredToLAUploadFile", access.upload_sequence);
    });
}

fn push_author(document: &mut Document, access: &NotifiedAccess) {
    let practitioner = &access.practitioner;
    // The schema takes no blanks in a code, and no name of no letters.
    let code: String = practitioner.job_role_code.split_whitespace().collect();
    let name = match practitioner.job_role_name.as_str() {
        "" => code.as_str(),
        name => name,
    };
    let attributes = [
        ("code", code.as_str()),
        ("codeSystem", SDS_JOB_ROLE),
        ("displayName", name),
    ];
    document.empty("code", &attributes);
    for (root, id) in [
        (SDS_USER, &practitioner.user_id),
        (SDS_ROLE_PROFILE, &practitioner.role_profile_id),
    ] {
        if !id.is_empty() {
            document.empty("id", &[("root", root), ("extension", id)]);
        }
    }
    document.within("assignedAuthorPerson", |document| {
        document.text("name", &practitioner.name);
    });
    push_organisation(
        document,
        "representedOrganization",
        access.organisation.as_str(),
        &access.organisation_name,
    );
}
