//! `POST [base]/EpisodeOfCare`: an authority's system tells a new plan; with `If-None-Exist` only
//! where none is held already (<https://hl7.org/fhir/R4/http.html#create>, `#ccreate`).

use actix_web::http::header::HeaderName;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::plan_writes::Writer;
use crate::api::plan_writes::criteria::read_criteria;
use crate::api::search::SearchRefusal;
use crate::api::service::Service;
use crate::domain::plan_write::{PlanCriteria, PlanWrite};

/// The header with the criteria of what must not be there.
const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// Takes a new plan in.
///
/// # Errors
/// [`Refusal`] when it is not taken in; then nothing has changed.
pub async fn create_episode_of_care(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let writer = Writer::of(&request, &service).await?;
    let unless = unless(&request, &writer)?;
    let sent = writer.sent(&request, payload).await?;
    let write = PlanWrite::Create {
        record: sent.plan.record.clone(),
        unless,
    };
    writer
        .take_in((&request, &service), write, Some(&sent))
        .await
}

fn unless(request: &HttpRequest, writer: &Writer) -> Result<Option<PlanCriteria>, Refusal> {
    let mut headers = request.headers().get_all(IF_NONE_EXIST);
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return match request.headers().contains_key(IF_NONE_EXIST) {
            true => Err(unreadable().into()),
            false => Ok(None),
        };
    };
    let query = header.to_str().ok().ok_or_else(unreadable)?;
    Ok(Some(read_criteria(
        query.trim_start_matches('?'),
        &writer.caller.organisation,
    )?))
}

fn unreadable() -> SearchRefusal {
    SearchRefusal::Value {
        parameter: "http.If-None-Exist".to_owned(),
        expected: "send If-None-Exist once, with identifier, type and start as in a search",
    }
}
