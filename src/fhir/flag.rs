//! A plan as a `Flag`: the warning an EPR displays (<https://hl7.org/fhir/R4/flag.html>).
//!
//! `Flag.period.end` is always sent, although R4 says it "should" be absent while the flag is
//! active: CP-IS always shows an end.

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::resources::Flag;

use crate::domain::plan::Plan;
use crate::fhir::elements::{child_reference, concept, meta};
use crate::fhir::narrative::paragraphs;
use crate::fhir::plan_elements::{
    authority_reference, flag_detail, kind_concept, local_identifier, period, plan_lines,
};
use crate::fhir::profiles;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{self, CPIS_FLAG, SAFETY};

/// `Flag.status`: a plan that is shown at all is to be displayed.
pub const STATUS: &str = "active";

/// The plan as a flag: exactly what CP-IS discloses of it, and nothing else.
#[must_use]
pub fn flag(plan: &Plan) -> Flag {
    Flag {
        id: Some(plan.id.to_string().into()),
        meta: Some(meta(
            profiles::PLAN_FLAG,
            &version(plan),
            last_updated(plan),
            terminology::plan_labels(plan.kind),
        )),
        text: Some(paragraphs(&plan_lines(plan))),
        extension: vec![flag_detail(ResourceKind::EpisodeOfCare, plan)],
        identifier: vec![local_identifier(plan)],
        status: STATUS.into(),
        category: vec![concept(CPIS_FLAG), concept(SAFETY)],
        code: Box::new(kind_concept(plan.kind)),
        subject: Box::new(child_reference(&plan.child)),
        period: Some(period(plan)),
        author: Some(Box::new(authority_reference(&plan.authority))),
        ..Default::default()
    }
}

/// `meta.versionId`: it tells the plan's telling and the authority's description apart, for a new
/// telephone number is a new Flag, though the plan is the same.
#[must_use]
pub fn version(plan: &Plan) -> String {
    format!("{}-{}", plan.version, plan.authority.version)
}

/// When the flag last changed: it tells of the plan, and whom to telephone.
#[must_use]
pub fn last_updated(plan: &Plan) -> DateTime<Utc> {
    plan.updated_at.max(plan.authority.updated_at)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::flag;
    use crate::domain::plan::{Plan, PlanKind};
    use crate::fhir::samples;

    /// Every element a flag may have, at any depth: what CP-IS discloses, and how to find it.
    const ALLOWED: [&str; 36] = [
        "resourceType",
        "id",
        "meta.versionId",
        "meta.lastUpdated",
        "meta.profile",
        "meta.security.system",
        "meta.security.code",
        "meta.security.display",
        "text.status",
        "text.div",
        "extension.url",
        "extension.valueReference.reference",
        "extension.valueReference.type",
        "identifier.system",
        "identifier.value",
        "status",
        "category.coding.system",
        "category.coding.code",
        "category.coding.display",
        "code.coding.system",
        "code.coding.code",
        "code.coding.display",
        "code.text",
        "subject.reference",
        "subject.type",
        "subject.identifier.system",
        "subject.identifier.value",
        "period.extension.url",
        "period.extension.valueBoolean",
        "period.start",
        "period.end",
        "author.reference",
        "author.type",
        "author.identifier.system",
        "author.identifier.value",
        "author.display",
    ];

    fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let path = format!("{path}.{name}");
                    paths(member, path.trim_start_matches('.'), found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| paths(item, path, found)),
            _ => {
                found.insert(path.to_owned());
            }
        }
    }

    #[test]
    fn a_flag_discloses_what_cp_is_discloses_and_nothing_else() {
        let mut found = BTreeSet::new();
        for kind in PlanKind::ALL {
            for computed in [false, true] {
                let mut plan = samples::plan(kind);
                plan.end.computed = computed;
                let json = fhirbolt::json::to_json_value(flag(&plan), None).unwrap();
                paths(&json, "", &mut found);
            }
        }
        let allowed: BTreeSet<String> = ALLOWED.map(str::to_owned).into();
        assert_eq!(found, allowed);
    }

    #[test]
    fn a_reader_of_the_narrative_alone_can_telephone() {
        let mut plan = samples::plan(PlanKind::ChildProtection);
        let div = |plan: &Plan| flag(plan).text.unwrap().div.value;
        for said in [
            "Subject to child protection plan",
            "From 10 January 2026 to 9 January 2027",
            "Northshire Council (E90001)",
            "Emergency duty team: 01632960001",
            "Office hours: 01632960002",
        ] {
            assert!(div(&plan).contains(said), "{said}");
        }
        plan.authority.office_phone = None;
        assert!(!div(&plan).contains("Office"));
    }

    #[test]
    fn a_new_telephone_number_makes_the_flag_new() {
        let mut plan = samples::plan(PlanKind::LookedAfter);
        plan.authority.updated_at = samples::moment("2026-11-20T09:00:00.250Z");
        let updated = flag(&plan).meta.unwrap().last_updated.unwrap();
        assert_eq!(updated.value.as_deref(), Some("2026-11-20T09:00:00.250Z"));
    }
}
