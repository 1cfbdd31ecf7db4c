//! Which elements of a resource R4 marks as its summary, demands, or lets change the meaning of the
//! others, as its definitions say (<https://hl7.org/fhir/R4/elementdefinition.html>): of each kind
//! that is answered and can be answered in part.

use super::Names;

/// The marked elements of one kind of resource, without those that every resource has.
pub struct ElementTable {
    /// `isSummary`; with a dot, inside an element that is kept.
    pub summary: Names,
    /// `min` above 0, or what an invariant demands; with a dot, inside an element that is kept.
    pub mandatory: Names,
    /// `isModifier`.
    pub modifiers: Names,
}

/// The table of a kind; none for a kind that is only ever answered whole.
pub fn element_table(kind: &str) -> Option<&'static ElementTable> {
    Some(match kind {
        "AuditEvent" => &AUDIT_EVENT,
        "CarePlan" => &CARE_PLAN,
        "CareTeam" => &CARE_TEAM,
        "EpisodeOfCare" => &EPISODE_OF_CARE,
        "Flag" => &FLAG,
        "Organization" => &ORGANIZATION,
        "Patient" => &PATIENT,
        "PractitionerRole" => &PRACTITIONER_ROLE,
        _ => return None,
    })
}

const AUDIT_EVENT: ElementTable = ElementTable {
    summary: &[
        "type",
        "subtype",
        "action",
        "recorded",
        "outcome",
        "outcomeDesc",
        "purposeOfEvent",
        "agent.who",
        "agent.requestor",
        "source.observer",
    ],
    mandatory: &["type", "recorded", "agent", "source"],
    modifiers: &[],
};

const CARE_PLAN: ElementTable = ElementTable {
    summary: &[
        "identifier",
        "instantiatesCanonical",
        "instantiatesUri",
        "basedOn",
        "replaces",
        "partOf",
        "status",
        "intent",
        "category",
        "title",
        "description",
        "subject",
        "encounter",
        "period",
        "created",
        "author",
        "addresses",
    ],
    mandatory: &["status", "intent", "subject"],
    modifiers: &["status", "intent"],
};

const CARE_TEAM: ElementTable = ElementTable {
    summary: &[
        "identifier",
        "status",
        "category",
        "name",
        "subject",
        "encounter",
        "period",
        "managingOrganization",
    ],
    mandatory: &[],
    modifiers: &["status"],
};

const EPISODE_OF_CARE: ElementTable = ElementTable {
    summary: &[
        "status",
        "type",
        "diagnosis",
        "diagnosis.condition",
        "diagnosis.role",
        "diagnosis.rank",
        "patient",
        "managingOrganization",
        "period",
    ],
    mandatory: &["status", "patient"],
    modifiers: &["status"],
};

const FLAG: ElementTable = ElementTable {
    summary: &[
        "identifier",
        "status",
        "category",
        "code",
        "subject",
        "period",
        "encounter",
        "author",
    ],
    mandatory: &["status", "code", "subject"],
    modifiers: &["status"],
};

const ORGANIZATION: ElementTable = ElementTable {
    summary: &["identifier", "active", "type", "name", "partOf"],
    // Neither is, but R4 demands one of name and identifier (org-1).
    mandatory: &["name"],
    modifiers: &["active"],
};

const PATIENT: ElementTable = ElementTable {
    summary: &[
        "identifier",
        "active",
        "name",
        "telecom",
        "gender",
        "birthDate",
        "deceased[x]",
        "address",
        "managingOrganization",
        "link",
        "link.other",
        "link.type",
    ],
    mandatory: &[],
    modifiers: &["active", "deceased[x]", "link"],
};

const PRACTITIONER_ROLE: ElementTable = ElementTable {
    summary: &[
        "identifier",
        "active",
        "period",
        "practitioner",
        "organization",
        "code",
        "specialty",
        "location",
        "telecom",
    ],
    mandatory: &[],
    modifiers: &[],
};
