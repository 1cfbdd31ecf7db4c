//! An answer on its way out: a resource, or the outcome of a refusal, with its headers.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, RETRY_AFTER,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use chrono::{DateTime, Utc};
use tracing::error;

use crate::api::error::Refusal;
use crate::api::negotiation::Form;
use crate::fhir::Resource;
use crate::fhir::json::{to_json, to_pretty_json};
use crate::fhir::operation_outcome::operation_outcome;

/// The media type of every FHIR answer.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

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
}

impl Answer {
    /// An answer that is made for the request, such as a search's.
    #[must_use]
    pub fn made(resource: Resource) -> Self {
        Self {
            resource,
            version: None,
            last_modified: None,
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
        let body = match form {
            Form::Json => to_json(&self.resource)?,
            Form::PrettyJson => to_pretty_json(&self.resource)?,
        };
        let mut response = fhir_response(StatusCode::OK);
        if let Some(etag) = self.etag() {
            response.insert_header((ETAG, etag));
        }
        if let Some(moment) = self.last_modified {
            response.insert_header((LAST_MODIFIED, http_date(moment)));
        }
        Ok(response.body(body))
    }
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7), to the second.
#[must_use]
pub fn http_date(moment: DateTime<Utc>) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A response that nobody may keep: it may be about a child.
#[must_use]
pub fn fhir_response(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, FHIR_JSON))
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
        let mut response = fhir_response(self.status());
        match self {
            Self::NoToken => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::BadToken(_) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
            }
            Self::Method(allowed) => {
                response.insert_header((ALLOW, HeaderValue::from_static(allowed)));
            }
            Self::Unavailable(_) => {
                response.insert_header((RETRY_AFTER, RETRY_SECONDS));
            }
            _ => {}
        }
        // An outcome is plain text and codes, which always has a JSON; were it not so, the status
        // alone would still be right.
        response.body(to_json(&operation_outcome(&[self.issue()])).unwrap_or_default())
    }
}

impl Refusal {
    /// Logs what the caller is not told: why the service failed.
    pub fn log_cause(&self) {
        match self {
            Self::Unavailable(cause) => error!(cause = chain(cause), "The database cannot answer"),
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
