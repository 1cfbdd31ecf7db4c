//! What the forms of a plan have in common: `Flag`, `EpisodeOfCare`, `CareTeam` and `CarePlan`.

use chrono::{DateTime, NaiveDate, Utc};
use fhirbolt::model::r4::types::{
    CodeableConcept, Extension, ExtensionValue, Identifier, Period, Reference,
};

use crate::domain::calendar::start_of;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{EffectiveEnd, Plan, PlanKind, PlanPhase};
use crate::fhir::elements::{concept, identifier, reference, text};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{self, COMPUTED_END, FLAG_DETAIL, ODS_CODE};

/// What the plan is: its SNOMED CT code and the same in words.
pub fn kind_concept(kind: PlanKind) -> CodeableConcept {
    let term = terminology::plan_kind(kind);
    CodeableConcept {
        text: text(term.display),
        ..concept(term)
    }
}

/// The authority's own identifier for the child.
pub fn local_identifier(plan: &Plan) -> Identifier {
    identifier(
        &terminology::local_child(&plan.authority.code),
        &plan.local_id,
    )
}

/// The plan's first and last day, and whether the service worked the last one out.
pub fn period(plan: &Plan) -> Box<Period> {
    period_of(plan.start, plan.end)
}

/// A plan's first and last day, and whether the service worked the last one out.
pub fn period_of(start: NaiveDate, end: EffectiveEnd) -> Box<Period> {
    let computed = Extension {
        url: COMPUTED_END.to_owned(),
        value: Some(ExtensionValue::Boolean(true.into())),
        ..Default::default()
    };
    Box::new(Period {
        extension: end.computed.then_some(computed).into_iter().collect(),
        start: Some(start.to_string().into()),
        end: Some(end.day.to_string().into()),
        ..Default::default()
    })
}

/// A reference to the authority that a reader can show without following it.
pub fn authority_reference(authority: &LocalAuthority) -> Reference {
    Reference {
        identifier: Some(Box::new(identifier(ODS_CODE, authority.code.as_str()))),
        display: text(&authority_title(authority)),
        ..reference(ResourceKind::Organization, authority.id)
    }
}

/// The authority's name and code, for people.
pub fn authority_title(authority: &LocalAuthority) -> String {
    format!("{} ({})", authority.name, authority.code)
}

/// From a flag to the form of a plan that tells what is flagged.
pub fn flag_detail(kind: ResourceKind, plan: &Plan) -> Extension {
    Extension {
        url: FLAG_DETAIL.to_owned(),
        value: Some(ExtensionValue::Reference(Box::new(reference(
            kind, plan.id,
        )))),
        ..Default::default()
    }
}

/// `meta.versionId` of a form whose status follows the calendar: it tells the plan's telling, the
/// authority's description and the status apart.
pub fn version_in_phase(plan: &Plan, status: &str) -> String {
    format!("{}-{}-{status}", plan.version, plan.authority.version)
}

/// When such a form last changed: when the plan was told, or when it entered its present phase.
pub fn last_updated_in_phase(plan: &Plan, now: DateTime<Utc>) -> DateTime<Utc> {
    let entered_on = match plan.phase(now) {
        PlanPhase::Planned => None,
        PlanPhase::Active => Some(plan.start),
        PlanPhase::Finished => plan.end.day.succ_opt(),
    };
    let told = plan.updated_at.max(plan.authority.updated_at);
    entered_on.map_or(told, |day| told.max(start_of(day)))
}

/// Everything a reader needs who shows nothing but the narrative: above all, whom to telephone.
pub fn plan_lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![
        terminology::plan_kind(plan.kind).display.to_owned(),
        format!(
            "From {} to {}{}",
            day(plan.start),
            day(plan.end.day),
            end_note(plan)
        ),
        authority_title(&plan.authority),
        format!("Emergency duty team: {}", plan.authority.emergency_phone),
    ];
    if let Some(office_phone) = &plan.authority.office_phone {
        lines.push(format!("Office hours: {office_phone}"));
    }
    lines
}

fn end_note(plan: &Plan) -> &'static str {
    match (plan.end.computed, plan.kind) {
        (true, _) => " (18th birthday)",
        (false, PlanKind::UnbornChildProtection) => " (due date)",
        (false, PlanKind::ChildProtection | PlanKind::LookedAfter) => "",
    }
}

/// A day in words.
pub fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
