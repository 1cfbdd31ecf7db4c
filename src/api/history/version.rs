//! One version of a resource, not yet built.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::Plan;
use crate::domain::timeline::{Change, PlanPast, PlanState, Turn};
use crate::fhir::date_time::Period;
use crate::fhir::episode_of_care::{self, episode_of_care};
use crate::fhir::flag::{self, flag};
use crate::fhir::history::HistoryEntry;
use crate::fhir::organization::organization;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::{Resource, last_modified, version};

/// A version.
pub struct Version {
    kind: ResourceKind,
    id: Uuid,
    /// `meta.versionId`.
    pub name: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// When the next one did; none for the present version.
    pub ended: Option<DateTime<Utc>>,
    change: Change,
    content: Content,
}

/// Where a version stands in a history, whatever else is told there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    began: DateTime<Utc>,
    id: Uuid,
    name: String,
}

impl Place {
    /// The versions that come after this place, of versions newest first.
    #[must_use]
    pub fn after<'a>(&self, versions: &'a [Version]) -> &'a [Version] {
        let told = versions.iter().position(|version| version.place() == *self);
        // The version may be there no more: then what stands behind where it stood is left.
        let after = match told {
            Some(told) => told.saturating_add(1),
            None => versions.partition_point(|version| version.order() < self.order()),
        };
        versions.get(after..).unwrap_or_default()
    }

    fn order(&self) -> (Reverse<DateTime<Utc>>, Uuid) {
        (Reverse(self.began), self.id)
    }
}

/// What a version is built of.
enum Content {
    Plan(Box<Plan>),
    Authority(Box<LocalAuthority>),
    Resource(Box<Resource>),
}

impl Version {
    /// The resource as it was; none for a withdrawal.
    #[must_use]
    pub fn resource(&self) -> Option<Resource> {
        let resource = match (&self.content, self.kind) {
            (Content::Plan(plan), ResourceKind::EpisodeOfCare) => {
                Resource::EpisodeOfCare(Box::new(episode_of_care(plan, self.began)))
            }
            (Content::Plan(plan), _) => Resource::Flag(Box::new(flag(plan))),
            (Content::Authority(authority), _) => {
                Resource::Organization(Box::new(organization(authority)))
            }
            (Content::Resource(resource), _) => Resource::clone(resource),
        };
        (self.change != Change::Withdrawn).then_some(resource)
    }

    /// The version as a history tells it.
    #[must_use]
    pub fn entry(&self) -> HistoryEntry {
        HistoryEntry {
            kind: self.kind,
            id: self.id,
            version: self.name.clone(),
            began: self.began,
            change: self.change,
            resource: self.resource(),
        }
    }

    /// Where it stands in a history.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            began: self.began,
            id: self.id,
            name: self.name.clone(),
        }
    }

    /// Newest first, and resource by resource at one moment. One resource's versions of a moment
    /// have no order but the one in which they are made: what sorts by this must keep it.
    #[must_use]
    pub fn order(&self) -> (Reverse<DateTime<Utc>>, Uuid) {
        (Reverse(self.began), self.id)
    }

    /// From when until when it was the present version.
    #[must_use]
    pub fn period(&self) -> Period {
        Period {
            from: Some(self.began),
            until: self.ended,
        }
    }
}

/// The versions of a plan until a moment, as one kind of resource, newest first.
#[must_use]
pub fn of_plan(kind: ResourceKind, past: &PlanPast, now: DateTime<Utc>) -> Vec<Version> {
    let turn = match kind {
        ResourceKind::EpisodeOfCare => Turn::ToldOrEntered,
        _ => Turn::Told,
    };
    let version = |state: PlanState| Version {
        kind,
        id: state.plan.id,
        name: match turn {
            Turn::ToldOrEntered => episode_of_care::version(&state.plan, state.began),
            Turn::Told => flag::version(&state.plan),
        },
        began: state.began,
        ended: state.ended,
        change: state.change,
        content: Content::Plan(Box::new(state.plan)),
    };
    past.states(turn, now).into_iter().map(version).collect()
}

/// The versions of an authority, newest first, of its descriptions, oldest first.
#[must_use]
pub fn of_authority(descriptions: Vec<LocalAuthority>) -> Vec<Version> {
    let mut ended = None;
    let version = |authority: LocalAuthority| Version {
        kind: ResourceKind::Organization,
        id: authority.id,
        name: authority.version.to_string(),
        began: authority.updated_at,
        ended: ended.replace(authority.updated_at),
        change: change(authority.version == 1),
        content: Content::Authority(Box::new(authority)),
    };
    descriptions.into_iter().rev().map(version).collect()
}

/// The only version that is kept of a resource; none where the resource says nothing of it.
#[must_use]
pub fn only(kind: ResourceKind, id: Uuid, resource: Resource) -> Option<Version> {
    let began = last_modified(&resource)?;
    // An id is made of the moment of its first version, but for what is kept nowhere.
    let first = id.get_timestamp().and_then(|moment| {
        let (seconds, nanoseconds) = moment.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    });
    Some(Version {
        kind,
        id,
        name: version(&resource)?,
        began,
        ended: None,
        change: change(
            first.is_some_and(|first| first.timestamp_millis() == began.timestamp_millis()),
        ),
        content: Content::Resource(Box::new(resource)),
    })
}

fn change(is_first: bool) -> Change {
    if is_first {
        Change::Created
    } else {
        Change::Updated
    }
}
