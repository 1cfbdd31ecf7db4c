//! `POST [base]` with a batch of reads and searches, each recorded as its own access; or, of an
//! authority's system, with a batch or transaction about its plans
//! (<https://hl7.org/fhir/R4/http.html#transaction>).

mod entry;
mod writes;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::api::answer::{Answer, fhir_response, written};
use crate::api::asking::Stated;
use crate::api::body;
use crate::api::caller::admitted;
use crate::api::conditions::Conditions;
use crate::api::error::Refusal;
use crate::api::negotiation::Syntax;
use crate::api::service::Service;
use crate::api::upload_plans::confirmed_ending;
use crate::domain::authorisation::Role;
use crate::fhir::batch::{BatchEntry, BatchError, Requests, Together, read_batch, read_xml_batch};
use crate::fhir::bundle::{BatchAnswer, batch_response};
use crate::fhir::json::{JsonError, to_value};
use crate::fhir::subset::Subset;

/// The longest batch, in bytes: room for the most requests, each as long as a search may be.
const BYTES_MAX: usize = 256 * 1024;
/// The most requests of a batch: each is a durable access, and a waiting room holds no more.
pub const ENTRIES_MAX: usize = 50;

/// Answers a batch.
///
/// # Errors
/// [`Refusal`] when the batch as a whole cannot be read; what is wrong with one of its requests is
/// answered in that one's place.
pub async fn batch(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    // What an authority's system may do, nobody else may, and the other way round.
    let admitted = admitted(&request, &service).await?;
    if admitted.grant.role == Role::Uploader {
        return writes::answer(&request, payload, &service).await;
    }
    let stated = Stated::of(&request)?;
    let asking = stated.asking(&request, &service, admitted).await?;
    // Reads end nothing, but what is written wrongly is refused all the same.
    confirmed_ending(request.query_string())?;
    let syntax = body::syntax(&request)?;
    let body = body::read(&request, payload, BYTES_MAX).await?;
    let requests = requests(syntax, &body)?;
    if requests.together == Together::All {
        return Err(BatchError::NotABatch.into());
    }
    let entries = requests.entries;
    if entries.len() > ENTRIES_MAX {
        return Err(Refusal::BatchTooLong(ENTRIES_MAX));
    }
    let mut answers = Vec::with_capacity(entries.len());
    for one in &entries {
        let answer = match entry::answer(&service, &asking, one).await {
            Ok(answer) => Ok(answer),
            Err(refusal) => Err(asking.noted(&request, &service, refusal).await),
        };
        answers.push((one, answer));
    }
    let json = response_json(&service, answers)?;
    Ok(fhir_response(StatusCode::OK, asking.form).body(written(&json, asking.form)?))
}

/// Reads a batch or transaction.
fn requests(syntax: Syntax, body: &[u8]) -> Result<Requests, BatchError> {
    match syntax {
        Syntax::Json => read_batch(body),
        Syntax::Xml => read_xml_batch(body),
    }
}

/// The answers as one bundle's JSON, each in the part that its request asked for.
fn response_json(
    service: &Service,
    answers: Vec<(&BatchEntry, Result<Answer, Refusal>)>,
) -> Result<Value, JsonError> {
    let parts: Vec<Option<Subset>> = answers
        .iter()
        .map(|(_, answer)| answer.as_ref().ok()?.subset.clone())
        .collect();
    let answers = answers
        .into_iter()
        .map(|(entry, answer)| batch_answer(entry, answer))
        .collect();
    let mut json = to_value(&batch_response(&service.base, answers))?;
    let entries = json.get_mut("entry").and_then(Value::as_array_mut);
    for (entry, part) in entries.into_iter().flatten().zip(parts) {
        if let (Some(resource), Some(part)) = (entry.get_mut("resource"), part) {
            part.apply(resource);
        }
    }
    Ok(json)
}

fn batch_answer(entry: &BatchEntry, answer: Result<Answer, Refusal>) -> BatchAnswer {
    let conditions = Conditions::of_entry(
        entry.if_none_match.as_deref(),
        entry.if_modified_since.as_deref(),
    );
    match answer {
        Ok(answer) => {
            let is_held = answer.is_held(&conditions);
            let status = if is_held {
                StatusCode::NOT_MODIFIED
            } else {
                StatusCode::OK
            };
            BatchAnswer {
                status: status.to_string(),
                etag: answer.etag(),
                last_modified: answer.last_modified,
                location: None,
                resource: (!is_held).then_some(answer.resource),
            }
        }
        Err(refusal) => {
            refusal.log_cause();
            refused(&refusal)
        }
    }
}

fn refused(refusal: &Refusal) -> BatchAnswer {
    BatchAnswer {
        status: refusal.status().to_string(),
        etag: None,
        last_modified: None,
        location: None,
        resource: Some(refusal.outcome_resource()),
    }
}
