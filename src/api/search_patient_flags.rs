//! `GET [base]/PatientFlag?patient=…` and `POST [base]/PatientFlag/_search`: the child's one Flag,
//! and with `code` what it leads to, as NHS England's Patient Flags API asks
//! (<https://digital.nhs.uk/restapi/oas/patient-flags-api>). `PatientFlag` is only the name
//! of the endpoint: what is found is a Flag, read at `GET [base]/Flag/[id]`.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::error::Refusal;
use crate::api::search::run;
use crate::api::search::search_parameter::SearchParameter;
use crate::api::search::searchable::{About, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::domain::access::Subject;
use crate::fhir::patient_flag::child_of;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology;

/// What can be asked of it. `code` is the category of NHS England's flags: any but this service's
/// finds nothing. `detail` is a parameter of NHS England's too, there to be included by.
pub const PATIENT_FLAGS: Searchable = Searchable {
    kind: ResourceKind::Flag,
    view: View::PatientFlag,
    about: About::Child(whose),
    parameters: &[
        SearchParameter::child("patient", "subject"),
        SearchParameter::child("subject", "subject"),
        SearchParameter::code("status", "status", terminology::FLAG_STATUS),
        SearchParameter::token("category", "category"),
        SearchParameter::token("code", "code"),
        SearchParameter::date("date", "period"),
        SearchParameter::reference(
            "detail",
            "extension.valueReference",
            &[ResourceKind::CarePlan],
        ),
    ],
};

/// The child whose flag has this id; nobody where it is no such flag's.
fn whose(id: Uuid) -> Subject {
    Subject::Patient(child_of(id).unwrap_or_default())
}

/// Answers a search for the child's flag.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_patient_flags(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    run::over_http(&PATIENT_FLAGS, &service, &request, payload).await
}
