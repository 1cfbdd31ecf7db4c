//! What a notification of an access says: who looked, in which role, where and when.

use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::PractitionerRole;
use fhirbolt::model::r4::types::Reference;

use super::Said;
use crate::domain::access::Access;
use crate::domain::calendar::in_london;
use crate::domain::notification::Notification;
use crate::fhir::elements::{reference, text};
use crate::fhir::practitioner_role::practitioner_role;
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::ACCESS_TO_SERVICE;

/// The id, in the Communication, of who looked.
const VIEWER: &str = "viewer";

/// The look, and who looked: by name, SDS ids, job role and organisation.
pub(super) fn said(notification: &Notification, access: &Access) -> Said {
    let viewer = Reference {
        reference: Some(format!("#{VIEWER}").into()),
        r#type: Some(ResourceKind::PractitionerRole.name().into()),
        display: text(&access.viewer.practitioner.name),
        ..Default::default()
    };
    Said {
        profiles: profiles::ACCESS_NOTIFICATION,
        topic: ACCESS_TO_SERVICE,
        priority: "urgent",
        contained: vec![Resource::PractitionerRole(Box::new(PractitionerRole {
            id: Some(VIEWER.into()),
            // A contained resource has no version and no labels of its own (dom-4, dom-5).
            meta: None,
            ..practitioner_role(access)
        }))],
        about: vec![reference(ResourceKind::AuditEvent, access.id), viewer],
        sentence: sentence(notification, access),
    }
}

fn sentence(notification: &Notification, access: &Access) -> String {
    let viewer = &access.viewer;
    format!(
        "{} ({}) of {} ({}) looked at the plan of your child {} in unscheduled care on {}.",
        viewer.practitioner.name,
        viewer.practitioner.job_role_name,
        viewer.organisation_name,
        viewer.organisation,
        notification.local_id,
        in_london(access.at).format("%-d %B %Y at %H:%M"),
    )
}
