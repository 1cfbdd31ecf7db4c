//! `POST [base]/[type]/$validate`: whether a resource is valid R4 and holds to a profile of the
//! service's (<https://hl7.org/fhir/R4/resource-operation-validate.html>).
//!
//! What is sent is checked and forgotten: it is kept nowhere, is in no log, and is no access to any
//! child, whomever it may speak of.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::body;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::read_organization::form_for_reader;
use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{Parameter, SEARCH_BYTES_MAX, read, write};
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, operation_outcome};
use crate::fhir::parameters::{Held, parameters};
use crate::fhir::reading::{Unreadable, kind};
use crate::fhir::validation::{Checked, Validator};

/// The longest resource taken, in bytes: room for a page of any answer of the service's own.
const BYTES_MAX: usize = 256 * 1024;

/// The one type of resource that is written here.
const WRITTEN: &str = "EpisodeOfCare";

/// The parameters of the operation, beside the resource.
pub const NAMES: [&str; 4] = ["profile", "mode", "_format", "_pretty"];

/// What is asked.
#[derive(Default)]
struct Asked {
    resource: Option<Value>,
    profile: Option<String>,
    mode: Option<String>,
    /// Which form of answer is asked for, from the URL and the body.
    form: Vec<Parameter>,
}

/// Answers whether a resource of a type is valid.
///
/// # Errors
/// [`Refusal`] when there is nothing that could be checked, or not in the way that is asked for;
/// what is wrong with the resource is no refusal.
pub async fn validate(
    of: &'static str,
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    form_for_reader(&request, &service).await?;
    let asked = Asked::of(&request, payload).await?;
    let form = agreed(&request, &write(&asked.form))?;
    let mut issues: Vec<Issue> = asked.mode(of)?.into_iter().collect();
    let profile = asked.profile.as_deref();
    match (&asked.resource, asked.mode.as_deref()) {
        // What would be deleted need not be sent.
        (None, Some("delete")) => {}
        (None, _) => return Err(Unreadable::Nothing.into()),
        (Some(resource), _) => {
            let validator = Validator::of(&service.definitions);
            issues.extend(said(&validator.check(resource, of, profile)?));
        }
    }
    let outcome = operation_outcome(&issues);
    Answer::made(Resource::OperationOutcome(Box::new(outcome))).response(form)
}

impl Asked {
    async fn of(request: &HttpRequest, payload: Payload) -> Result<Self, Refusal> {
        let query = request.query_string();
        if query.len() > SEARCH_BYTES_MAX {
            return Err(SearchRefusal::TooLong.into());
        }
        let mut asked = Self::default();
        for parameter in read(query) {
            asked.take(parameter.written, Held::Value(parameter.value))?;
        }
        match body::resource(request, payload, BYTES_MAX).await? {
            Some(resource) if kind(&resource) == "Parameters" => {
                for parameter in parameters(resource)? {
                    asked.take(parameter.name, parameter.held)?;
                }
            }
            Some(resource) => asked.resource = Some(resource),
            None => {}
        }
        Ok(asked)
    }

    /// Takes a parameter, each of which stands once.
    fn take(&mut self, name: String, held: Held) -> Result<(), SearchRefusal> {
        let earlier = match (name.as_str(), held) {
            ("_format" | "_pretty", Held::Value(value)) => {
                self.form.push(Parameter {
                    written: name.clone(),
                    value,
                });
                false
            }
            ("resource", Held::Resource(resource)) => self.resource.replace(resource).is_some(),
            ("profile", Held::Value(profile)) => self.profile.replace(profile).is_some(),
            ("mode", Held::Value(mode)) => self.mode.replace(mode).is_some(),
            _ => return Err(SearchRefusal::Unsupported { parameter: name }),
        };
        if earlier {
            return Err(SearchRefusal::Value {
                parameter: name,
                expected: "resource, profile and mode stand once at the most",
            });
        }
        Ok(())
    }

    /// What there is to say of a mode: the service takes resources of one type alone.
    fn mode(&self, of: &str) -> Result<Option<Issue>, SearchRefusal> {
        let written = match self.mode.as_deref() {
            None | Some("profile") => return Ok(None),
            Some("create" | "update" | "delete") if of == WRITTEN => return Ok(None),
            Some("create") => "create",
            Some("update") => "update",
            Some("delete") => "delete",
            Some(_) => {
                return Err(SearchRefusal::Value {
                    parameter: "mode".to_owned(),
                    expected: "mode is create, update, delete or profile",
                });
            }
        };
        let words = format!(
            "the service takes no {written} of this type: plans arrive as EpisodeOfCare or by \
             $upload-plans"
        );
        Ok(Some(issue(Severity::Error, IssueType::NotSupported, words)))
    }
}

/// What a check came to, as the issues of an outcome.
fn said(checked: &Checked) -> Vec<Issue> {
    let mut issues: Vec<Issue> = checked.faults.iter().map(|fault| fault.issue()).collect();
    let mut note = |words: String| {
        issues.push(issue(
            Severity::Information,
            IssueType::Informational,
            words,
        ));
    };
    if checked.faults.is_empty() {
        let against = checked.against.iter().map(|url| format!(" and to {url}"));
        note(format!(
            "no error was found: the resource holds to R4{}; rules written in FHIRPath were not \
             evaluated",
            against.collect::<String>()
        ));
    }
    if checked.is_cut {
        note("more errors were found than are told: mend these, and ask again".to_owned());
    }
    if checked.names_others {
        note(
            "profiles that meta.profile names and the service does not publish were not checked"
                .to_owned(),
        );
    }
    issues
}

fn issue(severity: Severity, code: IssueType, diagnostics: String) -> Issue {
    Issue {
        severity,
        code,
        spine_code: None,
        diagnostics,
        expression: Vec::new(),
    }
}
