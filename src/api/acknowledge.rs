//! `POST [base]/Communication/$acknowledge`: a local authority's system says which notifications
//! it has, however often it says so (<https://hl7.org/fhir/R4/operations.html>).

use std::collections::HashSet;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::body;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::notified::Notified;
use crate::api::search::SearchRefusal;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, operation_outcome};
use crate::fhir::parameters::{Held, parameters};
use crate::fhir::reading::Unreadable;
use crate::notifier;

/// The longest body taken, in bytes: room for the most ids.
const BYTES_MAX: usize = 256 * 1024;
/// The most notifications acknowledged at once: several pages of the largest size.
const IDS_MAX: usize = 1000;

/// Marks what the authority has, and answers how many of those named are its own.
///
/// # Errors
/// [`Refusal`] when the body cannot be read or nothing can be marked; then nothing is.
pub async fn acknowledge(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let form = agreed(&request, request.query_string())?;
    let sent = body::resource(&request, payload, BYTES_MAX).await?;
    let ids = ids(parameters(sent.ok_or(Unreadable::Nothing)?)?)?;
    let now = service.clock.now();
    let authority = notified.authority.code;
    let own = notifier::acknowledge(&service.notifier.store, authority, ids.clone(), now).await?;
    let outcome = operation_outcome(&said(&ids, &own));
    Answer::made(Resource::OperationOutcome(Box::new(outcome))).response(form)
}

/// The ids that parameters named `id` hold.
fn ids(named: Vec<crate::fhir::parameters::Parameter>) -> Result<Vec<Uuid>, SearchRefusal> {
    let wrong = |parameter: String, expected| SearchRefusal::Value {
        parameter,
        expected,
    };
    if named.is_empty() || named.len() > IDS_MAX {
        let expected = "1 to 1000 parameters named id";
        return Err(wrong("id".to_owned(), expected));
    }
    let mut ids = Vec::with_capacity(named.len());
    for parameter in named {
        let (true, Held::Value(value)) = (parameter.name == "id", parameter.held) else {
            return Err(SearchRefusal::Unsupported {
                parameter: parameter.name,
            });
        };
        let plain = value.strip_prefix("urn:uuid:").unwrap_or(&value);
        let plain = plain.strip_prefix("Communication/").unwrap_or(plain);
        let id = child_criterion::id(plain);
        let expected = "the id of a Communication";
        ids.push(id.ok_or_else(|| wrong(parameter.name, expected))?);
    }
    Ok(ids)
}

/// How many of those named are the authority's own, and which are not, by their places.
fn said(ids: &[Uuid], own: &[Uuid]) -> Vec<Issue> {
    let own: HashSet<&Uuid> = own.iter().collect();
    let mut issues = vec![Issue {
        severity: Severity::Information,
        code: IssueType::Informational,
        spine_code: None,
        diagnostics: format!("acknowledged: {} of {}", own.len(), ids.len()),
        expression: Vec::new(),
    }];
    let strangers: Vec<String> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !own.contains(id))
        .map(|(place, _)| format!("Parameters.parameter[{place}]"))
        .collect();
    if !strangers.is_empty() {
        issues.push(Issue {
            severity: Severity::Warning,
            code: IssueType::NotFound,
            spine_code: None,
            diagnostics: "the authority was told nothing under these ids".to_owned(),
            expression: strangers,
        });
    }
    issues
}
