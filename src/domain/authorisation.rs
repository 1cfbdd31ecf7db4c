//! The words of the table of authorisation: as whom somebody asks, and of what they are told. The
//! table itself is `routes::authorisation`; the one decision that is made by it is here.

use crate::domain::caller::{Caller, CallerRefusal, Organisation};

/// As whom somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A person who may view plans, or who answers for a system that may.
    Viewer,
    /// A local authority's system that tells plans.
    Uploader,
    /// A local authority's system that is told notifications.
    Notified,
    /// Registered software, by the assertion that it signs for the token endpoint.
    Client,
    /// Whoever asks.
    Anybody,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Uploader,
        Self::Notified,
        Self::Client,
        Self::Anybody,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Uploader => "uploader",
            Self::Notified => "notified",
            Self::Client => "client",
            Self::Anybody => "anybody",
        }
    }

    /// What makes somebody one.
    #[must_use]
    pub fn proven_by(self) -> &'static str {
        match self {
            Self::Viewer => {
                "a person whose selected role has activity B0107 (unscheduled care) or B0170 \
                 (scheduled care), at an organisation on the register; or software that is \
                 registered for one of them, with a person who answers for it"
            }
            Self::Uploader => {
                "software without a person, with scope `plans.upload`; the authority is its \
                 organisation"
            }
            Self::Notified => {
                "software without a person, with scope `notifications.read`; the authority is its \
                 organisation"
            }
            Self::Client => "registered software, by an assertion that it signs and sends once",
            Self::Anybody => "nothing",
        }
    }
}

/// Of what somebody is told, or what they may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The child that the request names or leads to.
    ChildAsked,
    /// A child that the request names, to say something of it.
    ChildReported,
    /// Each request of a batch, by its own line.
    EachRequest,
    /// The authority's own plans.
    OwnPlans,
    /// That a plan was withdrawn.
    OwnWithdrawnPlan,
    /// The authority's own files.
    OwnFiles,
    /// The looks at the children of the authority's own plans.
    OwnAccesses,
    /// The reports that concern the authority.
    OwnReports,
    /// What the authority is told.
    OwnNotifications,
    /// A token for the client itself, or for a person.
    OwnToken,
    /// Nothing of any child.
    NoChild,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 11] = [
        Self::ChildAsked,
        Self::ChildReported,
        Self::EachRequest,
        Self::OwnPlans,
        Self::OwnWithdrawnPlan,
        Self::OwnFiles,
        Self::OwnAccesses,
        Self::OwnReports,
        Self::OwnNotifications,
        Self::OwnToken,
        Self::NoChild,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChildAsked => "child asked",
            Self::ChildReported => "child reported",
            Self::EachRequest => "each request",
            Self::OwnPlans => "own plans",
            Self::OwnWithdrawnPlan => "own withdrawal",
            Self::OwnFiles => "own files",
            Self::OwnAccesses => "own accesses",
            Self::OwnReports => "own reports",
            Self::OwnNotifications => "own notifications",
            Self::OwnToken => "own token",
            Self::NoChild => "no child",
        }
    }

    /// What is told or changed.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::ChildAsked => {
                "any one child that the request names or leads to, never a list of children; the \
                 look is an access on record before it is answered, and spends a budget"
            }
            Self::ChildReported => {
                "any one child that the report names; nothing is told of the child"
            }
            Self::EachRequest => "as the line of each request in it grants the same role",
            Self::OwnPlans => "the plans that the authority told itself, and no other's",
            Self::OwnWithdrawnPlan => {
                "that a plan which the authority told was withdrawn by it (410), and nothing else: \
                 every other id is refused"
            }
            Self::OwnFiles => "the acknowledgements of the authority's own files",
            Self::OwnAccesses => {
                "the accesses to children with a plan of the authority's, while it could be seen"
            }
            Self::OwnReports => "the reports of alerts that concern the authority",
            Self::OwnNotifications => {
                "what the authority is told, and its subscription; another's is refused"
            }
            Self::OwnToken => "a token for no more than the client is registered for",
            Self::NoChild => "nothing of any child: an authority's telephone, what is published",
        }
    }
}

/// That somebody may ask, and of what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// As whom they ask.
    pub role: Role,
    /// Of what they are told.
    pub relation: Relation,
}

/// The first of a line's grants whose role the caller has.
///
/// # Errors
/// [`CallerRefusal`] where there is none: what is missing to be a viewer, where a viewer may ask,
/// else to be the first who may.
pub fn decide(
    caller: &Caller,
    organisation: Option<&Organisation>,
    grants: &[Grant],
) -> Result<Grant, CallerRefusal> {
    let check = |grant: &Grant| caller.check_role(grant.role, organisation);
    if let Some(grant) = grants.iter().find(|grant| check(grant).is_ok()) {
        return Ok(*grant);
    }
    let viewer = grants.iter().find(|grant| grant.role == Role::Viewer);
    match viewer.or(grants.first()).map(check) {
        Some(Err(refusal)) => Err(refusal),
        // A line that grants nothing: nothing that a token could be for.
        Some(Ok(())) | None => Err(CallerRefusal::ScopeTooNarrow),
    }
}

#[cfg(test)]
#[path = "authorisation_rules.rs"]
mod rules;
