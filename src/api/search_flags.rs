//! `GET [base]/Flag?…`, `POST [base]/Flag/_search` and
//! `GET [base]/Patient/[id]/Flag`
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

/// What can be asked of Flags.
pub const FLAGS: Searchable = Searchable {
    kind: ResourceKind::Flag,
    child: &[
        ("patient", Naming::Reference),
        ("subject", Naming::Reference),
    ],
    by_id: Subject::Plan,
    parameters: &[
        ("identifier", ParameterKind::Token),
        ("date", ParameterKind::Date),
        ("author", ParameterKind::Reference),
        ("status", ParameterKind::Token),
        ("category", ParameterKind::Token),
        ("code", ParameterKind::Token),
        ("_security", ParameterKind::Token),
    ],
    includes: &["Flag:patient", "Flag:subject", "Flag:author"],
    reverse_includes: &[],
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
