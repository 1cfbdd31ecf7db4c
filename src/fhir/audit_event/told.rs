//! An access as an `AuditEvent` in an authority's own view: who looked, when, in which care
//! setting, at which of its children. What was asked is not told, because it may name another
//! authority.

use fhirbolt::model::r4::resources::AuditEvent;
use fhirbolt::model::r4::types::{Identifier, Reference};

use crate::domain::child_access::ChildAccess;
use crate::domain::ods_code::OdsCode;
use crate::fhir::audit_event::entity::{request_id_entity, told_child_entity};
use crate::fhir::audit_event::event;
use crate::fhir::elements::identifier;
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{NHS_NUMBER, local_child};

/// The access as this authority is told of it, recorded by the server at this base URL.
#[must_use]
pub fn told_audit_event(told: &ChildAccess, authority: &OdsCode, server: &str) -> AuditEvent {
    let access = &told.access;
    let number = identifier(NHS_NUMBER, &access.nhs_number.reveal());
    let own = told
        .local_ids
        .iter()
        .map(|id| identifier(&local_child(authority), id));
    let children = std::iter::once(number).chain(own);
    let mut entity: Vec<_> = children.map(child).map(told_child_entity).collect();
    entity.push(request_id_entity(access));
    event((access, server), profiles::TOLD_ACCESS, entity)
}

/// The child, by one of its identifiers.
fn child(identifier: Identifier) -> Reference {
    Reference {
        r#type: Some(ResourceKind::Patient.name().into()),
        identifier: Some(Box::new(identifier)),
        ..Default::default()
    }
}
