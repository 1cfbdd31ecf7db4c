//! The answer to a request about a plan that was taken in
//! (<https://hl7.org/fhir/R4/http.html#create>, `#ops`): the plan's id and version, and what the
//! caller would rather have beside them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, LAST_MODIFIED, LOCATION};
use uuid::Uuid;

use crate::api::answer::{fhir_response, http_date, written};
use crate::api::error::Refusal;
use crate::api::plan_writes::Writer;
use crate::api::plan_writes::refused::Asked;
use crate::api::prefer::Returned;
use crate::api::service::Service;
use crate::domain::plan_write::{Effect, Standing};
use crate::domain::upload::{RecordCode, UploadRecord};
use crate::fhir::Resource;
use crate::fhir::bundle::BatchAnswer;
use crate::fhir::episode_of_care::version_of;
use crate::fhir::json::to_value;
use crate::fhir::operation_outcome::{Issue, IssueType, RecordIssue, Severity, record_outcome};
use crate::fhir::upload_record::{Kept, episode_of_care};

/// A request that was met.
pub struct Answered<'a> {
    /// What was asked.
    pub asked: Asked,
    /// The upload it was taken in as.
    pub upload_id: Uuid,
    /// The plan as it stands.
    pub standing: Standing,
    /// What was sent, where something was.
    pub record: Option<&'a UploadRecord>,
}

impl Answered<'_> {
    /// The answer to a request that came alone.
    ///
    /// # Errors
    /// [`Refusal::Unwritable`] when the answer cannot be written.
    pub fn response(&self, writer: &Writer, service: &Service) -> Result<HttpResponse, Refusal> {
        let resource = self.resource(writer);
        let status = match (&resource, self.status()) {
            (None, StatusCode::OK) if self.asked == Asked::Withdraw => StatusCode::NO_CONTENT,
            (_, status) => status,
        };
        let mut response = match &resource {
            Some(_) => fhir_response(status, writer.form),
            None => HttpResponse::build(status),
        };
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(returned) = writer.returned.filter(|_| self.is_as_preferred(writer)) {
            response.insert_header(returned.applied());
        }
        if self.asked != Asked::Withdraw {
            response
                .insert_header((ETAG, self.etag()))
                .insert_header((LAST_MODIFIED, http_date(self.standing.updated_at)))
                .insert_header((LOCATION, self.location(&service.base)));
        }
        match resource {
            Some(resource) => Ok(response.body(written(&to_value(&resource)?, writer.form)?)),
            None => Ok(response.finish()),
        }
    }

    /// The answer to a request of a bundle.
    #[must_use]
    pub fn entry(&self, writer: &Writer, base: &str) -> BatchAnswer {
        let tells = self.asked != Asked::Withdraw;
        let resource = self.resource(writer);
        let status = match (&resource, self.status()) {
            (None, StatusCode::OK) if self.asked == Asked::Withdraw => StatusCode::NO_CONTENT,
            (_, status) => status,
        };
        BatchAnswer {
            status: status.to_string(),
            resource,
            etag: tells.then(|| self.etag()),
            last_modified: tells.then_some(self.standing.updated_at),
            location: tells.then(|| self.location(base)),
        }
    }

    fn status(&self) -> StatusCode {
        match (self.asked, self.standing.effect) {
            (Asked::Create | Asked::Update, Effect::Created) => StatusCode::CREATED,
            _ => StatusCode::OK,
        }
    }

    fn version(&self) -> String {
        version_of(self.standing.version)
    }

    fn etag(&self) -> String {
        format!("W/\"{}\"", self.version())
    }

    fn location(&self, base: &str) -> String {
        let (id, version) = (self.standing.id, self.version());
        format!("{base}/EpisodeOfCare/{id}/_history/{version}")
    }

    /// What is answered beside the headers: unless something else is preferred, what became of the
    /// record, but of a withdrawal nothing.
    fn returned(&self, writer: &Writer) -> Returned {
        match (writer.returned, self.asked) {
            (None, Asked::Withdraw) => Returned::Minimal,
            (None, Asked::Create | Asked::Update) => Returned::Outcome,
            (Some(Returned::Representation), _) if self.sent().is_none() => Returned::Outcome,
            (Some(returned), _) => returned,
        }
    }

    fn is_as_preferred(&self, writer: &Writer) -> bool {
        writer.returned == Some(self.returned(writer))
    }

    /// What was sent, if it is what is held now: a create that changed nothing may have found
    /// something else.
    fn sent(&self) -> Option<&UploadRecord> {
        let found = self.asked == Asked::Create && self.standing.effect == Effect::Nothing;
        self.record.filter(|_| !found)
    }

    fn resource(&self, writer: &Writer) -> Option<Resource> {
        match (self.returned(writer), self.sent()) {
            (Returned::Minimal, _) => None,
            (Returned::Representation, Some(sent)) => {
                let kept = Kept {
                    id: self.standing.id,
                    version: self.standing.version,
                    updated_at: self.standing.updated_at,
                };
                let authority = &writer.caller.organisation;
                let resource = episode_of_care(sent, authority, writer.at(), Some(kept));
                Some(Resource::EpisodeOfCare(Box::new(resource)))
            }
            (Returned::Representation | Returned::Outcome, _) => {
                let outcome = record_outcome(&[self.issue()]);
                Some(Resource::OperationOutcome(Box::new(outcome)))
            }
        }
    }

    fn issue(&self) -> RecordIssue {
        let done = match self.standing.effect {
            Effect::Created => "the plan is told",
            Effect::Updated => "the plan is told anew",
            Effect::Withdrawn => "the plan is withdrawn",
            Effect::Nothing => "nothing has changed: all was so already",
        };
        RecordIssue {
            issue: Issue {
                severity: Severity::Information,
                code: IssueType::Informational,
                spine_code: None,
                diagnostics: format!("{done}; upload {}", self.upload_id),
                expression: Vec::new(),
            },
            code: RecordCode::Successful,
            echo: String::new(),
        }
    }
}
