//! `GET [base]/EpisodeOfCare?…`, `POST [base]/EpisodeOfCare/_search` and
//! `GET [base]/Patient/[id]/EpisodeOfCare`, also by POST of `…/_search`
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

/// What can be asked of EpisodesOfCare.
pub const EPISODES_OF_CARE: Searchable = Searchable {
    kind: ResourceKind::EpisodeOfCare,
    view: View::EachPlan,
    about: About::Child(Subject::Plan),
    parameters: &[
        SearchParameter::child("patient", "patient"),
        SearchParameter::token("identifier", "identifier"),
        SearchParameter::code("status", "status", terminology::EPISODE_STATUS),
        SearchParameter::token("type", "type"),
        SearchParameter::date("date", "period"),
        SearchParameter::reference(
            "organization",
            "managingOrganization",
            &[ResourceKind::Organization],
        ),
    ],
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
