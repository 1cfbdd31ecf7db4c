//! An answer on its way out: a resource, or the outcome of a refusal, with its headers.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED,
    RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tracing::error;

use crate::api::conditions::Conditions;
use crate::api::error::{Refusal, TransportRefusal};
use crate::api::negotiation::Form;
use crate::api::plan_writes::refused::RefusedWrite;
use crate::domain::caller::CallerRefusal;
use crate::fhir::Resource;
use crate::fhir::json::{JsonError, to_json, to_text, to_value};
use crate::fhir::operation_outcome::{operation_outcome, record_outcome};
use crate::fhir::subset::Subset;
use crate::fhir::xml::{Layout, to_xml};
use crate::intake::IntakeRefusal;

/// How long a caller should wait before asking again when the service cannot answer, in seconds:
/// longer than a database takes to come back from a restart.
const RETRY_SECONDS: &str = "5";

/// A resource to answer with.
pub struct Answer {
    /// The resource.
    pub resource: Resource,
    /// Its version, where one resource is answered.
    pub version: Option<String>,
    /// When it last changed, where one resource is answered.
    pub last_modified: Option<DateTime<Utc>>,
    /// The part of it that was asked for, where that is not all.
    pub subset: Option<Subset>,
}

impl Answer {
    /// An answer that is made for the request, such as a search's.
    #[must_use]
    pub fn made(resource: Resource) -> Self {
        Self {
            resource,
            version: None,
            last_modified: None,
            subset: None,
        }
    }

    /// The ETag of the resource (<https://hl7.org/fhir/R4/http.html#versioning>).
    #[must_use]
    pub fn etag(&self) -> Option<String> {
        self.version
            .as_ref()
            .map(|version| format!("W/\"{version}\""))
    }

    /// The answer as a response.
    ///
    /// # Errors
    /// [`Refusal::Unwritable`] when the resource has no JSON.
    pub fn response(&self, form: Form) -> Result<HttpResponse, Refusal> {
        let body = match (form, &self.subset) {
            (Form::Json, None) => to_json(&self.resource)?,
            _ => written(&self.json()?, form)?,
        };
        let mut response = fhir_response(StatusCode::OK, form);
        self.put_validators(&mut response);
        Ok(response.body(body))
    }

    /// The answer as a response to a caller who may hold it already, and then is told only that
    /// (<https://hl7.org/fhir/R4/http.html#cread>).
    ///
    /// # Errors
    /// [`Refusal::Unwritable`] when the resource has no JSON.
    pub fn response_to(&self, request: &HttpRequest, form: Form) -> Result<HttpResponse, Refusal> {
        if !self.is_held(&Conditions::of(request.headers())) {
            return self.response(form);
        }
        let mut response = HttpResponse::build(StatusCode::NOT_MODIFIED);
        response.insert_header((CACHE_CONTROL, "no-store"));
        self.put_validators(&mut response);
        Ok(response.finish())
    }

    /// Whether a caller with these conditions holds the answer already.
    #[must_use]
    pub fn is_held(&self, conditions: &Conditions) -> bool {
        conditions.are_met_by(self.etag().as_deref(), self.last_modified)
    }

    /// The answer as JSON, in part where that was asked for.
    fn json(&self) -> Result<Value, JsonError> {
        let mut json = to_value(&self.resource)?;
        if let Some(subset) = &self.subset {
            subset.apply(&mut json);
        }
        Ok(json)
    }

    fn put_validators(&self, response: &mut HttpResponseBuilder) {
        if let Some(etag) = self.etag() {
            response.insert_header((ETAG, etag));
        }
        if let Some(moment) = self.last_modified {
            response.insert_header((LAST_MODIFIED, http_date(moment)));
        }
    }
}

/// A resource's JSON in a form.
///
/// # Errors
/// [`JsonError`] when it cannot be written.
pub fn written(json: &Value, form: Form) -> Result<Vec<u8>, JsonError> {
    match form {
        Form::Json => to_text(json, Layout::Plain),
        Form::PrettyJson => to_text(json, Layout::Pretty),
        Form::Xml => Ok(to_xml(json, Layout::Plain)),
        Form::PrettyXml => Ok(to_xml(json, Layout::Pretty)),
    }
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7), to the second.
#[must_use]
pub fn http_date(moment: DateTime<Utc>) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A response that nobody may keep: it may be about a child.
#[must_use]
pub fn fhir_response(status: StatusCode, form: Form) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, form.content_type()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.log_cause();
        let mut response = fhir_response(self.status(), Form::Json);
        match self {
            Self::NoToken => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::BadToken(_) | Self::Caller(CallerRefusal::UnknownClient) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
            }
            Self::Method(allowed) => {
                response.insert_header((ALLOW, HeaderValue::from_static(allowed)));
            }
            // The resource takes no method at all, because it is not there.
            Self::Plans(_) if self.status() == StatusCode::METHOD_NOT_ALLOWED => {
                response.insert_header((ALLOW, HeaderValue::from_static("OPTIONS")));
            }
            // What is still to come of the body is not waited for.
            Self::Transport(TransportRefusal::Certificate) | Self::TooLong(_) => {
                response.force_close();
            }
            Self::ContentEncoding => {
                response.insert_header((ACCEPT_ENCODING, "identity"));
            }
            Self::OverBudget(over) => {
                let seconds = over.wait().num_seconds().to_string();
                response.insert_header((RETRY_AFTER, seconds));
            }
            _ => {}
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.body(self.outcome(Form::Json))
    }
}

impl Refusal {
    /// After how many seconds to ask again, where that may help.
    #[must_use]
    pub fn retry_after(&self) -> Option<&'static str> {
        let may_help = matches!(
            self,
            Self::Unavailable(_)
                | Self::Transport(
                    TransportRefusal::Busy
                        | TransportRefusal::Overtaken
                        | TransportRefusal::Deadline
                )
                | Self::Intake(IntakeRefusal::DemographicsUnavailable(_))
        );
        may_help.then_some(RETRY_SECONDS)
    }

    /// What a caller is told, in a form. It is written as JSON, and again in another form only once
    /// the request is at hand to say which.
    #[must_use]
    pub fn outcome(&self, form: Form) -> Vec<u8> {
        // An outcome is plain text and codes, which always has a JSON; were it not so, the status
        // alone would still be right.
        let json = to_value(&self.outcome_resource());
        json.and_then(|json| written(&json, form))
            .unwrap_or_default()
    }

    /// The same as a resource.
    #[must_use]
    pub fn outcome_resource(&self) -> Resource {
        let outcome = match self {
            Self::Plans(refused) => {
                let issues = refused.iter().flat_map(RefusedWrite::issues);
                record_outcome(&issues.collect::<Vec<_>>())
            }
            _ => operation_outcome(&[self.issue()]),
        };
        Resource::OperationOutcome(Box::new(outcome))
    }

    /// Logs what the caller is not told: why the service failed.
    pub fn log_cause(&self) {
        match self {
            Self::Unavailable(cause) => error!(cause = chain(cause), "The database cannot answer"),
            Self::Intake(IntakeRefusal::DemographicsUnavailable(cause)) => {
                error!(cause = chain(cause), "No NHS number can be traced");
            }
            Self::Unwritable(cause) => error!(cause = chain(cause), "An answer has no JSON"),
            _ => {}
        }
    }
}

/// An error and its causes in one line.
fn chain(cause: &dyn std::error::Error) -> String {
    let mut words = cause.to_string();
    let mut next = cause.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}
