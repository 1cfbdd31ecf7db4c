//! One request about a plan that is refused, in the words of an outcome: what is wrong, where in
//! the resource, and with which code of an acknowledgement (REPC_MT000003GB01).

use crate::api::plan_writes::sent::faults;
use crate::api::spine_code::{CONFLICT, INVALID_VALUE, NOT_FOUND, PRECONDITION_FAILED, SpineCode};
use crate::domain::plan_write::WriteRefusal;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, RecordRefusal};
use crate::fhir::operation_outcome::{Issue, IssueType, RecordIssue, Severity};
use crate::fhir::upload_record::{Unfit, place};

/// The type that the places of faults begin with.
const OF: &str = "EpisodeOfCare";

/// What was asked of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// That it be created.
    Create,
    /// That it be updated.
    Update,
    /// That it be withdrawn.
    Withdraw,
}

/// A request that is refused.
#[derive(Debug, Clone)]
pub struct RefusedWrite {
    /// What was asked.
    pub asked: Asked,
    /// Why it is refused.
    pub why: WriteRefusal,
    /// What is wrong with the resource, where no record could be read from it.
    pub unfit: Option<Unfit>,
    /// Which entry of a bundle it is, from 0.
    pub entry: Option<usize>,
}

impl RefusedWrite {
    /// Why it is in the security log, where it is.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        let is_anothers = match &self.why {
            WriteRefusal::AnotherAuthority => true,
            WriteRefusal::Record(refusal) => refusal.field == Some(RecordField::Authority),
            _ => false,
        };
        is_anothers.then_some("another-authority")
    }

    /// The issues, one for each thing that is wrong.
    #[must_use]
    pub fn issues(&self) -> Vec<RecordIssue> {
        if let Some(unfit) = &self.unfit {
            let told = faults(unfit).iter().map(|fault| {
                let words = format!("{}: {}", fault.at, fault.words);
                self.issue(fault.code, INVALID_VALUE, words, Some(&fault.at))
            });
            return told.collect();
        }
        let refusal = self.why.record();
        let (code, spine_code) = self.codes();
        let at = refusal.field.map(place);
        let issue = self.issue(code, spine_code, refusal.reason.clone(), at);
        vec![RecordIssue {
            code: refusal.code,
            echo: refusal.echo,
            ..issue
        }]
    }

    fn codes(&self) -> (IssueType, SpineCode) {
        match &self.why {
            WriteRefusal::Record(RecordRefusal {
                code: RecordCode::NhsNumberFormat,
                ..
            }) => (IssueType::Value, INVALID_VALUE),
            WriteRefusal::Record(_) => (IssueType::BusinessRule, INVALID_VALUE),
            WriteRefusal::NotFound | WriteRefusal::AnotherAuthority => {
                (IssueType::NotFound, NOT_FOUND)
            }
            WriteRefusal::Unclear => (IssueType::MultipleMatches, PRECONDITION_FAILED),
            WriteRefusal::AnotherVersion => (IssueType::Conflict, PRECONDITION_FAILED),
            WriteRefusal::AnotherId => (IssueType::Value, INVALID_VALUE),
            WriteRefusal::HeldAlready => (IssueType::Duplicate, CONFLICT),
        }
    }

    fn issue(
        &self,
        code: IssueType,
        spine_code: SpineCode,
        diagnostics: String,
        at: Option<&str>,
    ) -> RecordIssue {
        let place = match (self.entry, at) {
            (None, at) => at.map(str::to_owned),
            (Some(entry), None) => Some(format!("Bundle.entry[{entry}]")),
            (Some(entry), Some(at)) => {
                let within = at.strip_prefix(OF).unwrap_or_default();
                Some(format!("Bundle.entry[{entry}].resource{within}"))
            }
        };
        RecordIssue {
            issue: Issue {
                severity: Severity::Error,
                code,
                spine_code: Some(spine_code),
                diagnostics,
                expression: place.into_iter().collect(),
            },
            code: RecordCode::Unsuccessful,
            echo: String::new(),
        }
    }
}
