//! Notifications in one file (<https://hl7.org/fhir/R4/bundle.html>), for a transport that carries
//! files.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{Bundle, BundleEntry};
use uuid::Uuid;

use crate::domain::notification::Notification;
use crate::fhir::communication::communication;
use crate::fhir::elements::{identifier, instant};
use crate::fhir::terminology::URI;

/// Notifications that go out together, under an id and at a moment: a collection of
/// `Communication`s.
#[must_use]
pub fn notification_bundle<'a>(
    told: impl Iterator<Item = &'a Notification>,
    base: &str,
    (id, at): (Uuid, DateTime<Utc>),
) -> Bundle {
    let entry = told.map(|told| BundleEntry {
        full_url: Some(format!("{base}/Communication/{}", told.id).into()),
        resource: Some(Resource::Communication(Box::new(communication(told, base)))),
        ..Default::default()
    });
    Bundle {
        identifier: Some(Box::new(identifier(URI, &format!("urn:uuid:{id}")))),
        r#type: "collection".into(),
        timestamp: Some(instant(at).into()),
        entry: entry.collect(),
        ..Default::default()
    }
}
