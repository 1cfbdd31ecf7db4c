//! A plan as an `EpisodeOfCare`: the period under the authority
//! (<https://hl7.org/fhir/R4/episodeofcare.html>).
//!
//! Its status follows the calendar, so its version and its last update do too.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::resources::EpisodeOfCare;

use crate::domain::held_plan::HeldPlan;
use crate::domain::plan::{Plan, PlanPhase};
use crate::domain::plan_write::PlanVersion;
use crate::fhir::elements::{child_reference, meta};
use crate::fhir::plan_elements::{
    authority_reference, kind_concept, last_updated_in_phase, local_identifier, period,
    version_in_phase,
};
use crate::fhir::profiles;
use crate::fhir::terminology;

/// The plan as an episode of care, as it stands at a moment.
#[must_use]
pub fn episode_of_care(plan: &Plan, now: DateTime<Utc>) -> EpisodeOfCare {
    EpisodeOfCare {
        id: Some(plan.id.to_string().into()),
        meta: Some(meta(
            profiles::PLAN_EPISODE_OF_CARE,
            &version(plan, now),
            last_updated_in_phase(plan, now),
            terminology::plan_labels(plan.kind),
        )),
        identifier: vec![local_identifier(plan)],
        status: status(plan.phase(now)).into(),
        r#type: vec![kind_concept(plan.kind)],
        patient: Box::new(child_reference(&plan.child)),
        managing_organization: Some(Box::new(authority_reference(&plan.authority))),
        period: Some(period(plan)),
        ..Default::default()
    }
}

/// A plan that is held for its authority, to that authority: one that it withdrew says so, and has
/// no phase.
#[must_use]
pub fn held_episode_of_care(held: &HeldPlan, now: DateTime<Utc>) -> EpisodeOfCare {
    let plan = &held.plan;
    let episode = episode_of_care(plan, now);
    if held.deleted_on.is_none() {
        return episode;
    }
    EpisodeOfCare {
        meta: Some(meta(
            profiles::PLAN_EPISODE_OF_CARE,
            &version_in_phase(plan, WITHDRAWN),
            plan.updated_at.max(plan.authority.updated_at),
            terminology::plan_labels(plan.kind),
        )),
        status: WITHDRAWN.into(),
        ..episode
    }
}

/// `EpisodeOfCare.status` of a plan that was withdrawn.
const WITHDRAWN: &str = "entered-in-error";

/// `meta.versionId`: beside the plan's telling and the authority's description it names the phase,
/// which follows the calendar.
#[must_use]
pub fn version(plan: &Plan, now: DateTime<Utc>) -> String {
    version_in_phase(plan, status(plan.phase(now)))
}

/// `meta.versionId` of such a version.
#[must_use]
pub fn version_of(version: PlanVersion) -> String {
    let PlanVersion {
        told,
        described,
        phase,
    } = version;
    format!("{told}-{described}-{}", status(phase))
}

/// The version of a `meta.versionId`; none where it is no version's.
#[must_use]
pub fn parse_version(text: &str) -> Option<PlanVersion> {
    let mut parts = text.splitn(3, '-');
    let (told, described, named) = (parts.next()?, parts.next()?, parts.next()?);
    let version = PlanVersion {
        told: told.parse().ok()?,
        described: described.parse().ok()?,
        phase: PlanPhase::ALL
            .into_iter()
            .find(|phase| status(*phase) == named)?,
    };
    // Written in one way only: `01` is no version's.
    (version_of(version) == text).then_some(version)
}

/// `EpisodeOfCare.status` of a plan in a phase.
#[must_use]
pub fn status(phase: PlanPhase) -> &'static str {
    match phase {
        PlanPhase::Planned => "planned",
        PlanPhase::Active => "active",
        PlanPhase::Finished => "finished",
    }
}

#[cfg(test)]
mod tests {
    use super::{episode_of_care, parse_version, version, version_of};
    use crate::domain::plan::PlanKind;
    use crate::fhir::plan_elements::last_updated_in_phase;
    use crate::fhir::samples::{moment, plan};

    #[test]
    fn an_episode_changes_at_london_midnight_with_nobody_telling_it_to() {
        let mut plan = plan(PlanKind::ChildProtection);
        plan.start = "2026-06-01".parse().unwrap_or_default();
        plan.end.day = "2026-08-31".parse().unwrap_or_default();
        plan.updated_at = moment("2026-05-01T10:00:00Z");
        for (now, version, updated) in [
            (
                "2026-05-31T22:59:59.999Z",
                "1-1-planned",
                "2026-05-01T10:00:00Z",
            ),
            ("2026-05-31T23:00:00Z", "1-1-active", "2026-05-31T23:00:00Z"),
            (
                "2026-08-31T22:59:59.999Z",
                "1-1-active",
                "2026-05-31T23:00:00Z",
            ),
            (
                "2026-08-31T23:00:00Z",
                "1-1-finished",
                "2026-08-31T23:00:00Z",
            ),
        ] {
            let meta = episode_of_care(&plan, moment(now)).meta.unwrap_or_default();
            let said = meta.version_id.and_then(|id| id.value);
            assert_eq!(said.as_deref(), Some(version), "{now}");
            assert_eq!(
                last_updated_in_phase(&plan, moment(now)),
                moment(updated),
                "{now}"
            );
        }
    }

    #[test]
    fn a_version_reads_back_and_nothing_else_is_one() {
        let plan = plan(PlanKind::ChildProtection);
        let name = version(&plan, plan.updated_at);
        assert_eq!(parse_version(&name).map(version_of), Some(name));
        for other in [
            "",
            "1",
            "1-1",
            "1-1-ended",
            "01-1-active",
            "+1-1-active",
            "1-1-active-",
        ] {
            assert_eq!(parse_version(other), None, "{other}");
        }
    }

    #[test]
    fn a_plan_told_after_it_began_was_last_updated_when_it_was_told() {
        let plan = plan(PlanKind::LookedAfter);
        assert!(plan.start < plan.updated_at.date_naive());
        assert_eq!(
            last_updated_in_phase(&plan, plan.updated_at),
            plan.updated_at
        );
    }
}
