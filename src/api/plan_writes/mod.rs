//! The walk of a request about a plan of an authority's own: a resource, or the plan's id or
//! criteria, becomes what `intake` takes in, and what became of it an answer
//! (<https://hl7.org/fhir/R4/http.html#create>).
//!
//! An answer never tells more than was sent, beside the plan's id and version: an authority's
//! system has no way to look at a child.

pub mod answer;
pub mod criteria;
pub mod if_match;
pub mod refused;
pub mod sent;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tracing::info;
use uuid::Uuid;

use crate::api::asking::check_request_id;
use crate::api::body;
use crate::api::caller::{log_refused, uploader};
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, Syntax, agreed};
use crate::api::plan_writes::answer::Answered;
use crate::api::plan_writes::refused::{Asked, RefusedWrite};
use crate::api::plan_writes::sent::SentPlan;
use crate::api::prefer::Returned;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::api::upload_plans::confirmed_ending;
use crate::domain::caller::Caller;
use crate::domain::plan_write::{PlanWrite, Standing, WriteRefusal};
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{Acknowledgement, WireForm};
use crate::fhir::reading::{Unreadable, read_json, read_xml};
use crate::intake::IntakeRefusal;
use crate::intake::plan_writes::{Fate, Writes, Written, take_in_writes};
use crate::messages::reading_rules::ReadingRules;
use crate::reception::digest;
use crate::store::identifiers;

/// The longest resource taken alone, in bytes: many times what a plan takes.
const BYTES_MAX: usize = 64 * 1024;

/// Who asks, how the answer should look, and when.
pub struct Writer {
    /// The authority's system.
    pub caller: Caller,
    /// The form of the answer.
    pub form: Form,
    /// What the caller stated it would rather have back.
    pub returned: Option<Returned>,
    /// What is sent is read by these.
    pub rules: ReadingRules,
    /// What may be taken off the authority's plans.
    pub guard: ShrinkGuard,
}

impl Writer {
    /// Reads what every such request has.
    ///
    /// # Errors
    /// [`Refusal`] when a header or the token is not good enough; a caller who may not upload is in
    /// the security log.
    pub async fn of(request: &HttpRequest, service: &Service) -> Result<Self, Refusal> {
        check_request_id(request)?;
        let form = agreed(request, request.query_string())?;
        let caller = uploader(request, service).await?;
        Ok(Self {
            caller,
            form,
            returned: Returned::stated(request.headers()),
            rules: service.reading_rules(service.clock.now()),
            guard: ShrinkGuard {
                rule: service.shrinkage,
                confirmed: confirmed_ending(request.query_string())?,
            },
        })
    }

    /// Reads the resource of a request, and what it is digested to.
    ///
    /// # Errors
    /// [`Refusal`] when the body holds none.
    pub async fn sent(&self, request: &HttpRequest, payload: Payload) -> Result<Sent, Refusal> {
        let body = body::read(request, payload, BYTES_MAX).await?;
        if body.is_empty() {
            return Err(Unreadable::Nothing.into());
        }
        let resource = match body::syntax(request)? {
            Syntax::Json => read_json(&body)?,
            Syntax::Xml => read_xml(&body)?,
        };
        Ok(Sent {
            plan: self.plan(&resource),
            digest: digest(&body),
        })
    }

    /// A resource as the record that it is.
    #[must_use]
    pub fn plan(&self, resource: &Value) -> SentPlan {
        SentPlan::of(resource, &self.caller.organisation, &self.rules)
    }

