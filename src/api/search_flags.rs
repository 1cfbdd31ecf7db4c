//! `GET [base]/Flag?…`, `POST [base]/Flag/_search` and
//! `GET [base]/Patient/[id]/Flag`, also by POST of `…/_search`
//! (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::search::run;
use crate::api::search::search_parameter::SearchParameter;
use crate::api::search::searchable::{About, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::domain::access::Subject;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology;

/// What can be asked of Flags. `status`, `category` and `code` are not R4's own but ours; NHS
/// England's Patient Flags API asks for these flags by their category, under `code`.
pub const FLAGS: Searchable = Searchable {
    kind: ResourceKind::Flag,
    view: View::EachPlan,
    about: About::Child(Subject::Plan),
    parameters: &[
        SearchParameter::child("patient", "subject"),
        SearchParameter::child("subject", "subject"),
        SearchParameter::token("identifier", "identifier"),
        SearchParameter::date("date", "period"),
        SearchParameter::reference("author", "author", &[ResourceKind::Organization]),
        SearchParameter::code("status", "status", terminology::FLAG_STATUS),
        SearchParameter::token("category", "category"),
        SearchParameter::token_or("code", "code", terminology::CPIS_FLAG),
    ],
};

/// Answers a search for Flags.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_flags(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&FLAGS, &service, &request, payload).await
}
