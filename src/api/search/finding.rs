//! What a search can find in what was disclosed, and what it can bring along.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::disclosure::Disclosure;
use crate::domain::access::Access;
use crate::domain::plan::{Child, Plan};
use crate::fhir::Resource;
use crate::fhir::audit_event::audit_event;
use crate::fhir::episode_of_care::episode_of_care;
use crate::fhir::facets::{self, Facets};
use crate::fhir::flag::flag;
use crate::fhir::organization::organization;
use crate::fhir::patient::patient;
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
    /// An access as an `AuditEvent`.
    AuditEvent(&'a Access, &'a Child),
    /// The child as a `Patient`.
    Patient(&'a Child),
}

impl Seen {
    /// All of a kind that was disclosed, in the kind's own order.
    #[must_use]
    pub fn findings(&self, kind: ResourceKind) -> Vec<Finding<'_>> {
        let plans = || self.disclosure.plans.iter();
        match (kind, self.disclosure.child()) {
            (_, None) | (ResourceKind::Organization, _) => Vec::new(),
            (ResourceKind::Flag, _) => plans().map(Finding::Flag).collect(),
            (ResourceKind::EpisodeOfCare, _) => plans().map(Finding::EpisodeOfCare).collect(),
            (ResourceKind::Patient, Some(child)) => vec![Finding::Patient(child)],
            (ResourceKind::AuditEvent, Some(child)) => self
                .history
                .iter()
                .map(|access| Finding::AuditEvent(access, child))
                .collect(),
        }
    }

    /// What refers to the child and was asked for beside it: `Flag:patient`.
    #[must_use]
    pub fn referring(&self, asked: &[String]) -> Vec<Finding<'_>> {
        asked
            .iter()
            .filter_map(|name| ResourceKind::parse(name.split(':').next()?))
            .flat_map(|kind| self.findings(kind))
            .collect()
    }
}

impl Finding<'_> {
    /// The resource's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Flag(plan) | Self::EpisodeOfCare(plan) => plan.id,
            Self::AuditEvent(access, _) => access.id,
            Self::Patient(child) => child.id,
        }
    }

    /// What a search can ask of it.
    #[must_use]
    pub fn facets(&self, now: DateTime<Utc>) -> Facets {
        match self {
            Self::Flag(plan) => facets::flag(plan),
            Self::EpisodeOfCare(plan) => facets::episode_of_care(plan, now),
            Self::AuditEvent(access, child) => facets::audit_event(access, child),
            Self::Patient(child) => facets::patient(child),
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
            Self::AuditEvent(access, child) => {
                Resource::AuditEvent(Box::new(audit_event(access, child, base)))
            }
            Self::Patient(child) => Resource::Patient(Box::new(patient(child))),
        }
    }

    /// What it refers to and was asked for beside it: `Flag:author`.
    #[must_use]
    pub fn referred(&self, asked: &[String]) -> Vec<Resource> {
        asked
            .iter()
            .filter_map(|name| self.referred_by(name.split(':').nth(1)?))
            .collect()
    }

    fn referred_by(&self, parameter: &str) -> Option<Resource> {
        let child = match self {
            Self::Flag(plan) | Self::EpisodeOfCare(plan) => &plan.child,
            Self::AuditEvent(_, child) | Self::Patient(child) => child,
        };
        match (parameter, self) {
            ("patient" | "subject" | "entity", _) => {
                Some(Resource::Patient(Box::new(patient(child))))
            }
            ("author" | "organization", Self::Flag(plan) | Self::EpisodeOfCare(plan)) => Some(
                Resource::Organization(Box::new(organization(&plan.authority))),
            ),
            _ => None,
        }
    }
}
