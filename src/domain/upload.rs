//! An upload, its records, and what can be wrong with each (REPC_MT000002GB01, REPC_MT000003GB01).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::matching::MatchRate;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::person_name::PersonName;
use crate::domain::phone_number::PhoneNumber;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;

pub use crate::domain::acknowledgement_code::{FileCode, RecordCode};

/// The form in which plans come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireForm {
    /// CSV.
    Csv,
    /// HL7 v3.
    Hl7V3,
    /// FHIR.
    Fhir,
}

impl WireForm {
    /// The form's name, as it is kept beside an upload.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Hl7V3 => "hl7v3",
            Self::Fhir => "fhir",
        }
    }
}

/// A file as its authority sent it, read but not yet taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// The authority's own count of its files: each is one more than the last.
    pub sequence: i64,
    /// When the authority wrote the file.
    pub created_at: DateTime<Utc>,
    /// The authority as it describes itself.
    pub authority: AuthorityDetails,
    /// Each record, or why it is refused, in the file's order.
    pub records: Vec<Result<UploadRecord, RecordRefusal>>,
}

/// How an authority describes itself in the head of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityDetails {
    /// Its ODS code.
    pub code: OdsCode,
    /// Its name.
    pub name: String,
    /// The emergency duty team's number: mandatory.
    pub emergency_phone: PhoneNumber,
    /// The office hours number.
    pub office_phone: Option<PhoneNumber>,
}

/// A record: a plan, and the name of whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRecord {
    /// The plan.
    pub plan: PlanRecord,
    /// The child's or the mother's name. It serves to match the NHS number, and is never kept.
    pub name: PersonName,
}

/// What a file says of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRecord {
    /// What the plan is.
    pub kind: PlanKind,
    /// The child's NHS number, or the mother's for an unborn child's plan.
    pub nhs_number: NhsNumber,
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// The child's or the mother's date of birth.
    pub birth_date: NaiveDate,
    /// The plan's first day.
    pub start: NaiveDate,
    /// The plan's last day, or the due date, where one was sent.
    pub sent_end: Option<NaiveDate>,
    /// The day the authority withdrew the plan as entered in error.
    pub deleted_on: Option<NaiveDate>,
}

impl PlanRecord {
    /// What tells this plan from the authority's others.
    #[must_use]
    pub fn key(&self) -> PlanKey {
        PlanKey {
            local_id: self.local_id.clone(),
            kind: self.kind,
            start: self.start,
        }
    }
}

/// What tells one plan from another within an authority: its child, its kind and its first day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlanKey {
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// What the plan is.
    pub kind: PlanKind,
    /// Its first day.
    pub start: NaiveDate,
}

/// Why a record was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRefusal {
    /// The official code.
    pub code: RecordCode,
    /// The field at fault; none when the record as a whole is.
    pub field: Option<RecordField>,
    /// What stood there, shortened; only ever shown to the authority that sent it.
    pub echo: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl RecordRefusal {
    /// The longest echo, in characters: enough to find the cell again.
    const ECHO_MAX: usize = 100;

    /// A refusal of one field's value.
    #[must_use]
    pub fn of(code: RecordCode, field: RecordField, echo: &str, reason: &str) -> Self {
        Self {
            code,
            field: Some(field),
            echo: echo.chars().take(Self::ECHO_MAX).collect(),
            reason: reason.to_owned(),
        }
    }

    /// A refusal of a record that names the same plan as an earlier one of its file.
    #[must_use]
    pub fn again(record: &PlanRecord) -> Self {
        let reason = "an earlier record of this file names the same plan: the same local_id, kind \
                      and start date";
        Self::unsuccessful(RecordField::LocalId, &record.local_id, reason)
    }

    /// A refusal for an unusable value, which has no official code of its own.
    #[must_use]
    pub fn unsuccessful(field: RecordField, echo: &str, reason: &str) -> Self {
        Self::of(RecordCode::Unsuccessful, field, echo, reason)
    }
}

/// Our answer to an upload: what became of the file, and of each record.
#[derive(Debug, Clone, PartialEq)]
pub struct Acknowledgement {
    /// The upload it answers, a UUIDv7.
    pub upload_id: Uuid,
    /// The file's sequence number; none where requests came without one.
    pub sequence: Option<i64>,
    /// What became of the file.
    pub code: FileCode,
    /// When the service took the file in.
    pub received_at: DateTime<Utc>,
    /// What became of each record, in the file's order.
    pub records: Vec<Result<(), RecordRefusal>>,
    /// How many records agreed with the demographics service, where one was asked.
    pub match_rate: Option<MatchRate>,
}

impl Acknowledgement {
    /// How many records were refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.records.iter().filter(|record| record.is_err()).count()
    }
}
