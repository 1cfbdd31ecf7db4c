//! What a notification of a change says: a child's NHS number is in use no longer, or the last day
//! of a plan has come or is another.

use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::EpisodeOfCare;
use fhirbolt::model::r4::types::Reference;

use super::{Said, subject};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::{EndCause, Notification, PlanEnd};
use crate::domain::plan::{EffectiveEnd, PlanPhase};
use crate::fhir::elements::{identifier, logical_reference, reference};
use crate::fhir::episode_of_care::status;
use crate::fhir::plan_elements::{authority_reference, day, kind_concept, period_of};
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{
    INACTIVE_NHS_NUMBER, NHS_NUMBER, PLAN_END_MOVED, PLAN_ENDED, plan_kind,
};

/// The id, in the Communication, of the plan.
const PLAN: &str = "plan";

/// The number that replaced the child's, where one may be told.
pub(super) fn inactive_number(notification: &Notification, replacement: Option<NhsNumber>) -> Said {
    let child = &notification.local_id;
    let sentence = match replacement {
        Some(_) => format!(
            "Another NHS number has replaced that of your child {child}: its plans are found under \
             the new number, and so must be uploaded from now on."
        ),
        None => format!(
            "The NHS number of your child {child} is in use no longer, and none that replaced it \
             may be told: its plans are shown to nobody. Upload nothing more under it."
        ),
    };
    let replacement = replacement.map(|number| {
        let number = identifier(NHS_NUMBER, &number.reveal());
        let name = "The NHS number that replaced the child's";
        logical_reference(ResourceKind::Patient.name(), number, name)
    });
    Said {
        profiles: profiles::CHANGE_NOTIFICATION,
        topic: INACTIVE_NHS_NUMBER,
        priority: "urgent",
        contained: Vec::new(),
        about: replacement.into_iter().collect(),
        sentence,
    }
}

/// The plan with its last day.
pub(super) fn plan_end(notification: &Notification, plan: PlanEnd) -> Said {
    let contained = Reference {
        reference: Some(format!("#{PLAN}").into()),
        r#type: Some(ResourceKind::EpisodeOfCare.name().into()),
        ..Default::default()
    };
    let child = &notification.local_id;
    let what = plan_kind(plan.kind).display;
    let (topic, sentence) = match plan.cause {
        EndCause::Eighteen => (
            PLAN_ENDED,
            format!(
                "Your plan of {} for your child {child} ({what}) ends on {}, the eighteenth \
                 birthday.",
                day(plan.start),
                day(plan.end)
            ),
        ),
        EndCause::BirthDate => (
            PLAN_END_MOVED,
            format!(
                "The date of birth of your child {child} was corrected: your plan of {} ({what}) \
                 now ends on {}.",
                day(plan.start),
                day(plan.end)
            ),
        ),
    };
    Said {
        profiles: profiles::CHANGE_NOTIFICATION,
        topic,
        priority: "routine",
        contained: vec![Resource::EpisodeOfCare(Box::new(episode(
            notification,
            plan,
        )))],
        about: vec![reference(ResourceKind::EpisodeOfCare, plan.plan), contained],
        sentence,
    }
}

/// The plan as it stood when the notification was queued.
fn episode(notification: &Notification, plan: PlanEnd) -> EpisodeOfCare {
    let end = EffectiveEnd {
        day: plan.end,
        computed: plan.cause == EndCause::Eighteen,
    };
    let phase = PlanPhase::of(plan.start, plan.end, notification.queued_at);
    EpisodeOfCare {
        id: Some(PLAN.into()),
        status: status(phase).into(),
        r#type: vec![kind_concept(plan.kind)],
        patient: Box::new(subject(notification)),
        managing_organization: Some(Box::new(authority_reference(&notification.authority))),
        period: Some(period_of(plan.start, end)),
        ..Default::default()
    }
}
