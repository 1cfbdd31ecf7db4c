//! The walk of every read of one resource: disclose what its child's look may see, and answer with
//! the resource if it is among that (<https://hl7.org/fhir/R4/http.html#read>).

use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::part;
use crate::api::read_organization::authority;
use crate::api::search::child_criterion;
use crate::api::search::run::see;
use crate::api::service::Service;
use crate::api::withdrawn_plan::asked_of_one;
use crate::disclosure::AskedLook;
use crate::domain::access::{Interaction, ShownHistory, Subject};
use crate::fhir::patient_flag;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::{Resource, last_modified, version};

/// Answers a read that came over HTTP.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn over_http(
    kind: ResourceKind,
    service: &Service,
    request: &HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let asking = asked_of_one(service, request).await?;
    let id = request.match_info().get("id").unwrap_or_default();
    let part = part::of_one(request.query_string())?;
    let mut answer = read(kind, service, &asking, id).await?;
    answer.subset = part;
    answer.response_to(request, asking.form)
}

/// Reads one resource.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn read(
    kind: ResourceKind,
    service: &Service,
    asking: &Asking,
    id: &str,
) -> Result<Answer, Refusal> {
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let now = service.clock.now();
    let asked = format!("{}/{id}", kind.name());
    // An authority is no child's: it is read without a look.
    let Some(subject) = subject(kind, id) else {
        return authority(service, id).await;
    };
    let look = asking.look(now, subject, Interaction::Read, asked);
    Ok(answer(found(kind, service, look, id).await?))
}

/// The child that a resource's id names; none where the resource is no child's.
#[must_use]
pub fn subject(kind: ResourceKind, id: Uuid) -> Option<Subject> {
    match kind {
        ResourceKind::Flag => Some(match patient_flag::child_of(id) {
            Some(child) => Subject::Patient(child),
            None => Subject::Plan(id),
        }),
        ResourceKind::EpisodeOfCare | ResourceKind::CareTeam | ResourceKind::CarePlan => {
            Some(Subject::Plan(id))
        }
        ResourceKind::Patient => Some(Subject::Patient(id)),
        ResourceKind::AuditEvent | ResourceKind::PractitionerRole => Some(Subject::Access(id)),
        ResourceKind::Organization => None,
    }
}

/// The resource of this id among what a look may see.
///
/// # Errors
/// [`Refusal`] when it is not there, or nothing can be disclosed.
pub async fn found(
    kind: ResourceKind,
    service: &Service,
    asked: AskedLook,
    id: Uuid,
) -> Result<Resource, Refusal> {
    let shown = ShownHistory::BeforePresentLook(service.history);
    let reads_history = matches!(asked.look.subject, Subject::Access(_));
    let seen = see(service, asked, reads_history.then_some(shown))
        .await?
        .ok_or(Refusal::NotFound)?;
    let now = seen.disclosure.access.at;
    let mut findings = seen.findings().into_iter().chain(seen.patient_flag());
    let found = findings
        .find(|finding| finding.kind() == kind && finding.id() == id)
        .ok_or(Refusal::NotFound)?;
    Ok(found.resource(now, &service.base))
}

/// One resource, with its version and the moment it last changed. Of a child's one flag only the
/// version tells whether a caller holds it: a plan that left it is told by no moment.
#[must_use]
pub fn answer(resource: Resource) -> Answer {
    let has_moment = !patient_flag::is_patient_flag(&resource);
    Answer {
        version: version(&resource),
        last_modified: last_modified(&resource).filter(|_| has_moment),
        subset: None,
        resource,
    }
}
