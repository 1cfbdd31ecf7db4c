//! The names that CP-IS's HL7 v3 messages are written with, each spelled once (CP-IS domain message
//! specification; REPC_MT000002GB01 to REPC_MT000005GB01).

use crate::domain::plan::PlanKind;

/// The namespace of the messages.
pub(super) const HL7: &str = "urn:hl7-org:v3";

/// The namespace that tells which template follows.
pub(super) const LOCALISATION: &str = "NPFIT:HL7:Localisation";

/// The namespace of `nil`.
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The element that names the template that follows it.
pub(super) const CONTENT_ID: &str = "npfitlc:contentId";

/// The system of names of templates.
pub(super) const CONTENT: &str = "2.16.840.1.113883.2.1.3.2.4.18.16";

/// The system of NHS numbers.
pub(super) const NHS_NUMBER: &str = "2.16.840.1.113883.2.1.4.1";

/// The system of a local authority's own identifiers for children.
pub(super) const LOCAL_ID: &str = "2.16.840.1.113883.2.1.3.2.4.18.24";

/// The system of the numbers of upload files. The schema has it left out.
pub(super) const UPLOAD_FILE: &str = "2.16.840.1.113883.2.1.3.2.4.18.46";

/// The system of ODS codes of organisations.
pub(super) const ORGANISATION: &str = "2.16.840.1.113883.2.1.3.2.4.19.1";

/// The system of ODS codes of sites.
pub(super) const SITE: &str = "2.16.840.1.113883.2.1.3.2.4.19.2";

/// The system of the codes of an acknowledged record.
pub(super) const RECORD_RESPONSE: &str = "2.16.840.1.113883.2.1.3.2.4.17.473";

/// The system of SDS user ids.
pub(super) const SDS_USER: &str = "1.2.826.0.1285.0.2.0.65";

/// The system of SDS role profile ids.
pub(super) const SDS_ROLE_PROFILE: &str = "1.2.826.0.1285.0.2.0.67";

/// The system of SDS job role codes.
pub(super) const SDS_JOB_ROLE: &str = "2.16.840.1.113883.2.1.3.2.4.17.196";

/// The template of who made an access, a person.
pub(super) const AUTHOR: Template = Template::of("COCT_TP145102GB01", "AssignedAuthor");

/// The template of the authority that a notification is for.
pub(super) const RECIPIENT: Template = Template::of("COCT_TP145103GB01", "IntendedRecipient");

/// The template of whose a plan is, but for an unborn child's.
pub(super) const CHILD: Template = Template::of("COCT_TP145101GB01", "Child");

/// The template of whose an unborn child's plan is: the mother.
pub(super) const UNBORN_CHILD: Template = Template::of("COCT_TP145100GB01", "UnbornChild");

/// The template of each kind of plan, and how its dates are named.
pub(super) const PLANS: [PlanTemplate; 3] = [
    PlanTemplate {
        kind: PlanKind::LookedAfter,
        template: Template::of("COCT_TP146100GB01", "LACInformation"),
        dates: ["lACStartDate", "lACEndDate", "lACDeleteDate"],
    },
    PlanTemplate {
        kind: PlanKind::ChildProtection,
        template: Template::of("COCT_TP146101GB01", "CPPInformation"),
        dates: ["cPPStartDate", "cPPEndDate", "cPPDeleteDate"],
    },
    PlanTemplate {
        kind: PlanKind::UnbornChildProtection,
        template: Template::of("COCT_TP146102GB01", "UCPInformation"),
        dates: ["uCPStartDate", "uCPEndDate", "uCPDeleteDate"],
    },
];

/// Where each date stands in a plan: start, end, withdrawal.
pub(super) const COMPONENTS: [&str; 3] = ["component", "component1", "component2"];

/// A part of a message that has a schema of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Template {
    schema: &'static str,
    root: &'static str,
}

impl Template {
    const fn of(schema: &'static str, root: &'static str) -> Self {
        Self { schema, root }
    }

    /// The name of its element.
    pub(super) fn element(self) -> String {
        format!("{}.{}", self.schema, self.root)
    }

    /// What `contentId` says in front of it.
    pub(super) fn content_id(self) -> String {
        format!("{}#{}", self.schema, self.root)
    }
}

/// How a plan of one kind is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlanTemplate {
    /// What the plan is.
    pub(super) kind: PlanKind,
    /// Its template.
    pub(super) template: Template,
    /// What its dates are called: start, end, withdrawal.
    pub(super) dates: [&'static str; 3],
}

/// How a plan of this kind is written.
pub(super) fn plan_template(kind: PlanKind) -> PlanTemplate {
    let [looked_after, child_protection, unborn] = PLANS;
    match kind {
        PlanKind::LookedAfter => looked_after,
        PlanKind::ChildProtection => child_protection,
        PlanKind::UnbornChildProtection => unborn,
    }
}

/// The template of whose a plan of this kind is.
pub(super) fn subject_template(kind: PlanKind) -> Template {
    match kind {
        PlanKind::UnbornChildProtection => UNBORN_CHILD,
        PlanKind::ChildProtection | PlanKind::LookedAfter => CHILD,
    }
}
