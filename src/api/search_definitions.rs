//! `GET [base]/StructureDefinition` and `POST [base]/StructureDefinition/_search`, and so on for
//! each kind of definition: what the service publishes of itself, for anybody
//! (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::check_request_id;
use crate::api::error::Refusal;
use crate::api::prefer;
use crate::api::published::published;
use crate::api::read_definition::kind;
use crate::api::search::definition_search::{DefinitionSearch, OFFSET};
use crate::api::search::parameters::{Parameter, write};
use crate::api::search::request::SearchRequest;
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::fhir::definitions::{Definition, DefinitionPage};

/// Answers a search of definitions.
///
/// # Errors
/// [`Refusal`] when it cannot be run.
pub async fn search_definitions(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    let stated = prefer::handling(request.headers())?;
    let handling = stated.unwrap_or(Handling::Lenient);
    let (asked, form) = SearchRequest::over_http(&request, payload).await?;
    let search = DefinitionSearch::read(&asked.parameters, handling)?;
    let bundle = page(&service, kind(&request)?, &search).bundle();
    let response = published(&request, &bundle, form)?;
    Ok(prefer::with_applied(response, stated))
}

fn page<'a>(service: &'a Service, kind: &str, search: &DefinitionSearch) -> DefinitionPage<'a> {
    let found: Vec<&Definition> = service
        .definitions
        .of_kind(kind)
        .filter(|definition| search.finds(definition))
        .collect();
    let total = found.len();
    let count = search.count.unwrap_or(total);
    let definitions: Vec<&Definition> = found.into_iter().skip(search.offset).take(count).collect();
    let end = search.offset.saturating_add(definitions.len());
    let has_next = !definitions.is_empty() && end < total;
    DefinitionPage {
        base: &service.base,
        self_link: link(service, kind, search, search.offset),
        next: has_next.then(|| link(service, kind, search, end)),
        total,
        definitions,
    }
}

/// The page of a search that begins after so many matches.
fn link(service: &Service, kind: &str, search: &DefinitionSearch, offset: usize) -> String {
    let number = |name: &str, number: usize| Parameter {
        written: name.to_owned(),
        value: number.to_string(),
    };
    let mut parameters = search.used.clone();
    parameters.extend(search.count.map(|count| number("_count", count)));
    parameters.extend((offset > 0).then(|| number(OFFSET, offset)));
    let path = format!("{}/{kind}", service.base);
    if parameters.is_empty() {
        return path;
    }
    format!("{path}?{}", write(&parameters))
}
