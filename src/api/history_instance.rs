//! `GET [base]/[type]/[id]/_history`: every version of a resource, newest first
//! (<https://hl7.org/fhir/R4/http.html#history>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::history::asked::HistoryAsked;
use crate::api::history::page::{Page, Whose, asked_text, parameters, rest};
use crate::api::history::versions::Reader;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::access::Interaction;
use crate::fhir::resource_kind::ResourceKind;

/// Answers with the history of a resource of this kind.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn history_instance(
    kind: ResourceKind,
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(kind, &service, &request).await?;
    let id = request.match_info().get("id").unwrap_or_default();
    let answer = history(kind, &service, &reader, (id, request.query_string())).await?;
    answer.response(reader.form())
}

/// Tells the history of the resource of this id.
///
/// # Errors
/// As [`history_instance`].
pub async fn history(
    kind: ResourceKind,
    service: &Service,
    reader: &Reader,
    (id, query): (&str, &str),
) -> Result<Answer, Refusal> {
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let path = format!("{}/{id}/_history", kind.name());
    let parameters = parameters(query)?;
    let now = service.clock.now();
    let (rest, asked) = match rest(service, &path, &parameters, now)? {
        Some((rest, asked)) => (Some(rest), asked),
        None => (None, HistoryAsked::read(&parameters, reader.handling())?),
    };
    let look = (Interaction::InstanceHistory, asked_text(&path, &parameters));
    let versions = reader.versions(kind, service, id, look).await?;
    let used = match rest {
        Some(_) => &parameters,
        None => &asked.used,
    };
    let page = Page {
        path: &path,
        used,
        whose: Whose::Resource(id),
        asked: &asked,
        rest,
        now,
    };
    Ok(page.answer(service, &versions))
}
