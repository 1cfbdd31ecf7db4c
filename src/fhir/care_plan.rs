//! A plan as a `CarePlan` (<https://hl7.org/fhir/R4/careplan.html>), as NHS England's Patient Flags
//! API tells it: what it is, from when until when, and the `CareTeam` that answers for it. What the
//! authority means to do is never told: CP-IS does not know it.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::resources::CarePlan;
use fhirbolt::model::r4::types::Reference;

use crate::domain::plan::{Plan, PlanPhase};
use crate::fhir::elements::{child_reference, meta, reference, text};
use crate::fhir::narrative::paragraphs;
use crate::fhir::plan_elements::{
    authority_reference, authority_title, kind_concept, last_updated_in_phase, local_identifier,
    period, plan_lines, version_in_phase,
};
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology;

/// `CarePlan.intent`: an authority that told a plan has decided on it.
const INTENT: &str = "plan";

/// The plan as a plan of care, as it stands at a moment.
#[must_use]
pub fn care_plan(plan: &Plan, now: DateTime<Utc>) -> CarePlan {
    let status = status(plan.phase(now));
    CarePlan {
        id: Some(plan.id.to_string().into()),
        meta: Some(meta(
            profiles::PLAN_CARE_PLAN,
            &version_in_phase(plan, status),
            last_updated_in_phase(plan, now),
            terminology::plan_labels(plan.kind),
        )),
        text: Some(paragraphs(&plan_lines(plan))),
        identifier: vec![local_identifier(plan)],
        status: status.into(),
        intent: INTENT.into(),
        category: vec![kind_concept(plan.kind)],
        subject: Box::new(child_reference(&plan.child)),
        period: Some(period(plan)),
        author: Some(Box::new(authority_reference(&plan.authority))),
        care_team: vec![team(plan)],
        ..Default::default()
    }
}

/// `CarePlan.status` of a plan in a phase.
fn status(phase: PlanPhase) -> &'static str {
    match phase {
        PlanPhase::Planned => "draft",
        PlanPhase::Active => "active",
        PlanPhase::Finished => "completed",
    }
}

/// The plan's team has the plan's id.
fn team(plan: &Plan) -> Reference {
    Reference {
        display: text(&authority_title(&plan.authority)),
        ..reference(ResourceKind::CareTeam, plan.id)
    }
}

#[cfg(test)]
mod tests {
    use super::care_plan;
    use crate::domain::plan::PlanKind;
    use crate::fhir::samples::{moment, plan};

    #[test]
    fn a_plan_of_care_is_a_draft_before_it_begins_and_completed_after_its_end() {
        let plan = plan(PlanKind::UnbornChildProtection);
        for (now, status) in [
            ("2026-10-04T12:00:00Z", "draft"),
            ("2026-10-05T12:00:00Z", "active"),
            ("2027-02-15T12:00:00Z", "completed"),
        ] {
            let told = care_plan(&plan, moment(now));
            assert_eq!(told.status.value.as_deref(), Some(status), "{now}");
        }
    }

    #[test]
    fn what_is_to_be_done_for_the_child_is_never_told() {
        let plan = plan(PlanKind::ChildProtection);
        let told = care_plan(&plan, plan.updated_at);
        assert!(told.activity.is_empty() && told.goal.is_empty() && told.addresses.is_empty());
        assert!(told.title.is_none() && told.description.is_none() && told.note.is_empty());
    }
}
