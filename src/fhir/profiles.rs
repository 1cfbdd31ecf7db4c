//! The profiles that each resource says it holds to, in `meta.profile`: our own first, then those
//! of UK Core, of NHS England and of IHE (<https://hl7.org/fhir/R4/resource.html#profile-tags>).
//!
//! Ours are files of `profiles/StructureDefinition/`, and served. R4 has no way for one profile to
//! name others it holds to without deriving from them, so each resource names all of its own.

use crate::domain::access::Interaction;

/// Of a plan as a `Flag`.
pub const PLAN_FLAG: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/plan-flag",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Flag",
];
/// Of a plan as an `EpisodeOfCare`.
pub const PLAN_EPISODE_OF_CARE: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/plan-episode-of-care",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-EpisodeOfCare",
];
/// Of a plan as an authority sends it.
pub const PLAN_UPLOAD: &[&str] = &["https://cpis-fhir.invalid/StructureDefinition/plan-upload"];
/// Of a plan as a `CareTeam`.
pub const PLAN_CARE_TEAM: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/plan-care-team",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CareTeam",
    "https://fhir.nhs.uk/England/StructureDefinition/England-CareTeam-Flag",
];
/// Of a plan as a `CarePlan`.
pub const PLAN_CARE_PLAN: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/plan-care-plan",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CarePlan",
    "https://fhir.nhs.uk/England/StructureDefinition/England-CarePlan-Flag",
];
/// Of the one `Flag` of a child that leads to all plans.
pub const PATIENT_FLAG: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/patient-flag",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Flag",
    "https://fhir.nhs.uk/England/StructureDefinition/England-Flag-PatientFlag",
];
/// Of a child as a `Patient`.
pub const CHILD: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/child",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient",
];
/// Of a local authority as an `Organization`.
pub const LOCAL_AUTHORITY: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/local-authority",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Organization",
];
/// Of a notification of an access as a `Communication`.
pub const ACCESS_NOTIFICATION: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/access-notification",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Communication",
];
/// Of a notification of a change as a `Communication`.
pub const CHANGE_NOTIFICATION: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/change-notification",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Communication",
];
/// Of a `Subscription`.
pub const SUBSCRIPTION: &[&str] =
    &["http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription"];
/// Of what is sent to a subscription's endpoint, as a `Bundle`.
pub const SUBSCRIPTION_NOTIFICATION: &[&str] = &[
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/\
     backport-subscription-notification-r4",
];
/// Of a subscription's state, as `Parameters`.
pub const SUBSCRIPTION_STATUS: &[&str] = &[
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/\
     backport-subscription-status-r4",
];
/// Of an `OperationOutcome`.
pub const OUTCOME: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/outcome",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-OperationOutcome",
];

/// Of who looked, as a `PractitionerRole`.
pub const VIEWER_ROLE: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/viewer-role",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-PractitionerRole",
];

/// Of an access as an `AuditEvent`, as an authority is told of it.
pub const TOLD_ACCESS: &[&str] = &["https://fhir.hl7.org.uk/StructureDefinition/UKCore-AuditEvent"];

const ACCESS: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/access",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-AuditEvent",
];
const ACCESS_BY_SEARCH: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/access",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-AuditEvent",
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery",
];
const ACCESS_BY_READ: &[&str] = &[
    "https://cpis-fhir.invalid/StructureDefinition/access",
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-AuditEvent",
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead",
];

/// Of an access as an `AuditEvent`. IHE's profiles hold for the interactions they were made for.
#[must_use]
pub fn access(interaction: Interaction) -> &'static [&'static str] {
    match interaction {
        Interaction::Search => ACCESS_BY_SEARCH,
        Interaction::Read | Interaction::VersionRead => ACCESS_BY_READ,
        Interaction::InstanceHistory | Interaction::TypeHistory | Interaction::Operation => ACCESS,
    }
}
