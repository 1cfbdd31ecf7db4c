//! Writes a record as the resource that would say it: what was taken in of what was sent, and
//! nothing that was held before.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{EpisodeOfCare, EpisodeOfCareStatusHistory, Patient};
use fhirbolt::model::r4::types::{HumanName, Period, Reference};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::plan::{EffectiveEnd, PlanPhase};
use crate::domain::plan_write::PlanVersion;
use crate::domain::upload::{PlanRecord, UploadRecord};
use crate::fhir::elements::{identifier, meta, text};
use crate::fhir::episode_of_care::{status, version_of};
use crate::fhir::plan_elements::kind_concept;
use crate::fhir::profiles;
use crate::fhir::terminology::{ENTERED_IN_ERROR, NHS_NUMBER, ODS_CODE, local_child, plan_labels};

/// What the contained patient is called within the resource.
const CHILD: &str = "child";

/// As what a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The plan's id.
    pub id: Uuid,
    /// Its version.
    pub version: PlanVersion,
    /// When it was last told.
    pub updated_at: DateTime<Utc>,
}

/// The record as a resource; with an id and a version once it is kept. Its status is that of a
/// moment.
#[must_use]
pub fn episode_of_care(
    record: &UploadRecord,
    authority: &OdsCode,
    now: DateTime<Utc>,
    kept: Option<Kept>,
) -> EpisodeOfCare {
    let plan = &record.plan;
    let labels = plan_labels(plan.kind);
    EpisodeOfCare {
        id: kept.map(|kept| kept.id.to_string().into()),
        meta: kept.map(|kept| {
            let version = version_of(kept.version);
            meta(profiles::PLAN_UPLOAD, &version, kept.updated_at, labels)
        }),
        contained: vec![Resource::Patient(Box::new(child(record)))],
        identifier: vec![identifier(&local_child(authority), &plan.local_id)],
        status: match plan.deleted_on {
            Some(_) => ENTERED_IN_ERROR.into(),
            None => status(phase(plan, now)).into(),
        },
        status_history: withdrawal(plan).into_iter().collect(),
        r#type: vec![kind_concept(plan.kind)],
        patient: Box::new(Reference {
            reference: Some(format!("#{CHILD}").into()),
            ..Default::default()
        }),
        managing_organization: Some(Box::new(Reference {
            identifier: Some(Box::new(identifier(ODS_CODE, authority.as_str()))),
            ..Default::default()
        })),
        period: Some(Box::new(Period {
            start: Some(plan.start.to_string().into()),
            end: plan.sent_end.map(|end| end.to_string().into()),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn child(record: &UploadRecord) -> Patient {
    let name = HumanName {
        family: text(&record.name.family),
        given: record.name.given.split(' ').filter_map(text).collect(),
        ..Default::default()
    };
    Patient {
        id: Some(CHILD.into()),
        identifier: vec![identifier(NHS_NUMBER, &record.plan.nhs_number.reveal())],
        name: vec![name],
        birth_date: Some(record.plan.birth_date.to_string().into()),
        ..Default::default()
    }
}

fn withdrawal(plan: &PlanRecord) -> Option<EpisodeOfCareStatusHistory> {
    let day = plan.deleted_on?;
    Some(EpisodeOfCareStatusHistory {
        status: ENTERED_IN_ERROR.into(),
        period: Box::new(Period {
            start: Some(day.to_string().into()),
            ..Default::default()
        }),
        ..Default::default()
    })
}

/// The phase by the end that counts. A finished plan must say its end, so that one whose end only
/// follows from the date of birth is told as active.
fn phase(plan: &PlanRecord, now: DateTime<Utc>) -> PlanPhase {
    let end = EffectiveEnd::of(plan.kind, plan.birth_date, plan.sent_end);
    match PlanPhase::of(plan.start, end.day, now) {
        PlanPhase::Finished if plan.sent_end.is_none() => PlanPhase::Active,
        phase => phase,
    }
}
