//! What a search looks at of all that was disclosed: mostly the resources of a kind as they are
//! kept; NHS England's Patient Flags API asks for one `Flag` a child instead
//! (<https://digital.nhs.uk/restapi/oas/patient-flags-api>).

use crate::api::search::parameters::Parameter;
use crate::fhir::resource_kind::ResourceKind;

/// The name by which the one flag of a child is asked for. It is no kind of resource.
pub const PATIENT_FLAG: &str = "PatientFlag";

/// What a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Each plan, in every form a plan has.
    EachPlan,
    /// The child's one flag, in the place of each plan's; it leads to the plans.
    PatientFlag,
}

/// What the self link states beside what was asked, because its path names no kind of resource: the
/// kind that was searched (<https://hl7.org/fhir/R4/http.html#search>).
const STATED: (&str, &str) = ("_type", "Flag");

/// What comes along with the child's flag where it is asked for by its code: the plans it leads to,
/// and the teams that answer for them.
const UNASKED: [(&str, &str); 2] = [
    ("_include", "Flag:detail"),
    ("_include:iterate", "CarePlan:care-team"),
];

impl View {
    /// The name by which a kind of resource is asked for.
    #[must_use]
    pub fn path(self, kind: ResourceKind) -> &'static str {
        match self {
            Self::EachPlan => kind.name(),
            Self::PatientFlag => PATIENT_FLAG,
        }
    }

    /// What the self link states though nobody need have asked it.
    #[must_use]
    pub fn stated(self) -> Option<Parameter> {
        match self {
            Self::EachPlan => None,
            Self::PatientFlag => Some(parameter(STATED)),
        }
    }

    /// What shapes the answer to a search that used these parameters, though nobody asked for it.
    #[must_use]
    pub fn unasked(self, used: &[Parameter]) -> Vec<Parameter> {
        let by_code = || used.iter().any(|parameter| parameter.written == "code");
        match self {
            Self::PatientFlag if by_code() => UNASKED.map(parameter).into(),
            Self::PatientFlag | Self::EachPlan => Vec::new(),
        }
    }
}

fn parameter((written, value): (&str, &str)) -> Parameter {
    Parameter {
        written: written.to_owned(),
        value: value.to_owned(),
    }
}
