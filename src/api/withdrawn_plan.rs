//! A withdrawn plan, asked for by the authority that told and withdrew it: 410, where every other
//! caller who may not look is refused (<https://hl7.org/fhir/R4/http.html#read>).
//!
//! The authority hears nothing but what it said itself. Whether a plan stands, or is another's, is
//! answered as before, so that an authority's system learns nothing of any child.

use actix_web::HttpRequest;

use crate::api::caller::{caller, log_refused};
use crate::api::error::Refusal;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::caller::CallerRefusal;
use crate::fhir::resource_kind::ResourceKind;
use crate::store::told_plans;

/// The name under which such an answer is in the security log, beside the refusal.
const TOLD: &str = "own-plan-withdrawn";

/// What a refused caller is answered: that the plan was withdrawn, if the caller is the system of
/// its authority, else the refusal as it was.
pub async fn told_to_author(
    refusal: Refusal,
    kind: ResourceKind,
    service: &Service,
    request: &HttpRequest,
) -> Refusal {
    let is_system = matches!(refusal, Refusal::Caller(CallerRefusal::Unattended));
    if !is_system || !kind.is_a_plan() {
        return refusal;
    }
    match is_withdrawn(service, request).await {
        Ok(true) => Refusal::Withdrawn,
        Ok(false) => refusal,
        Err(error) => error,
    }
}

async fn is_withdrawn(service: &Service, request: &HttpRequest) -> Result<bool, Refusal> {
    let caller = caller(request, service).await?;
    let id = request.match_info().get("id").unwrap_or_default();
    let (true, Some(plan)) = (caller.may_upload(), child_criterion::id(id)) else {
        return Ok(false);
    };
    let authority = caller.organisation.clone();
    let withdrawn = service
        .intake
        .run(move |postgres| told_plans::is_withdrawn(postgres, &authority, plan))
        .await?;
    if withdrawn {
        log_refused(request, service, caller, TOLD).await;
    }
    Ok(withdrawn)
}
