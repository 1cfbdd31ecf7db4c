//! `DELETE [base]/EpisodeOfCare/[id]` and `DELETE [base]/EpisodeOfCare?identifier=…`: an
//! authority's system withdraws a plan as entered in error
//! (<https://hl7.org/fhir/R4/http.html#delete>). Its versions stay.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::plan_writes::criteria::read_criteria;
use crate::api::plan_writes::refused::Asked;
use crate::api::plan_writes::{Writer, id_of, if_match};
use crate::api::service::Service;
use crate::domain::plan_write::{PlanWrite, Which};

/// Withdraws a plan.
///
/// # Errors
/// [`Refusal`] when it is not withdrawn; then nothing has changed.
pub async fn delete_episode_of_care(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let writer = Writer::of(&request, &service).await?;
    let which = match request.match_info().get("id") {
        Some(id) => Which::Plan(id_of(id, Asked::Withdraw, None)?),
        None => {
            let query = request.query_string();
            Which::Found(read_criteria(query, &writer.caller.organisation)?, None)
        }
    };
    let write = PlanWrite::Withdraw {
        which,
        condition: if_match::of(request.headers()),
    };
    writer.take_in((&request, &service), write, None).await
}
