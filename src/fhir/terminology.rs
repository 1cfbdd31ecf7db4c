//! Every system, code, display and URL the service writes, spelled once.
//!
//! HL7's own are those of <https://hl7.org/fhir/R4/terminologies-systems.html>, the audit codes
//! those of <https://profiles.ihe.net/ITI/BALP/>, the rest NHS England's. What no authority has
//! coined stands under `https://cpis-fhir.invalid/`, a name that can never be somebody else's.

use crate::domain::acknowledgement_code::{FileCode, RecordCode};
use crate::domain::care_setting::CareSetting;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan::PlanKind;

/// A code in its system, with the words that go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The code system's URI.
    pub system: &'static str,
    /// The code.
    pub code: &'static str,
    /// The code system's own words for it.
    pub display: &'static str,
}

const fn term(system: &'static str, code: &'static str, display: &'static str) -> Term {
    Term {
        system,
        code,
        display,
    }
}

/// NHS numbers.
pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// Organisations, by the Organisation Data Service.
pub const ODS_CODE: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
/// Persons in the Spine Directory Service.
pub const SDS_USER: &str = "https://fhir.nhs.uk/Id/sds-user-id";
/// Persons in one role at one organisation, in the Spine Directory Service.
pub const SDS_ROLE_PROFILE: &str = "https://fhir.nhs.uk/Id/sds-role-profile-id";
/// Requests, by their X-Request-ID.
pub const REQUEST: &str = "https://fhir.nhs.uk/Id/transaction";
/// Job roles of the Spine Directory Service.
pub const SDS_JOB_ROLE: &str = "https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode";
/// Error codes as NHS services give them. NHS services differ; this is what PDS answers with.
pub const SPINE_ERROR: &str = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode";
/// Things named by a URI of their own.
pub const URI: &str = "urn:ietf:rfc:3986";

/// Registered software, by the client id of its tokens. Our own: nobody has coined one.
pub const CLIENT: &str = "https://cpis-fhir.invalid/Id/client-id";
/// A local authority's own identifiers for children, one system an authority. Our own.
const LOCAL_CHILD: &str = "https://cpis-fhir.invalid/Id/local-authority-child-id";
/// Uploads, by the id of their acknowledgement. Our own.
pub const UPLOAD: &str = "https://cpis-fhir.invalid/Id/upload-id";
/// A local authority's own numbers of its upload files, one system an authority. Our own.
const UPLOAD_SEQUENCE: &str = "https://cpis-fhir.invalid/Id/upload-file-sequence";
/// The codes of acknowledgements: CPF01 to CPF06 and CPR01 to CPR07. Our own system for NHS
/// England's codes, to which nobody has given one.
pub const ACKNOWLEDGEMENT_CODE: &str = "https://cpis-fhir.invalid/CodeSystem/acknowledgement-code";
/// Says that the service worked out a period's end. Our own.
pub const COMPUTED_END: &str = "https://cpis-fhir.invalid/StructureDefinition/computed-end";
/// Unscheduled and scheduled care. Our own.
pub const CARE_SETTING: &str = "https://cpis-fhir.invalid/CodeSystem/care-setting";

/// The extension that leads from a `Flag` to what it flags.
pub const FLAG_DETAIL: &str = "http://hl7.org/fhir/StructureDefinition/flag-detail";
/// The system behind `Flag.status`.
pub const FLAG_STATUS: &str = "http://hl7.org/fhir/flag-status";
/// The system behind `EpisodeOfCare.status`.
pub const EPISODE_STATUS: &str = "http://hl7.org/fhir/episode-of-care-status";
/// `EpisodeOfCare.status` of a plan that was withdrawn.
pub const ENTERED_IN_ERROR: &str = "entered-in-error";
/// The system behind `CareTeam.status`.
pub const CARE_TEAM_STATUS: &str = "http://hl7.org/fhir/care-team-status";
/// The system behind `CarePlan.status`.
pub const REQUEST_STATUS: &str = "http://hl7.org/fhir/request-status";
/// The system behind `CarePlan.intent`.
pub const REQUEST_INTENT: &str = "http://hl7.org/fhir/request-intent";
/// The system behind `AuditEvent.action`.
pub const AUDIT_ACTION: &str = "http://hl7.org/fhir/audit-event-action";
/// The system behind `AuditEvent.outcome`.
pub const AUDIT_OUTCOME: &str = "http://hl7.org/fhir/audit-event-outcome";
/// FHIR's interactions, of which the subtype of an access is one.
pub const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
/// `AuditEvent.agent.network.type`: the address is a URI.
pub const NETWORK_URI: &str = "5";
/// `AuditEvent.outcome`: success.
pub const OUTCOME_SUCCESS: &str = "0";

