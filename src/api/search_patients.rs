//! `GET [base]/Patient?…`, `POST [base]/Patient/_search`
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

/// What can be asked of Patients.
pub const PATIENTS: Searchable = Searchable {
    kind: ResourceKind::Patient,
    view: View::EachPlan,
    about: About::Child(Subject::Patient),
    parameters: &[
        SearchParameter::token("identifier", "identifier").naming_the_child(),
        SearchParameter::date("birthdate", "birthDate"),
    ],
};

/// Answers a search for Patients.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_patients(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&PATIENTS, &service, &request, payload).await
}