    /// When the request came.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.rules.now
    }

    /// Takes one request in, and answers it.
    ///
    /// # Errors
    /// [`Refusal`] when it is refused; then nothing has changed.
    pub async fn take_in(
        &self,
        (request, service): (&HttpRequest, &Service),
        write: PlanWrite,
        sent: Option<&Sent>,
    ) -> Result<HttpResponse, Refusal> {
        let asked = asked(&write);
        let plan = sent.map(|sent| &sent.plan);
        let refused = |why| RefusedWrite {
            asked,
            why,
            unfit: plan.and_then(|plan| plan.unfit.clone()),
            entry: None,
        };
        if let Some(Err(refusal)) = write.record() {
            let refused = refused(WriteRefusal::Record(refusal.clone()));
            self.log(request, service, &refused).await;
            return Err(refused.into());
        }
        let digest = sent.map_or_else(|| digest(request.path().as_bytes()), |sent| sent.digest);
        let writes = self.writes(vec![write], Fate::OfAll, digest);
        let written = self.written(request, service, writes).await?;
        match written {
            Written::Refused(refusals) => {
                let why = refusals.into_iter().next().map(|(_, why)| why);
                let refused = refused(why.unwrap_or(WriteRefusal::NotFound));
                self.log(request, service, &refused).await;
                Err(refused.into())
            }
            Written::Acknowledged(acknowledgement, results) => {
                let standing = only(results).map_err(|why| Refusal::from(refused(why)))?;
                let answered = Answered {
                    asked,
                    upload_id: acknowledgement.upload_id,
                    standing,
                    record: plan.and_then(|plan| plan.record.as_ref().ok()),
                };
                answered.response(self, service)
            }
        }
    }

    /// Requests as the intake takes them in, without a number.
    #[must_use]
    pub fn writes(&self, requests: Vec<PlanWrite>, fate: Fate, digest: [u8; 32]) -> Writes {
        Writes {
            upload_id: identifiers::id_of(self.at()),
            requests,
            fate,
            number: None,
            digest,
            authority: self.caller.organisation.clone(),
            client_id: self.caller.client_id.clone(),
            at: self.at(),
            guard: self.guard,
        }
    }

    /// Takes requests in.
    ///
    /// # Errors
    /// [`Refusal`] when they are refused as a whole; a caller who may not is in the security log.
    pub async fn written(
        &self,
        request: &HttpRequest,
        service: &Service,
        writes: Writes,
    ) -> Result<Written, Refusal> {
        let written = take_in_writes(&service.intake, &service.matching, writes).await;
        if let Some(reason) = written.as_ref().err().and_then(IntakeRefusal::code) {
            log_refused(request, service, self.caller.clone(), reason).await;
        }
        let uploads = &service.metrics.uploads;
        match &written {
            Ok(Written::Acknowledged(acknowledgement, _)) => {
                uploads.acknowledged(WireForm::Fhir, acknowledgement);
                log_acknowledged(acknowledgement);
            }
            Ok(Written::Refused(_)) => uploads.refused(WireForm::Fhir, None),
            Err(refusal) => uploads.refused(WireForm::Fhir, refusal.file_code()),
        }
        let written = written?;
        Ok(written)
    }

    /// Puts a refused request into the security log, where it belongs there.
    pub async fn log(&self, request: &HttpRequest, service: &Service, refused: &RefusedWrite) {
        if let Some(reason) = refused.code() {
            log_refused(request, service, self.caller.clone(), reason).await;
        }
    }
}

/// A resource that was sent alone.
pub struct Sent {
    /// The plan.
    pub plan: SentPlan,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
}

/// What a request asks.
#[must_use]
pub fn asked(write: &PlanWrite) -> Asked {
    match write {
        PlanWrite::Create { .. } => Asked::Create,
        PlanWrite::Update { .. } => Asked::Update,
        PlanWrite::Withdraw { .. } => Asked::Withdraw,
    }
}

/// The id of a plan in a path; what cannot be one is no plan's.
///
/// # Errors
/// [`Refusal`] as for a plan that is not there.
pub fn id_of(text: &str, asked: Asked, entry: Option<usize>) -> Result<Uuid, Refusal> {
    child_criterion::id(text).ok_or_else(|| {
        RefusedWrite {
            asked,
            why: WriteRefusal::NotFound,
            unfit: None,
            entry,
        }
        .into()
    })
}

fn only(results: Vec<Result<Standing, WriteRefusal>>) -> Result<Standing, WriteRefusal> {
    results
        .into_iter()
        .next()
        .unwrap_or(Err(WriteRefusal::NotFound))
}

fn log_acknowledged(acknowledgement: &Acknowledgement) {
    info!(
        upload.id = %acknowledgement.upload_id,
        code = acknowledgement.code.code(),
        records = acknowledgement.records.len(),
        refused = acknowledgement.refused(),
        "Acknowledged an upload"
    );
}

#[cfg(test)]
mod document;
