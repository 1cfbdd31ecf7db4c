//! `GET [base]/CarePlan?…`, `POST [base]/CarePlan/_search` and
//! `GET [base]/Patient/[id]/CarePlan`
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

/// What can be asked of CarePlans.
pub const CARE_PLANS: Searchable = Searchable {
    kind: ResourceKind::CarePlan,
    view: View::EachPlan,
    about: About::Child(Subject::Plan),
    parameters: &[
        SearchParameter::child("patient", "subject"),
        SearchParameter::child("subject", "subject"),
        SearchParameter::token("identifier", "identifier"),
        SearchParameter::code("status", "status", terminology::REQUEST_STATUS),
        SearchParameter::code("intent", "intent", terminology::REQUEST_INTENT),
        SearchParameter::token("category", "category"),
        SearchParameter::date("date", "period"),
        SearchParameter::reference("care-team", "careTeam", &[ResourceKind::CareTeam]),
    ],
};

/// Answers a search for CarePlans.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_care_plans(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&CARE_PLANS, &service, &request, payload).await
}
