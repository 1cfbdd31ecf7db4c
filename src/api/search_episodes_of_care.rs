//! `GET [base]/EpisodeOfCare?…`, `POST [base]/EpisodeOfCare/_search` and
//! `GET [base]/Patient/[id]/EpisodeOfCare`
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

/// What can be asked of EpisodesOfCare.
pub const EPISODES_OF_CARE: Searchable = Searchable {
    kind: ResourceKind::EpisodeOfCare,
    child: &[("patient", Naming::Reference)],
    by_id: Subject::Plan,
    parameters: &[
        ("identifier", ParameterKind::Token),
        ("status", ParameterKind::Token),
        ("type", ParameterKind::Token),
        ("date", ParameterKind::Date),
        ("organization", ParameterKind::Reference),
        ("_security", ParameterKind::Token),
    ],
    includes: &["EpisodeOfCare:patient", "EpisodeOfCare:organization"],
    reverse_includes: &[],
};

/// Answers a search for EpisodesOfCare.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_episodes_of_care(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&EPISODES_OF_CARE, &service, &request, payload).await
}
