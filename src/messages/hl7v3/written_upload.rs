//! Writes an upload of plans as HL7 v3 (REPC_MT000002GB01), for an authority that has none of its
//! own software to do so.

use super::document::Document;
use super::organisation::push_authority;
use super::timestamp::{written_day, written_exactly};
use super::upload::RECORD;
use super::upload_head::{QUANTITY, ROOT};
use super::vocabulary::{plan_template, subject_template};
use super::written_record::{PersonWords, push_person, push_plan};

use crate::domain::upload::{AuthorityDetails, Upload, UploadRecord};

/// Writes a file of an upload's good records, each with one plan. What was refused is left out.
#[must_use]
pub fn write(upload: &Upload) -> Vec<u8> {
    let records: Vec<&UploadRecord> = upload.records.iter().flatten().collect();
    let mut document = Document::of(ROOT);
    let created_at = written_exactly(upload.created_at);
    document.empty("creationTime", &[("value", &created_at)]);
    document.empty("id", &[("extension", &upload.sequence.to_string())]);
    document.empty(QUANTITY, &[("value", &records.len().to_string())]);
    document.within("communicationFunctionSnd", |document| {
        push_authority(document, &upload.authority);
    });
    for record in records {
        document.within(RECORD, |document| {
            document.within("CP-ISRecord", |document| {
                push_record(document, record, &upload.authority);
            });
        });
    }
    document.finished(ROOT)
}

fn push_record(document: &mut Document, record: &UploadRecord, authority: &AuthorityDetails) {
    let plan = &record.plan;
    let start = written_day(plan.start);
    let end = plan.sent_end.map(written_day);
    let deleted = plan.deleted_on.map(written_day);
    let dates = [Some(start.as_str()), end.as_deref(), deleted.as_deref()];
    push_plan(document, plan_template(plan.kind), dates);
    let words = PersonWords {
        nhs_number: Some(&plan.nhs_number.reveal()),
        local_id: Some(&plan.local_id),
        authority: Some(&format!("{}:{}", authority.code, authority.name)),
        birth: &plan.birth_date.format("%Y%m%d").to_string(),
        given: &record.name.given,
        family: &record.name.family,
    };
    push_person(document, subject_template(plan.kind), &words);
}
