//! `GET [base]/Patient?…`, `POST [base]/Patient/_search`
//! (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::search::child_criterion::Naming;
use crate::api::search::criterion::ParameterKind;
use crate::api::search::run;
use crate::api::search::searchable::Searchable;
use crate::api::service::Service;
use crate::domain::access::Subject;
use crate::fhir::resource_kind::ResourceKind;

/// What can be asked of Patients.
pub const PATIENTS: Searchable = Searchable {
    kind: ResourceKind::Patient,
    child: &[("identifier", Naming::Identifier)],
    by_id: Subject::Patient,
    parameters: &[
        ("birthdate", ParameterKind::Date),
        ("_security", ParameterKind::Token),
    ],
    includes: &[],
    reverse_includes: &["Flag:patient", "Flag:subject", "EpisodeOfCare:patient"],
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
