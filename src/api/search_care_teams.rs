//! `GET [base]/CareTeam?…`, `POST [base]/CareTeam/_search` and
//! `GET [base]/Patient/[id]/CareTeam`
//! (<https://hl7.org/fhir/R4/http.html#search>): how NHS England's draft of a CP-IS FHIR API asks
//! for plans.

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

/// What can be asked of CareTeams.
pub const CARE_TEAMS: Searchable = Searchable {
    kind: ResourceKind::CareTeam,
    view: View::EachPlan,
    about: About::Child(Subject::Plan),
    parameters: &[
        SearchParameter::child("patient", "subject"),
        SearchParameter::child("subject", "subject"),
        SearchParameter::token("identifier", "identifier"),
        SearchParameter::code("status", "status", terminology::CARE_TEAM_STATUS),
        SearchParameter::token("category", "category"),
        SearchParameter::date("date", "period"),
        SearchParameter::reference(
            "participant",
            "participant.member",
            &[ResourceKind::Organization],
        ),
    ],
};

/// Answers a search for CareTeams.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_care_teams(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&CARE_TEAMS, &service, &request, payload).await
}
