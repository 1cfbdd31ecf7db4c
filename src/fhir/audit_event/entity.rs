//! What an access was to: the child, what was asked, and the request's id.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fhirbolt::model::r4::resources::AuditEventEntity;
use fhirbolt::model::r4::types::Reference;

use crate::domain::access::Access;
use crate::domain::plan::Child;
use crate::fhir::audit_event::action;
use crate::fhir::elements::{child_reference, coding, identifier, reference, text};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{
    PATIENT_ROLE, PERSON, QUERY_ROLE, REQUEST, REQUEST_ID, RESOURCE_ROLE, SYSTEM_OBJECT, Term,
};

/// The child.
pub fn child_entity(child: &Child) -> AuditEventEntity {
    AuditEventEntity {
        what: Some(Box::new(child_reference(child))),
        ..entity(PERSON, Some(PATIENT_ROLE))
    }
}

/// The child, as an authority is told of it.
pub fn told_child_entity(child: Reference) -> AuditEventEntity {
    AuditEventEntity {
        what: Some(Box::new(child)),
        ..entity(PERSON, Some(PATIENT_ROLE))
    }
}

/// What was asked: a query exactly as written, or the resource that was read. The history of a kind
/// is read too, and only its query says whose.
pub fn request_entity(access: &Access) -> AuditEventEntity {
    let query = access
        .interaction
        .is_query()
        .then(|| STANDARD.encode(&access.asked).into());
    let (what, role) = match action(access.interaction) {
        "E" => (None, QUERY_ROLE),
        _ => (Some(Box::new(resource_read(&access.asked))), RESOURCE_ROLE),
    };
    AuditEventEntity {
        what,
        query,
        ..entity(SYSTEM_OBJECT, Some(role))
    }
}

/// The resource, and its version where one was asked for: the path without what followed it, which
/// may name a child.
fn resource_read(asked: &str) -> Reference {
    let path = asked.split(['?', '#']).next().unwrap_or_default();
    let version = path.split_once("/_history/").map(|(_, version)| version);
    match (ResourceKind::asked_for(path), version) {
        (Some((kind, id)), None) => reference(kind, id),
        (Some((kind, id)), Some(version)) => Reference {
            reference: Some(format!("{}/{id}/_history/{version}", kind.name()).into()),
            ..reference(kind, id)
        },
        (None, _) => Reference {
            display: text(path),
            ..Default::default()
        },
    }
}

/// The request, by its id.
pub fn request_id_entity(access: &Access) -> AuditEventEntity {
    let request = Reference {
        identifier: Some(Box::new(identifier(
            REQUEST,
            &access.request_id.to_string(),
        ))),
        ..Default::default()
    };
    AuditEventEntity {
        what: Some(Box::new(request)),
        ..entity(REQUEST_ID, None)
    }
}

fn entity(kind: Term, role: Option<Term>) -> AuditEventEntity {
    AuditEventEntity {
        r#type: Some(Box::new(coding(kind))),
        role: role.map(|role| Box::new(coding(role))),
        ..Default::default()
    }
}
