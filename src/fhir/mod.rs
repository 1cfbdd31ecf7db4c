//! What the service knows, as FHIR R4 (<https://hl7.org/fhir/R4/>): pure functions, one file a
//! resource. Only this folder knows how FHIR is modelled and written.

pub mod audit_event;
pub mod batch;
pub mod bundle;
pub mod care_plan;
pub mod care_team;
pub mod communication;
pub mod date_time;
pub mod definitions;
mod digest;
mod elements;
pub mod episode_of_care;
pub mod facets;
pub mod flag;
pub mod history;
pub mod json;
pub mod model;
mod narrative;
pub mod notification_bundle;
pub mod operation_outcome;
pub mod organization;
pub mod parameters;
pub mod patient;
pub mod patient_flag;
mod plan_elements;
pub mod practitioner_role;
pub mod profiles;
pub mod reading;
pub mod resource_kind;
pub mod subscription;
pub mod subscription_notification;
pub mod subset;
pub mod terminology;
pub mod upload_record;
pub mod validation;
pub mod write_response;
pub mod xml;

use chrono::{DateTime, Utc};
pub use fhirbolt::model::r4::Resource;

/// `meta.versionId`.
#[must_use]
pub fn version(resource: &Resource) -> Option<String> {
    resource.meta()?.version_id.as_ref()?.value.clone()
}

/// `meta.lastUpdated`.
#[must_use]
pub fn last_modified(resource: &Resource) -> Option<DateTime<Utc>> {
    resource
        .meta()?
        .last_updated
        .as_ref()?
        .value
        .as_ref()?
        .parse()
        .ok()
}

#[cfg(test)]
mod examples;
#[cfg(test)]
pub(crate) mod samples;
