//! `GET [base]/StructureDefinition/[id]`, and so on for each kind of definition: what the service
//! publishes of itself, for anybody (<https://hl7.org/fhir/R4/http.html#read>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::check_request_id;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::part;
use crate::api::published::published;
use crate::api::service::Service;
use crate::fhir::definitions::KINDS;

/// Answers with a definition.
///
/// # Errors
/// [`Refusal`] when there is none, or when it is asked for in a form or a part it has not.
pub async fn read_definition(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    let form = agreed(&request, request.query_string())?;
    // A definition is always told whole; but what names no part is refused, as of any resource.
    part::of_one(request.query_string())?;
    let id = request.match_info().get("id").unwrap_or_default();
    let definition = service
        .definitions
        .find(kind(&request)?, id)
        .ok_or(Refusal::NotFound)?;
    published(&request, &definition.resource, form)
}

/// The kind of definition that the path names.
///
/// # Errors
/// [`Refusal::NoSuchPath`] when it names none, which the route table rules out.
pub fn kind(request: &HttpRequest) -> Result<&'static str, Refusal> {
    let mut steps = request.path().split('/');
    steps
        .find_map(|step| KINDS.into_iter().find(|kind| *kind == step))
        .ok_or(Refusal::NoSuchPath)
}
