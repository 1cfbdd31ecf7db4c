//! `GET [base]/Organization?…` and `POST [base]/Organization/_search`: local authorities, with
//! their telephone numbers (<https://hl7.org/fhir/R4/http.html#search>).
//!
//! They say nothing of any child, so it is no access; but only who may look or upload is told.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::check_request_id;
use crate::api::caller::admitted;
use crate::api::error::Refusal;
use crate::api::prefer;
use crate::api::search::authorities::search_authorities;
use crate::api::search::request::SearchRequest;
use crate::api::search::search_parameter::SearchParameter;
use crate::api::search::searchable::{About, Handling, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::fhir::resource_kind::ResourceKind;

/// What can be asked of Organizations.
pub const ORGANIZATIONS: Searchable = Searchable {
    kind: ResourceKind::Organization,
    view: View::EachPlan,
    about: About::Authorities,
    parameters: &[
        SearchParameter::token("identifier", "identifier"),
        SearchParameter::text("name", "name | alias"),
        SearchParameter::truth("active", "active"),
        SearchParameter::token("type", "type"),
    ],
};

/// Answers a search for Organizations.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_organizations(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    admitted(&request, &service).await?;
    let stated = prefer::handling(request.headers())?;
    let handling = stated.unwrap_or(Handling::Lenient);
    let (search, form) = SearchRequest::over_http(&request, payload).await?;
    let answer = search_authorities(&ORGANIZATIONS, &service, handling, &search).await?;
    Ok(prefer::with_applied(answer.response(form)?, stated))
}
