//! `POST [base]` with a batch of reads and searches, each recorded as its own access
//! (<https://hl7.org/fhir/R4/http.html#transaction>).

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::body::{self, media_type};
use crate::api::error::Refusal;
use crate::api::reading;
use crate::api::search::SearchRefusal;
use crate::api::search::parameters::{SEARCH_BYTES_MAX, read};
use crate::api::search::request::SearchRequest;
use crate::api::search::run::run;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::bundle::{BatchAnswer, batch_response};
use crate::fhir::json::{BatchEntry, read_batch};
use crate::fhir::operation_outcome::operation_outcome;
use crate::fhir::resource_kind::ResourceKind;

/// The longest batch, in bytes: room for the most requests, each as long as a search may be.
const BYTES_MAX: usize = 256 * 1024;
/// The most requests of a batch: each is a durable access, and a waiting room holds no more.
const ENTRIES_MAX: usize = 50;

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
    let asking = Asking::of(&request, &service).await?;
    let json = ["application/fhir+json", "application/json"];
    if !json.contains(&media_type(&request).as_str()) {
        return Err(Refusal::MediaType("application/fhir+json"));
    }
    let body = body::read(payload, BYTES_MAX).await?;
    let entries = read_batch(&body)?;
    if entries.len() > ENTRIES_MAX {
        return Err(Refusal::BatchTooLong(ENTRIES_MAX));
    }
    let mut answers = Vec::with_capacity(entries.len());
    for entry in &entries {
        answers.push(batch_answer(answer_entry(&service, &asking, entry).await));
    }
    let bundle = batch_response(&service.base, answers);
    Answer::made(Resource::Bundle(Box::new(bundle))).response(asking.form)
}

async fn answer_entry(
    service: &Service,
    asking: &Asking,
    entry: &BatchEntry,
) -> Result<Answer, Refusal> {
    if entry.method != "GET" {
        return Err(Refusal::BatchEntry);
    }
    if entry.url.len() > SEARCH_BYTES_MAX {
        return Err(SearchRefusal::TooLong.into());
    }
    let relative = entry.url.strip_prefix(&service.base).unwrap_or(&entry.url);
    let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (kind, compartment) = match segments.as_slice() {
        [kind] => (*kind, None),
        ["Patient", id, kind] if *kind != "Patient" => (*kind, Some((*id).to_owned())),
        [kind, id] => {
            let kind = ResourceKind::parse(kind).ok_or(Refusal::BatchEntry)?;
            return reading::read(kind, service, asking, id).await;
        }
        _ => return Err(Refusal::BatchEntry),
    };
    let searchable = ResourceKind::parse(kind)
        .and_then(|kind| service.searchables.of(kind))
        .ok_or(Refusal::BatchEntry)?;
    let search = SearchRequest {
        parameters: read(query),
        compartment,
    };
    run(searchable, service, asking, search).await
}

fn batch_answer(answer: Result<Answer, Refusal>) -> BatchAnswer {
    match answer {
        Ok(answer) => BatchAnswer {
            status: StatusCode::OK.to_string(),
            etag: answer.etag(),
            last_modified: answer.last_modified,
            resource: Some(answer.resource),
        },
        Err(refusal) => {
            refusal.log_cause();
            let outcome = operation_outcome(&[refusal.issue()]);
            BatchAnswer {
                status: refusal.status().to_string(),
                etag: None,
                last_modified: None,
                resource: Some(Resource::OperationOutcome(Box::new(outcome))),
            }
        }
    }
}