const SNOMED_CT: &str = "http://snomed.info/sct";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// CPP, of the value set England-ChildProtectionPlan.
pub const CHILD_PROTECTION_PLAN: Term = term(
    SNOMED_CT,
    "342191000000101",
    "Subject to child protection plan",
);
/// CLA, of the same value set.
pub const LOOKED_AFTER_CHILD: Term = term(SNOMED_CT, "764841000000100", "Looked after child");
/// UCPP, of the same value set.
pub const UNBORN_CHILD_PROTECTION_PLAN: Term = term(
    SNOMED_CT,
    "818901000000100",
    "Unborn child subject to child protection plan",
);

/// NHS England's category of the flag.
pub const CPIS_FLAG: Term = term(
    "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
    "child-protection-information-system-flag",
    "Child Protection Information System Flag",
);
/// HL7's category of the flag.
pub const SAFETY: Term = term(
    "http://terminology.hl7.org/CodeSystem/flag-category",
    "safety",
    "Safety",
);
/// Confidentiality of everything said of a child.
pub const RESTRICTED: Term = term(
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "R",
    "restricted",
);
/// Sensitivity of a child protection plan, born or unborn. Not of being looked after: that need
/// not come of abuse.
pub const SENSITIVE: Term = term(
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "SDV",
    "sexual assault, abuse, or domestic violence information sensitivity",
);

/// Says that a resource is answered in part.
pub const SUBSETTED: Term = term(
    "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "SUBSETTED",
    "subsetted",
);
/// What a local authority is to HL7, and so to UK Core, whose value set of types has no finer code.
pub const GOVERNMENT: Term = term(
    "http://terminology.hl7.org/CodeSystem/organization-type",
    "govt",
    "Government",
);
/// What a local authority is to the Organisation Data Service.
pub const LOCAL_AUTHORITY: Term = term(
    "https://digital.nhs.uk/services/organisation-data-service/CodeSystem/ODSOrganisationRole",
    "RO141",
    "LOCAL AUTHORITY",
);

/// An access came over FHIR's REST interface.
pub const REST: Term = term(
    "http://terminology.hl7.org/CodeSystem/audit-event-type",
    "rest",
    "RESTful Operation",
);
/// Why plans are looked at.
pub const TREATMENT: Term = term(
    "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "TREAT",
    "treatment",
);
/// The person who looked.
pub const RECIPIENT: Term = term(
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
    "IRCP",
    "information recipient",
);
/// Where what was sent came from: a query's client, a read's server.
pub const SOURCE: Term = term(DICOM, "110153", "Source Role ID");
/// Where what was sent went to: a query's server, a read's client.
pub const DESTINATION: Term = term(DICOM, "110152", "Destination Role ID");
/// What this service is as a source of audit events.
pub const APPLICATION_SERVER: Term = term(
    "http://terminology.hl7.org/CodeSystem/security-source-type",
    "4",
    "Application Server",
);
/// An entity of an access that is a person.
pub const PERSON: Term = term(ENTITY_TYPE, "1", "Person");
/// An entity of an access that is something in a system.
pub const SYSTEM_OBJECT: Term = term(ENTITY_TYPE, "2", "System Object");
/// An entity of an access that is the request's id (BALP).
pub const REQUEST_ID: Term = term(
    "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
    "XrequestId",
    "transport specific unique identifier where http X-Request-Id is used",
);
/// The child's role in an access.
pub const PATIENT_ROLE: Term = term(OBJECT_ROLE, "1", "Patient");
/// The role of a resource that was read.
pub const RESOURCE_ROLE: Term = term(OBJECT_ROLE, "4", "Domain Resource");
/// The role of a query.
pub const QUERY_ROLE: Term = term(OBJECT_ROLE, "24", "Query");

