//! `PUT [base]/EpisodeOfCare/[id]` and `PUT [base]/EpisodeOfCare?identifier=…`: an authority's
//! system tells a plan as it now is, with `If-Match` only in the version it names
//! (<https://hl7.org/fhir/R4/http.html#update>, `#cond-update`).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::plan_writes::criteria::read_criteria;
use crate::api::plan_writes::refused::Asked;
use crate::api::plan_writes::{Writer, id_of, if_match};
use crate::api::service::Service;
use crate::domain::plan_write::{PlanWrite, Which};

/// Takes a plan in as it now is.
///
/// # Errors
/// [`Refusal`] when it is not taken in; then nothing has changed.
pub async fn update_episode_of_care(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let writer = Writer::of(&request, &service).await?;
    let id = request.match_info().get("id").map(str::to_owned);
    let criteria = match &id {
        Some(_) => None,
        None => Some(read_criteria(
            request.query_string(),
            &writer.caller.organisation,
        )?),
    };
    let sent = writer.sent(&request, payload).await?;
    let which = match (id, criteria) {
        (_, Some(criteria)) => Which::Found(criteria, sent.plan.id.clone()),
        (id, None) => {
            let id = id.unwrap_or_default();
            check_id(&id, sent.plan.id.as_deref())?;
            Which::Plan(id_of(&id, Asked::Update, None)?)
        }
    };
    let write = PlanWrite::Update {
        which,
        record: sent.plan.record.clone(),
        condition: if_match::of(request.headers()),
    };
    writer
        .take_in((&request, &service), write, Some(&sent))
        .await
}

/// Refuses a resource whose id is not that of its URL.
///
/// # Errors
/// [`Refusal::ResourceId`].
pub fn check_id(of_url: &str, of_resource: Option<&str>) -> Result<(), Refusal> {
    match of_resource {
        Some(id) if id == of_url => Ok(()),
        _ => Err(Refusal::ResourceId),
    }
}
