//! A resource that an authority's system sent, as the record that it is.

use serde_json::Value;

use crate::domain::calendar::day_of;
use crate::domain::ods_code::OdsCode;
use crate::domain::upload::{RecordCode, RecordRefusal, UploadRecord};
use crate::fhir::upload_record::{RecordTexts, Unfit, field_at, texts};
use crate::fhir::validation::fault::Fault;
use crate::messages::field_values::Sent;
use crate::messages::reading_rules::ReadingRules;
use crate::messages::sent_record::upload_record;

/// What was sent.
#[derive(Debug, Clone)]
pub struct SentPlan {
    /// The record, or why it is refused.
    pub record: Result<UploadRecord, RecordRefusal>,
    /// What is wrong with the resource, where no record could be read from it.
    pub unfit: Option<Unfit>,
    /// Its id, where it has one.
    pub id: Option<String>,
}

impl SentPlan {
    /// Reads a resource.
    #[must_use]
    pub fn of(resource: &Value, authority: &OdsCode, rules: &ReadingRules) -> Self {
        let id = resource.get("id").and_then(Value::as_str);
        let (record, unfit) = match texts(resource, day_of(rules.now)) {
            Ok(texts) => (record(&texts, authority, rules), None),
            Err(unfit) => (Err(refusal(&unfit)), Some(unfit)),
        };
        Self {
            record,
            unfit,
            id: id.map(str::to_owned),
        }
    }
}

fn record(
    texts: &RecordTexts,
    authority: &OdsCode,
    rules: &ReadingRules,
) -> Result<UploadRecord, RecordRefusal> {
    let sent = texts.fields().map(|(field, text)| Sent { field, text });
    upload_record(sent, authority, rules)
}

/// The refusal of a resource that is no record, as an acknowledgement has it.
fn refusal(unfit: &Unfit) -> RecordRefusal {
    let first = match unfit {
        Unfit::NotR4(faults) => faults.first(),
        Unfit::NotARecord(fault) => Some(fault),
    };
    let at = first.map_or("EpisodeOfCare", |fault| &fault.at);
    let words = first.map_or("the resource cannot be read", |fault| &fault.words);
    RecordRefusal {
        code: RecordCode::Unsuccessful,
        field: field_at(at),
        echo: String::new(),
        reason: format!("{at}: {words}"),
    }
}

/// The faults of a resource that is no record.
#[must_use]
pub fn faults(unfit: &Unfit) -> &[Fault] {
    match unfit {
        Unfit::NotR4(faults) => faults,
        Unfit::NotARecord(fault) => std::slice::from_ref(fault),
    }
}
