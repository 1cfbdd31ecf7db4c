//! A batch or transaction of an authority's system: requests about its plans, taken in as one
//! upload (<https://hl7.org/fhir/R4/http.html#transaction>, REPC_MT000002GB01). A batch is answered
//! as a file is, each request for itself; a transaction is taken in whole or not at all.

mod prepared;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};

use super::{refused, requests};
use crate::api::answer::{fhir_response, written};
use crate::api::batch::writes::prepared::{Prepared, prepared};
use crate::api::body;
use crate::api::error::Refusal;
use crate::api::file_turn;
use crate::api::plan_writes::Writer;
use crate::api::plan_writes::answer::Answered;
use crate::api::plan_writes::refused::RefusedWrite;
use crate::api::service::Service;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan_write::{PlanWrite, Standing, WriteRefusal};
use crate::fhir::batch::{Requests, Together};
use crate::fhir::bundle::BatchAnswer;
use crate::fhir::json::to_value;
use crate::fhir::terminology::upload_sequence;
use crate::fhir::write_response::{Acknowledged, write_response};
use crate::intake::plan_writes::{Fate, Written};
use crate::reception::digest;

/// The most digits of a file's number.
const DIGITS_MAX: usize = 9;

/// Answers a batch or transaction.
///
/// # Errors
/// [`Refusal`] when it is refused as a whole; then nothing has changed.
pub async fn answer(
    request: &HttpRequest,
    payload: Payload,
    service: &Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let writer = Writer::of(request, service).await?;
    let syntax = body::syntax(request)?;
    let (body, _turn) = file_turn::read(request, payload, service).await?;
    let digest = digest(&body);
    let bundle = requests(syntax, &body)?;
    drop(body);
    if bundle.entries.len() > service.upload_records_max {
        return Err(Refusal::BatchTooLong(service.upload_records_max));
    }
    let number = number(&bundle, &writer.caller.organisation, writer.at())?;
    let together = bundle.together;
    let entries: Vec<Result<Prepared, Refusal>> = bundle
        .entries
        .into_iter()
        .enumerate()
        .map(|(place, entry)| prepared(&writer, place, entry, &service.base))
        .collect();
    let bundle = Bundle {
        entries,
        together,
        digest,
        number,
    };
    let (acknowledged, answers) = bundle.taken_in(&writer, (request, service)).await?;
    let bundle = write_response(&service.base, together, acknowledged, answers);
    let body = written(&to_value(&bundle)?, writer.form)?;
    Ok(fhir_response(StatusCode::OK, writer.form).body(body))
}

/// What was sent, each request ready to be taken in or refused already.
struct Bundle {
    entries: Vec<Result<Prepared, Refusal>>,
    together: Together,
    digest: [u8; 32],
    number: Option<(i64, DateTime<Utc>)>,
}

impl Bundle {
    async fn taken_in(
        self,
        writer: &Writer,
        (request, service): (&HttpRequest, &Service),
    ) -> Result<(Option<Acknowledged>, Vec<BatchAnswer>), Refusal> {
        let (fate, entries) = match self.together {
            Together::Each => (Fate::OfEach, self.entries),
            // A request that is none refuses the whole.
            Together::All => (Fate::OfAll, all(self.entries)?),
        };
        let writes: Vec<PlanWrite> = entries
            .iter()
            .flatten()
            .map(|prepared| prepared.write.clone())
            .collect();
        if writes.is_empty() {
            let answers = entries.iter().filter_map(|entry| entry.as_ref().err());
            return Ok((None, answers.map(refused).collect()));
        }
        let mut writes = writer.writes(writes, fate, self.digest);
        writes.number = self.number;
        match writer.written(request, service, writes).await? {
            Written::Refused(refusals) => {
                let whole = whole(&entries, refusals);
                for refused in &whole {
                    writer.log(request, service, refused).await;
                }
                Err(Refusal::Plans(whole))
            }
            Written::Acknowledged(acknowledgement, results) => {
                let acknowledged = Acknowledged {
                    upload_id: acknowledgement.upload_id,
                    code: acknowledgement.code,
                };
                let mut results = results.into_iter();
                let mut answers = Vec::with_capacity(entries.len());
                for entry in &entries {
                    let refusal = match entry {
                        Err(refusal) => refused(refusal),
                        Ok(prepared) => match results.next() {
                            Some(Ok(standing)) => {
                                told(prepared, (writer, service), acknowledged, standing)
                            }
                            why => {
                                let why = why.and_then(Result::err);
                                let why = why.unwrap_or(WriteRefusal::NotFound);
                                let why = prepared.refused(why);
                                writer.log(request, service, &why).await;
                                refused(&why.into())
                            }
                        },
                    };
                    answers.push(refusal);
                }
                Ok((Some(acknowledged), answers))
            }
        }
    }
}

/// The requests of a transaction, each of which is one about a plan.
fn all(entries: Vec<Result<Prepared, Refusal>>) -> Result<Vec<Result<Prepared, Refusal>>, Refusal> {
    entries.into_iter().map(|entry| entry.map(Ok)).collect()
}

/// Those of a transaction that refuse the whole.
fn whole(
    entries: &[Result<Prepared, Refusal>],
    refusals: Vec<(usize, WriteRefusal)>,
) -> Vec<RefusedWrite> {
    let refused = refusals.into_iter().filter_map(|(place, why)| {
        let prepared = entries.get(place)?.as_ref().ok()?;
        Some(prepared.refused(why))
    });
    refused.collect()
}

fn told(
    prepared: &Prepared,
    (writer, service): (&Writer, &Service),
    acknowledged: Acknowledged,
    standing: Standing,
) -> BatchAnswer {
    let record = prepared.write.record();
    let answered = Answered {
        asked: prepared.asked(),
        upload_id: acknowledged.upload_id,
        standing,
        record: record.and_then(|record| record.as_ref().ok()),
    };
    answered.entry(writer, &service.base)
}

/// The number among the authority's files that the bundle has, and when it was written.
fn number(
    bundle: &Requests,
    authority: &OdsCode,
    now: DateTime<Utc>,
) -> Result<Option<(i64, DateTime<Utc>)>, Refusal> {
    let Some((system, value)) = &bundle.identifier else {
        return Ok(None);
    };
    if *system != upload_sequence(authority) {
        return Ok(None);
    }
    let shaped = value.len() <= DIGITS_MAX && value.bytes().all(|byte| byte.is_ascii_digit());
    let sequence = shaped.then(|| value.parse::<i64>().ok()).flatten();
    let sequence = sequence.filter(|sequence| *sequence >= 1);
    let written_at = match &bundle.timestamp {
        None => Some(now),
        Some(text) => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|moment| moment.to_utc()),
    };
    match (sequence, written_at) {
        (Some(sequence), Some(written_at)) => Ok(Some((sequence, written_at))),
        _ => Err(Refusal::BundleNumber),
    }
}
