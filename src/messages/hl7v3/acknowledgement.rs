//! Writes an acknowledgement as HL7 v3 (REPC_MT000003GB01, `docs/upload-hl7v3.md`): what became of
//! the file, of each of its plans with the place where it stands, and of each of its records.

use chrono::{DateTime, Utc};

use super::acknowledged_record::{AcknowledgedRecord, push_detail};
use super::document::Document;
use super::element::Element;
use super::organisation::{push_authority, push_unknown_authority};
use super::parts::Parts;
use super::timestamp::written;
use super::upload::RECORD;
use super::upload_head::{self, QUANTITY, ROOT as UPLOAD};
use crate::domain::ods_code::OdsCode;
use crate::domain::upload::{Acknowledgement, AuthorityDetails, FileCode, RecordCode};

/// The root of an acknowledgement.
pub(super) const ROOT: &str = "FileResponse";

/// The number of a file whose own is not known.
pub(super) const UNKNOWN_SEQUENCE: i64 = -1;

/// A file of which nothing was taken in.
#[derive(Debug, Clone, Copy)]
pub struct RefusedFile<'file> {
    /// The file.
    pub file: &'file [u8],
    /// The authority whose system sent it.
    pub sender: &'file OdsCode,
    /// What became of it.
    pub code: FileCode,
    /// Why.
    pub reason: &'file str,
    /// The XPath of what is wrong; none when the file as a whole is.
    pub location: Option<&'file str>,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// Writes what became of a file, which must be the one acknowledged: it is read again, so that only
/// one of its records is held at a time. The sender is the authority that it came from.
#[must_use]
pub fn write(file: &[u8], sender: &OdsCode, acknowledgement: &Acknowledgement) -> Vec<u8> {
    let (_, authority) = upload_head::read_what_can_be(file);
    let mut response = Response::default();
    let mut results = acknowledgement.records.iter();
    for_each_record(file, |part, number| {
        let record = AcknowledgedRecord::of(part, number, &mut results);
        record.push_details(&mut response.details);
        record.push_message(&mut response.messages);
        let count = match record.is_taken_in() {
            true => &mut response.successful,
            false => &mut response.failed,
        };
        *count = count.saturating_add(1);
    });
    let receiver = authority.map_or(Receiver::Unknown(sender), Receiver::Described);
    response.written(
        acknowledgement.received_at,
        acknowledgement.sequence.unwrap_or(UNKNOWN_SEQUENCE),
        acknowledgement.code,
        &receiver,
    )
}

/// Writes that a file was refused as a whole. What its head says of it is told again, as far as it
/// can be read; a file without a readable number is told of as number -1.
#[must_use]
pub fn write_refusal(refused: &RefusedFile<'_>) -> Vec<u8> {
    let (sequence, authority) = upload_head::read_what_can_be(refused.file);
    let mut response = Response::default();
    let whole = format!("/{UPLOAD}");
    push_detail(
        &mut response.details,
        RecordCode::Unsuccessful,
        Some(refused.reason),
        refused.location.unwrap_or(&whole),
    );
    let receiver = authority.map_or(Receiver::Unknown(refused.sender), Receiver::Described);
    response.written(
        refused.at,
        sequence.unwrap_or(UNKNOWN_SEQUENCE),
        refused.code,
        &receiver,
    )
}

/// Goes through the records of a file that was read before.
fn for_each_record(file: &[u8], mut take: impl FnMut(&Element, usize)) {
    let Ok(mut parts) = Parts::of(file, UPLOAD) else {
        return;
    };
    let mut number = 0_usize;
    while let Ok(Some(part)) = parts.next() {
        if part.name == RECORD {
            number = number.saturating_add(1);
            take(&part, number);
        }
    }
}

/// What is gathered before any of it can be written: the counts stand around the records.
#[derive(Default)]
struct Response {
    details: Document,
    messages: Document,
    successful: usize,
    failed: usize,
}

/// Whom a response is for: as the file describes its authority, or else as its code alone.
enum Receiver<'file> {
    Described(AuthorityDetails),
    Unknown(&'file OdsCode),
}

impl Response {
    fn written(
        &self,
        at: DateTime<Utc>,
        sequence: i64,
        code: FileCode,
        receiver: &Receiver<'_>,
    ) -> Vec<u8> {
        let mut document = Document::of(ROOT);
        document.empty("creationTime", &[("value", &written(at))]);
        document.empty("id", &[("extension", &sequence.to_string())]);
        let records = self.successful.saturating_add(self.failed);
        document.empty(QUANTITY, &[("value", &records.to_string())]);
        document.within("acknowledgementFile", |document| {
            document.within("acknowledgementFileDetail", |document| {
                let meaning = meaning(code);
                document.empty("code", &[("code", code.code()), ("displayName", meaning)]);
            });
        });
        if !self.details.is_empty() {
            document.within("acknowledgementRecord", |document| {
                document.append(&self.details);
            });
        }
        document.within("communicationFunctionRcv", |document| match receiver {
            Receiver::Described(authority) => push_authority(document, authority),
            Receiver::Unknown(code) => push_unknown_authority(document, code.as_str()),
        });
        push_count(&mut document, "failedReturnedCP-ISRecords", self.failed);
        document.append(&self.messages);
        push_count(
            &mut document,
            "successfulReturnedCP-ISRecords",
            self.successful,
        );
        document.finished(ROOT)
    }
}

fn push_count(document: &mut Document, element: &str, count: usize) {
    document.within(element, |document| {
        document.empty("value", &[("value", &count.to_string())]);
    });
}

/// What a code means, in the vocabulary's very words: the schema allows no others.
fn meaning(code: FileCode) -> &'static str {
    match code {
        FileCode::VersionNotSupported => {
            "Spine ii rejected the request because this version of the CPIS Client is no longer \
             supported"
        }
        known => known.meaning(),
    }
}

#[cfg(test)]
#[path = "acknowledgement_rules.rs"]
mod rules;
