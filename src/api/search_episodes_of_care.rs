//! `GET [base]/EpisodeOfCare?…`, `POST [base]/EpisodeOfCare/_search` and
//! `GET [base]/Patient/[id]/EpisodeOfCare`, also by POST of `…/_search`
//! (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::Stated;
use crate::api::caller::admitted;
use crate::api::error::Refusal;
use crate::api::search::held_plans;
use crate::api::search::run;
use crate::api::search::search_parameter::SearchParameter;
use crate::api::search::searchable::{About, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::domain::access::Subject;
use crate::domain::authorisation::Relation;
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
        SearchParameter::date("start", "period.start"),
        SearchParameter::reference(
            "organization",
            "managingOrganization",
            &[ResourceKind::Organization],
        ),
    ],
};

/// Answers a search for EpisodesOfCare: a person's about one child, or that of a local authority's
/// system for the plans that are held for it.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_episodes_of_care(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let stated = Stated::of(&request)?;
    let admitted = admitted(&request, &service).await?;
    if admitted.grant.relation == Relation::OwnPlans {
        return held_plans::over_http(admitted.caller, stated, &service, (&request, payload)).await;
    }
    let asking = stated.asking(&request, &service, admitted).await?;
    run::asked_by(&asking, &EPISODES_OF_CARE, &service, (&request, payload)).await
}
