//! A plan as a `CareTeam`: who answers for it, and by which numbers
//! (<https://hl7.org/fhir/R4/careteam.html>), as NHS England's draft of a CP-IS FHIR API asks for
//! plans.
//!
//! FHIR has no `use` for a number that is answered at night; the draft's is `mobile`.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::resources::{CareTeam, CareTeamParticipant};
use fhirbolt::model::r4::types::{CodeableConcept, ContactPoint};

use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{Plan, PlanPhase};
use crate::fhir::elements::{child_reference, meta, text};
use crate::fhir::narrative::paragraphs;
use crate::fhir::organization::{office, phone};
use crate::fhir::plan_elements::{
    authority_reference, authority_title, kind_concept, last_updated_in_phase, local_identifier,
    period, plan_lines, version_in_phase,
};
use crate::fhir::profiles;
use crate::fhir::terminology;

/// The plan as a care team, as it stands at a moment.
#[must_use]
pub fn care_team(plan: &Plan, now: DateTime<Utc>) -> CareTeam {
    let status = status(plan.phase(now));
    CareTeam {
        id: Some(plan.id.to_string().into()),
        meta: Some(meta(
            profiles::PLAN_CARE_TEAM,
            &version_in_phase(plan, status),
            last_updated_in_phase(plan, now),
            terminology::plan_labels(plan.kind),
        )),
        text: Some(paragraphs(&plan_lines(plan))),
        identifier: vec![local_identifier(plan)],
        status: Some(status.into()),
        category: vec![kind_concept(plan.kind)],
        name: text(&authority_title(&plan.authority)),
        subject: Some(Box::new(child_reference(&plan.child))),
        period: Some(period(plan)),
        participant: vec![participant(&plan.authority)],
        managing_organization: vec![authority_reference(&plan.authority)],
        telecom: telecom(&plan.authority),
        ..Default::default()
    }
}

/// `CareTeam.status` of a plan in a phase.
fn status(phase: PlanPhase) -> &'static str {
    match phase {
        PlanPhase::Planned => "proposed",
        PlanPhase::Active => "active",
        PlanPhase::Finished => "inactive",
    }
}

/// The authority is all of the team that is known.
fn participant(authority: &LocalAuthority) -> CareTeamParticipant {
    let role = CodeableConcept {
        text: text("Responsible local authority"),
        ..Default::default()
    };
    CareTeamParticipant {
        role: vec![role],
        member: Some(Box::new(authority_reference(authority))),
        ..Default::default()
    }
}

fn telecom(authority: &LocalAuthority) -> Vec<ContactPoint> {
    let emergency = ContactPoint {
        r#use: Some("mobile".into()),
        ..phone(&authority.emergency_phone)
    };
    let office_hours = authority.office_phone.iter().map(office);
    office_hours.chain([emergency]).collect()
}

#[cfg(test)]
mod tests {
    use super::care_team;
    use crate::domain::plan::PlanKind;
    use crate::fhir::samples::{moment, plan};

    #[test]
    fn a_team_has_the_number_answered_at_night_whether_or_not_it_has_an_office() {
        let mut plan = plan(PlanKind::ChildProtection);
        for (uses, has_office) in [(vec!["work", "mobile"], true), (vec!["mobile"], false)] {
            if !has_office {
                plan.authority.office_phone = None;
            }
            let team = care_team(&plan, plan.updated_at);
            let told: Vec<Option<String>> = team
                .telecom
                .into_iter()
                .map(|number| number.r#use.and_then(|code| code.value))
                .collect();
            let uses: Vec<Option<String>> =
                uses.into_iter().map(|code| Some(code.into())).collect();
            assert_eq!(told, uses);
        }
    }

    #[test]
    fn a_team_is_proposed_before_its_plan_begins_and_inactive_after_its_end() {
        let plan = plan(PlanKind::UnbornChildProtection);
        for (now, status) in [
            ("2026-10-04T12:00:00Z", "proposed"),
            ("2026-10-05T12:00:00Z", "active"),
            ("2027-02-15T12:00:00Z", "inactive"),
        ] {
            let team = care_team(&plan, moment(now));
            let told = team.status.and_then(|code| code.value);
            assert_eq!(told.as_deref(), Some(status), "{now}");
            let version = team.meta.and_then(|meta| meta.version_id?.value);
            assert_eq!(version, Some(format!("1-1-{status}")), "{now}");
        }
    }
}