/// What a message to a local authority is to HL7.
pub const NOTIFICATION: Term = term(
    "http://terminology.hl7.org/CodeSystem/communication-category",
    "notification",
    "Notification",
);
const NOTIFICATION_KIND: &str = "https://cpis-fhir.invalid/CodeSystem/notification-kind";

/// What a notification is about: somebody looked at a plan. Our own.
pub const ACCESS_TO_SERVICE: Term = term(
    NOTIFICATION_KIND,
    "access-to-service",
    "Access to service notification",
);
/// A child's NHS number is in use no longer. Our own.
pub const INACTIVE_NHS_NUMBER: Term = term(
    NOTIFICATION_KIND,
    "inactive-nhs-number",
    "Inactive NHS number notification",
);
/// A plan's child is eighteen. Our own.
pub const PLAN_ENDED: Term = term(NOTIFICATION_KIND, "plan-ended", "End of a plan at eighteen");
/// A plan ends on another day, because a date of birth was corrected. Our own.
pub const PLAN_END_MOVED: Term = term(
    NOTIFICATION_KIND,
    "plan-end-moved",
    "End of a plan by a corrected date of birth",
);

/// What a plan is, in SNOMED CT.
#[must_use]
pub fn plan_kind(kind: PlanKind) -> Term {
    match kind {
        PlanKind::ChildProtection => CHILD_PROTECTION_PLAN,
        PlanKind::LookedAfter => LOOKED_AFTER_CHILD,
        PlanKind::UnbornChildProtection => UNBORN_CHILD_PROTECTION_PLAN,
    }
}

/// What became of a file.
#[must_use]
pub fn file_code(code: FileCode) -> Term {
    term(ACKNOWLEDGEMENT_CODE, code.code(), code.meaning())
}

/// What became of a record.
#[must_use]
pub fn record_code(code: RecordCode) -> Term {
    term(ACKNOWLEDGEMENT_CODE, code.code(), code.meaning())
}

/// The security labels of whatever tells of a plan.
#[must_use]
pub fn plan_labels(kind: PlanKind) -> &'static [Term] {
    match kind {
        PlanKind::ChildProtection | PlanKind::UnbornChildProtection => &[RESTRICTED, SENSITIVE],
        PlanKind::LookedAfter => &[RESTRICTED],
    }
}

/// The care setting of an access, as its second subtype.
#[must_use]
pub fn care_setting(setting: CareSetting) -> Term {
    let display = match setting {
        CareSetting::Unscheduled => "Unscheduled care",
        CareSetting::Scheduled => "Scheduled care",
    };
    term(CARE_SETTING, setting.code(), display)
}

/// The code of the authority whose own identifiers for children are in a system; none where it is
/// no such system.
#[must_use]
pub fn of_local_child(system: &str) -> Option<&str> {
    system.strip_prefix(LOCAL_CHILD)?.strip_prefix('/')
}

/// The system of an authority's own identifiers for children.
#[must_use]
pub fn local_child(authority: &OdsCode) -> String {
    format!("{LOCAL_CHILD}/{authority}")
}

/// The system of an authority's own numbers of its upload files.
#[must_use]
pub fn upload_sequence(authority: &OdsCode) -> String {
    format!("{UPLOAD_SEQUENCE}/{authority}")
}

#[cfg(test)]
#[path = "terminology_rules.rs"]
mod rules;
