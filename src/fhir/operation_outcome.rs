//! A refusal, or a note beside an answer, as an `OperationOutcome`
//! (<https://hl7.org/fhir/R4/operationoutcome.html>), with the codes NHS services use.

use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{OperationOutcome, OperationOutcomeIssue};
use fhirbolt::model::r4::types::{CodeableConcept, Coding};
use uuid::Uuid;

use crate::domain::acknowledgement_code::RecordCode;
use crate::fhir::elements::{claim, coding, text};
use crate::fhir::profiles;
use crate::fhir::terminology::{SPINE_ERROR, record_code};

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The request could not be served at all.
    Fatal,
    /// The request was refused.
    Error,
    /// The request was served, and something about it should change.
    Warning,
    /// The request was served, and something may be worth knowing.
    Information,
}

impl Severity {
    /// FHIR's code for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

/// What kind of issue it is: those of <https://hl7.org/fhir/R4/valueset-issue-type.html> that can
/// happen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueType {
    /// The content is against the specification.
    Invalid,
    /// The content is not even of the right form.
    Structure,
    /// Something needed is missing.
    Required,
    /// A value is not acceptable.
    Value,
    /// A code is not of its system.
    CodeInvalid,
    /// A rule of the service is broken.
    BusinessRule,
    /// The caller must say who it is.
    Login,
    /// The caller's token is of the past.
    Expired,
    /// Nobody knows the caller.
    Unknown,
    /// The caller may not do this.
    Forbidden,
    /// The service does not do this.
    NotSupported,
    /// There is no such thing.
    NotFound,
    /// There is no such thing any more.
    Deleted,
    /// It is there already.
    Duplicate,
    /// The content is too long.
    TooLong,
    /// The answer would be too much work.
    TooCostly,
    /// There are several, where one was meant.
    MultipleMatches,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// Something failed that may work soon.
    Transient,
    /// What the service writes to cannot be reached.
    NoStore,
    /// Something failed that should not.
    Exception,
    /// It took too long.
    Timeout,
    /// Too many requests came.
    Throttled,
    /// The request could not be worked on, for no finer reason.
    Processing,
    /// Nothing is wrong.
    Informational,
}

impl IssueType {
    /// FHIR's code for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::CodeInvalid => "code-invalid",
            Self::BusinessRule => "business-rule",
            Self::Login => "login",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Forbidden => "forbidden",
            Self::NotSupported => "not-supported",
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::Duplicate => "duplicate",
            Self::TooLong => "too-long",
            Self::TooCostly => "too-costly",
            Self::MultipleMatches => "multiple-matches",
            Self::Conflict => "conflict",
            Self::Transient => "transient",
            Self::NoStore => "no-store",
            Self::Exception => "exception",
            Self::Timeout => "timeout",
            Self::Throttled => "throttled",
            Self::Processing => "processing",
            Self::Informational => "informational",
        }
    }
}

/// One thing that is wrong, or worth saying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueType,
    /// The NHS error code and its words, where there is one.
    pub spine_code: Option<(&'static str, &'static str)>,
    /// What is wrong and what would be right, for people. It never repeats what must not be seen.
    pub diagnostics: String,
    /// The parameters, headers or elements at fault.
    pub expression: Vec<String>,
}

/// What became of a record of an upload, as an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordIssue {
    /// The issue.
    pub issue: Issue,
    /// The official code of the acknowledgement.
    pub code: RecordCode,
    /// What stood at the place at fault, shortened; only ever shown to the authority that sent it.
    pub echo: String,
}

/// What became of records as one outcome, with the codes of an acknowledgement (REPC_MT000003GB01).
#[must_use]
pub fn record_outcome(issues: &[RecordIssue]) -> OperationOutcome {
    let plain = issues.iter().map(|issue| issue.issue.clone());
    let mut outcome = operation_outcome(&plain.collect::<Vec<_>>());
    for (told, RecordIssue { code, echo, .. }) in outcome.issue.iter_mut().zip(issues) {
        let mut details = told.details.take().unwrap_or_default();
        details.coding.insert(0, coding(record_code(*code)));
        details.text = text(echo);
        told.details = Some(details);
    }
    outcome
}

/// The issues as one outcome. FHIR wants at least one; the caller gives it.
#[must_use]
pub fn operation_outcome(issues: &[Issue]) -> OperationOutcome {
    OperationOutcome {
        meta: Some(claim(profiles::OUTCOME)),
        issue: issues.iter().map(issue).collect(),
        ..Default::default()
    }
}

/// The issues of one request, known by its id: an entry of a bundle must be known by something.
#[must_use]
pub fn outcome_of(request_id: Uuid, issues: &[Issue]) -> Resource {
    Resource::OperationOutcome(Box::new(OperationOutcome {
        id: Some(request_id.to_string().into()),
        ..operation_outcome(issues)
    }))
}

fn issue(issue: &Issue) -> OperationOutcomeIssue {
    OperationOutcomeIssue {
        severity: issue.severity.code().into(),
        code: issue.code.code().into(),
        details: issue.spine_code.map(spine_concept).map(Box::new),
        diagnostics: text(&issue.diagnostics),
        expression: issue.expression.iter().filter_map(|at| text(at)).collect(),
        ..Default::default()
    }
}

fn spine_concept((code, display): (&'static str, &'static str)) -> CodeableConcept {
    let coding = Coding {
        system: Some(SPINE_ERROR.into()),
        code: Some(code.into()),
        display: Some(display.into()),
        ..Default::default()
    };
    CodeableConcept {
        coding: vec![coding],
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::json;

    use super::{Issue, IssueType, Severity, operation_outcome};
    use crate::fhir::profiles;

    #[test]
    fn an_issue_without_an_nhs_code_or_a_place_leaves_both_out() {
        let outcome = operation_outcome(&[Issue {
            severity: Severity::Fatal,
            code: IssueType::Transient,
            spine_code: None,
            diagnostics: "Ask again\u{7} soon".into(),
            expression: vec![String::new()],
        }]);
        assert_eq!(
            fhirbolt::json::to_json_value(outcome, None).unwrap(),
            json!({
                "resourceType": "OperationOutcome",
                "meta": {"profile": profiles::OUTCOME},
                "issue": [{
                    "severity": "fatal",
                    "code": "transient",
                    "diagnostics": "Ask again\u{fffd} soon",
                }],
            })
        );
    }
}
