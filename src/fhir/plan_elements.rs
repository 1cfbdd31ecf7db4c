//! What a plan's `Flag` and `EpisodeOfCare` have in common.

use fhirbolt::model::r4::types::{
    CodeableConcept, Extension, ExtensionValue, Identifier, Period, Reference,
};

use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{Plan, PlanKind};
use crate::fhir::elements::{concept, identifier, reference, text};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{self, COMPUTED_END, ODS_CODE};

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
    let computed = Extension {
        url: COMPUTED_END.to_owned(),
        value: Some(ExtensionValue::Boolean(true.into())),
        ..Default::default()
    };
    Box::new(Period {
        extension: plan.end.computed.then_some(computed).into_iter().collect(),
        start: Some(plan.start.to_string().into()),
        end: Some(plan.end.day.to_string().into()),
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
