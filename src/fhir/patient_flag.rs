//! The one `Flag` of a child that leads to all plans (<https://hl7.org/fhir/R4/flag.html>): the top
//! of what NHS England's Patient Flags API answers.
//!
//! It is made of the child's plans when it is asked for, and kept nowhere. Its id is made of the
//! child's, and the child's of it: there is one a child.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::resources::Flag;
use fhirbolt::model::r4::types::Period;
use uuid::{Builder, Uuid, Version};

use crate::domain::plan::{Child, Plan};
use crate::fhir::Resource;
use crate::fhir::digest::digest;
use crate::fhir::elements::{child_reference, concept, meta};
use crate::fhir::flag;
use crate::fhir::narrative::paragraphs;
use crate::fhir::plan_elements::{flag_detail, plan_lines};
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{self, CPIS_FLAG, SAFETY, Term};

/// The flag of a child with these plans.
#[must_use]
pub fn patient_flag(child: &Child, plans: &[Plan]) -> Flag {
    let lines: Vec<String> = plans.iter().flat_map(plan_lines).collect();
    let details = plans.iter();
    Flag {
        id: Some(id(child.id).to_string().into()),
        meta: Some(meta(
            profiles::PATIENT_FLAG,
            &version(plans),
            last_updated(plans).unwrap_or_default(),
            &labels(plans),
        )),
        text: Some(paragraphs(&lines)),
        extension: details
            .map(|plan| flag_detail(ResourceKind::CarePlan, plan))
            .collect(),
        status: flag::STATUS.into(),
        category: vec![concept(CPIS_FLAG), concept(SAFETY)],
        code: Box::new(concept(CPIS_FLAG)),
        subject: Box::new(child_reference(child)),
        period: Some(period(plans)),
        ..Default::default()
    }
}

/// The id of the flag of the child with this id. Ids of what is kept are UUIDs of version 7, those
/// of flags of version 8, whose meaning is the maker's (RFC 9562, 5.8): none is another's.
#[must_use]
pub fn id(child: Uuid) -> Uuid {
    of_version(child, Version::Custom)
}

/// The id of the child whose flag has this id; none where it is no such flag's.
#[must_use]
pub fn child_of(id: Uuid) -> Option<Uuid> {
    let is_a_flags = matches!(id.get_version(), Some(Version::Custom));
    is_a_flags.then(|| of_version(id, Version::SortRand))
}

/// Whether a resource is such a flag.
#[must_use]
pub fn is_patient_flag(resource: &Resource) -> bool {
    let Resource::Flag(flag) = resource else {
        return false;
    };
    let id = flag.id.as_ref().and_then(|id| id.value.as_deref());
    id.and_then(|id| Uuid::try_parse(id).ok())
        .is_some_and(|id| child_of(id).is_some())
}

fn of_version(id: Uuid, version: Version) -> Uuid {
    Builder::from_bytes(id.into_bytes())
        .with_version(version)
        .into_uuid()
}

/// `meta.versionId`: another one whenever a plan comes, goes, or is told anew.
fn version(plans: &[Plan]) -> String {
    let names = plans
        .iter()
        .map(|plan| format!("{} {}\n", plan.id, flag::version(plan)));
    digest(&names.collect::<String>())
}

/// When any of what it tells was last told. A plan that leaves takes its own moment along: it may
/// go back, and is no proof that nothing changed since.
fn last_updated(plans: &[Plan]) -> Option<DateTime<Utc>> {
    plans.iter().map(flag::last_updated).max()
}

/// From the first day of the first plan. There is no end: for as long as the flag is answered it is
/// to be displayed, also when every plan is over. Each plan tells its own.
fn period(plans: &[Plan]) -> Box<Period> {
    let first = plans.iter().map(|plan| plan.start).min();
    Box::new(Period {
        start: first.map(|day| day.to_string().into()),
        ..Default::default()
    })
}

/// The labels of all plans, each once.
fn labels(plans: &[Plan]) -> Vec<Term> {
    let mut labels: Vec<Term> = Vec::new();
    for label in plans
        .iter()
        .flat_map(|plan| terminology::plan_labels(plan.kind))
    {
        if !labels.contains(label) {
            labels.push(*label);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::{child_of, id, last_updated, patient_flag};
    use crate::domain::plan::{Plan, PlanKind};
    use crate::fhir::samples::{child, moment, plan};

    fn version(plans: &[Plan]) -> String {
        let flag = patient_flag(&child(), plans);
        flag.meta.unwrap().version_id.unwrap().value.unwrap()
    }

    #[test]
    fn the_flag_runs_from_the_first_plan_on_and_has_no_end_while_it_is_told() {
        let plans = [plan(PlanKind::ChildProtection), plan(PlanKind::LookedAfter)];
        let flag = patient_flag(&child(), &plans);
        let period = flag.period.unwrap();
        assert_eq!(period.start.unwrap().value.as_deref(), Some("2024-09-02"));
        assert!(period.end.is_none());
        assert_eq!(flag.extension.len(), 2);
    }

    #[test]
    fn the_flag_is_as_sensitive_as_the_most_sensitive_of_its_plans() {
        let labels = |plans: &[Plan]| {
            let flag = patient_flag(&child(), plans);
            flag.meta.unwrap().security.len()
        };
        assert_eq!(labels(&[plan(PlanKind::LookedAfter)]), 1);
        assert_eq!(labels(&PlanKind::ALL.map(plan)), 2);
    }

    proptest! {
        #[test]
        fn a_flags_id_leads_to_its_child_and_no_other_id_does(bits: u128, other in any::<u128>()) {
            let child = uuid::Builder::from_u128(bits)
                .with_variant(uuid::Variant::RFC4122)
                .with_version(uuid::Version::SortRand)
                .into_uuid();
            prop_assert_eq!(child_of(id(child)), Some(child));
            prop_assert_eq!(child_of(child), None);
            let other = Uuid::from_u128(other);
            prop_assert!(child_of(other).is_none_or(|child| id(child) == other));
        }
    }

    #[test]
    fn the_flag_was_last_updated_when_any_of_its_plans_or_authorities_was_last_told() {
        let mut plans = vec![plan(PlanKind::ChildProtection), plan(PlanKind::LookedAfter)];
        let later = moment("2026-12-01T12:00:00Z");
        let last = |plans: &[Plan]| last_updated(plans).unwrap();
        plans.first_mut().unwrap().updated_at = later;
        assert_eq!(last(&plans), later);
        let latest = moment("2026-12-02T12:00:00Z");
        plans.last_mut().unwrap().authority.updated_at = latest;
        assert_eq!(last(&plans), latest);
    }

    #[test]
    fn a_plan_that_comes_goes_or_is_told_anew_makes_the_flag_another() {
        let mut plans = vec![plan(PlanKind::ChildProtection), plan(PlanKind::LookedAfter)];
        let both = version(&plans);
        assert_eq!(both, version(&plans));
        plans.first_mut().unwrap().version += 1;
        assert_ne!(both, version(&plans));
        plans.pop();
        assert_ne!(both, version(&plans));
    }
}
