//! A withdrawn plan, asked for by the authority that told and withdrew it: 410, where every other
//! caller who may not look is refused (<https://hl7.org/fhir/R4/http.html#read>).
//!
//! The authority hears nothing but what it said itself. Whether a plan stands, or is another's, is
//! answered as before, so that an authority's system learns nothing of any child.

use actix_web::HttpRequest;

use crate::api::asking::{Asking, Stated};
use crate::api::caller::{Admitted, admitted, log_refused, refuse};
use crate::api::error::Refusal;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::authorisation::Relation;
use crate::domain::caller::{Caller, CallerRefusal};
use crate::store::told_plans;

/// The name under which such an answer is in the security log, beside the refusal.
const TOLD: &str = "own-plan-withdrawn";

/// A viewer's request for what is under an id.
///
/// # Errors
/// [`Refusal`] when a header, the token or the role is not good enough; [`Refusal::Withdrawn`] to
/// the authority that withdrew what is asked for.
pub async fn asked_of_one(service: &Service, request: &HttpRequest) -> Result<Asking, Refusal> {
    let stated = Stated::of(request)?;
    let admitted = admitted(request, service).await?;
    match admitted.grant.relation {
        Relation::OwnWithdrawnPlan => Err(told_to_author(service, request, admitted).await),
        _ => stated.asking(request, service, admitted).await,
    }
}

/// What an authority's system is answered: that the plan was withdrawn, if its authority did that,
/// else that it may not look.
async fn told_to_author(
    service: &Service,
    request: &HttpRequest,
    Admitted { caller, .. }: Admitted,
) -> Refusal {
    let refused = CallerRefusal::Unattended;
    let refusal = refuse(request, service, caller.clone(), refused).await;
    match is_withdrawn(service, request, &caller).await {
        Ok(true) => {
            log_refused(request, service, caller, TOLD).await;
            Refusal::Withdrawn
        }
        Ok(false) => refusal,
        Err(error) => error,
    }
}

async fn is_withdrawn(
    service: &Service,
    request: &HttpRequest,
    caller: &Caller,
) -> Result<bool, Refusal> {
    let id = request.match_info().get("id").unwrap_or_default();
    let Some(plan) = child_criterion::id(id) else {
        return Ok(false);
    };
    let authority = caller.organisation.clone();
    let withdrawn = service
        .intake
        .of(&caller.organisation)
        .transaction(move |postgres| told_plans::is_withdrawn(postgres, &authority, plan))
        .await?;
    Ok(withdrawn)
}
