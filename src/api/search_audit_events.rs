//! `GET [base]/AuditEvent?…`, `POST [base]/AuditEvent/_search` and
//! `GET [base]/Patient/[id]/AuditEvent`
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

/// What can be asked of AuditEvents.
pub const AUDIT_EVENTS: Searchable = Searchable {
    kind: ResourceKind::AuditEvent,
    child: &[
        ("patient", Naming::Reference),
        ("entity", Naming::Reference),
    ],
    by_id: Subject::Access,
    parameters: &[
        ("date", ParameterKind::Date),
        ("type", ParameterKind::Token),
        ("subtype", ParameterKind::Token),
        ("action", ParameterKind::Token),
        ("outcome", ParameterKind::Token),
        ("agent", ParameterKind::Reference),
        ("agent-role", ParameterKind::Token),
        ("altid", ParameterKind::Token),
        ("_security", ParameterKind::Token),
    ],
    includes: &["AuditEvent:patient", "AuditEvent:entity"],
    reverse_includes: &[],
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
