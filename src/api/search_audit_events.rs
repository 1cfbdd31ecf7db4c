//! `GET [base]/AuditEvent?…`, `POST [base]/AuditEvent/_search` and
//! `GET [base]/Patient/[id]/AuditEvent`, also by POST of `…/_search`
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

/// What can be asked of AuditEvents.
pub const AUDIT_EVENTS: Searchable = Searchable {
    kind: ResourceKind::AuditEvent,
    view: View::EachPlan,
    about: About::Child(Subject::Access),
    parameters: &[
        SearchParameter::child("patient", "agent.who | entity.what"),
        SearchParameter::reference("entity", "entity.what", &[]).naming_the_child(),
        SearchParameter::token("entity-type", "entity.type"),
        SearchParameter::token("entity-role", "entity.role"),
        SearchParameter::date("date", "recorded"),
        SearchParameter::token("type", "type"),
        SearchParameter::token("subtype", "subtype"),
        SearchParameter::code("action", "action", terminology::AUDIT_ACTION),
        SearchParameter::code("outcome", "outcome", terminology::AUDIT_OUTCOME),
        SearchParameter::reference("agent", "agent.who", &[]),
        SearchParameter::text("agent-name", "agent.name"),
        SearchParameter::token("agent-role", "agent.role"),
        SearchParameter::token("altid", "agent.altId"),
        SearchParameter::text("address", "agent.network.address"),
        SearchParameter::reference("source", "source.observer", &[]),
    ],
};

/// Answers a search for AuditEvents.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_audit_events(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&AUDIT_EVENTS, &service, &request, payload).await
}
