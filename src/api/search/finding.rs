//! What a search can find in what was disclosed, and what it can bring along.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::search::view::View;
use crate::disclosure::Disclosure;
use crate::domain::access::Access;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{Child, Plan};
use crate::fhir::Resource;
use crate::fhir::audit_event::audit_event;
use crate::fhir::care_plan::care_plan;
use crate::fhir::care_team::care_team;
use crate::fhir::episode_of_care::episode_of_care;
use crate::fhir::flag::flag;
use crate::fhir::organization::organization;
use crate::fhir::patient::patient;
use crate::fhir::patient_flag::{self, patient_flag};
use crate::fhir::practitioner_role::practitioner_role;
use crate::fhir::resource_kind::ResourceKind;

/// What was disclosed to a look.
pub struct Seen {
    /// The plans.
    pub disclosure: Disclosure,
    /// The accesses, newest first, where the look asked for them.
    pub history: Vec<Access>,
}

/// One resource that may be found, not yet built.
#[derive(Clone, Copy)]
pub enum Finding<'a> {
    /// A plan as a `Flag`.
    Flag(&'a Plan),
    /// A plan as an `EpisodeOfCare`.
    EpisodeOfCare(&'a Plan),
    /// A plan as a `CareTeam`.
    CareTeam(&'a Plan),
    /// A plan as a `CarePlan`.
    CarePlan(&'a Plan),
    /// The child's one `Flag`, which leads to these plans.
    PatientFlag(&'a Child, &'a [Plan]),
    /// An access as an `AuditEvent`.
    AuditEvent(&'a Access, &'a Child),
    /// The child as a `Patient`.
    Patient(&'a Child),
    /// A local authority as an `Organization`.
    Organization(&'a LocalAuthority),
    /// Who looked, in the role of that access, as a `PractitionerRole`.
    PractitionerRole(&'a Access),
}

impl Seen {
    /// All that was disclosed. Without a visible plan there is nothing: no child, no access.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding<'_>> {
        let Some(child) = self.disclosure.child() else {
            return Vec::new();
        };
        let plans = || self.disclosure.plans.iter();
        let mut findings: Vec<Finding<'_>> = vec![Finding::Patient(child)];
        findings.extend(plans().map(Finding::Flag));
        findings.extend(plans().map(Finding::EpisodeOfCare));
        findings.extend(plans().map(Finding::CareTeam));
        findings.extend(plans().map(Finding::CarePlan));
        let mut authorities: Vec<&LocalAuthority> = Vec::new();
        for authority in plans().map(|plan| &plan.authority) {
            if authorities.iter().all(|known| known.id != authority.id) {
                authorities.push(authority);
            }
        }
        findings.extend(authorities.into_iter().map(Finding::Organization));
        let history = || self.history.iter();
        findings.extend(history().map(|access| Finding::AuditEvent(access, child)));
        findings.extend(history().map(Finding::PractitionerRole));
        findings
    }

    /// What a search looks at of it.
    #[must_use]
    pub fn findings_in(&self, view: View) -> Vec<Finding<'_>> {
        let mut findings = self.findings();
        if view == View::PatientFlag {
            findings.retain(|finding| finding.kind() != ResourceKind::Flag);
            findings.extend(self.patient_flag());
        }
        findings
    }

    /// The child's one flag; none without a visible plan.
    #[must_use]
    pub fn patient_flag(&self) -> Option<Finding<'_>> {
        let child = self.disclosure.child()?;
        Some(Finding::PatientFlag(child, &self.disclosure.plans))
    }
}

impl Finding<'_> {
    /// What kind of resource it is.
    #[must_use]
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::Flag(_) | Self::PatientFlag(..) => ResourceKind::Flag,
            Self::EpisodeOfCare(_) => ResourceKind::EpisodeOfCare,
            Self::CareTeam(_) => ResourceKind::CareTeam,
            Self::CarePlan(_) => ResourceKind::CarePlan,
            Self::AuditEvent(..) => ResourceKind::AuditEvent,
            Self::Patient(_) => ResourceKind::Patient,
            Self::Organization(_) => ResourceKind::Organization,
            Self::PractitionerRole(_) => ResourceKind::PractitionerRole,
        }
    }

    /// The resource's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Flag(plan)
            | Self::EpisodeOfCare(plan)
            | Self::CareTeam(plan)
            | Self::CarePlan(plan) => plan.id,
            Self::AuditEvent(access, _) | Self::PractitionerRole(access) => access.id,
            Self::Patient(child) => child.id,
            Self::PatientFlag(child, _) => patient_flag::id(child.id),
            Self::Organization(authority) => authority.id,
        }
    }

    /// The resource itself.
    #[must_use]
    pub fn resource(&self, now: DateTime<Utc>, base: &str) -> Resource {
        match self {
            Self::Flag(plan) => Resource::Flag(Box::new(flag(plan))),
            Self::EpisodeOfCare(plan) => {
                Resource::EpisodeOfCare(Box::new(episode_of_care(plan, now)))
            }
            Self::CareTeam(plan) => Resource::CareTeam(Box::new(care_team(plan, now))),
            Self::CarePlan(plan) => Resource::CarePlan(Box::new(care_plan(plan, now))),
            Self::PatientFlag(child, plans) => Resource::Flag(Box::new(patient_flag(child, plans))),
            Self::AuditEvent(access, child) => {
                Resource::AuditEvent(Box::new(audit_event(access, child, base)))
            }
            Self::Patient(child) => Resource::Patient(Box::new(patient(child))),
            Self::Organization(authority) => {
                Resource::Organization(Box::new(organization(authority)))
            }
            Self::PractitionerRole(access) => {
                Resource::PractitionerRole(Box::new(practitioner_role(access)))
            }
        }
    }
}
