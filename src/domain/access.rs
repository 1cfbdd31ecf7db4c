//! A look at a child's plans, and the access it becomes once it is on record.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::caller::Viewer;
use crate::domain::care_setting::CareSetting;
use crate::domain::nhs_number::NhsNumber;

/// What was asked for, as the access history names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// A search for whatever is known of one child.
    Search,
    /// One resource, by its id.
    Read,
    /// One version of a resource.
    VersionRead,
    /// Every version of one resource.
    InstanceHistory,
    /// Every version of all of a child's resources of one kind.
    TypeHistory,
    /// An operation on what is known of one child.
    Operation,
}

impl Interaction {
    /// Every interaction there is.
    pub const ALL: [Self; 6] = [
        Self::Search,
        Self::Read,
        Self::VersionRead,
        Self::InstanceHistory,
        Self::TypeHistory,
        Self::Operation,
    ];

    /// The name the database uses, and FHIR's restful-interaction code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Search => "search-type",
            Self::Read => "read",
            Self::VersionRead => "vread",
            Self::InstanceHistory => "history-instance",
            Self::TypeHistory => "history-type",
            Self::Operation => "operation",
        }
    }

    /// Whether what was asked finds what it is answered with, and names no resource.
    #[must_use]
    pub fn is_query(self) -> bool {
        match self {
            Self::Search | Self::TypeHistory | Self::Operation => true,
            Self::Read | Self::VersionRead | Self::InstanceHistory => false,
        }
    }

    /// Reads an interaction by its name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interaction| interaction.code() == code)
    }
}

/// Which child a look is at, as the caller named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// By NHS number.
    NhsNumber(NhsNumber),
    /// By the opaque id of the `Patient`.
    Patient(Uuid),
    /// By the id of one of the child's plans.
    Plan(Uuid),
    /// By the id of an earlier access to the child's plans.
    Access(Uuid),
}

/// A look that is about to be put on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The moment of the look.
    pub at: DateTime<Utc>,
    /// The request it came with.
    pub request_id: Uuid,
    /// The child.
    pub subject: Subject,
    /// What was asked for.
    pub interaction: Interaction,
    /// What was asked, relative to the base URL, as the caller wrote it.
    pub asked: String,
    /// Who looks.
    pub viewer: Viewer,
}

/// A look on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Its id, a UUIDv7 of its moment.
    pub id: Uuid,
    /// The child.
    pub nhs_number: NhsNumber,
    /// The moment of the look.
    pub at: DateTime<Utc>,
    /// The request it came with.
    pub request_id: Uuid,
    /// What was asked for.
    pub interaction: Interaction,
    /// What was asked.
    pub asked: String,
    /// Who looked.
    pub viewer: Viewer,
}

/// What of the accesses clinicians are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRule {
    /// Within this period the same author's looks in the same care setting show once, the first.
    pub period: TimeDelta,
    /// How many accesses are shown at the most.
    pub length: usize,
    /// Whether looks in scheduled care are shown.
    pub includes_scheduled: bool,
}

impl HistoryRule {
    /// The accesses to show, newest first. The author is a person at an organisation: a nurse who
    /// meets a child in two hospitals on one day is two stories.
    #[must_use]
    pub fn shown(&self, mut accesses: Vec<Access>) -> Vec<Access> {
        accesses.sort_by_key(|access| (access.at, access.id));
        let mut shown_at: HashMap<(String, String, CareSetting), DateTime<Utc>> = HashMap::new();
        accesses.retain(|access| {
            let Viewer {
                practitioner,
                organisation,
                care_setting,
                ..
            } = &access.viewer;
            let author = (
                practitioner.user_id.clone(),
                organisation.as_str().to_owned(),
                *care_setting,
            );
            let repeats = shown_at
                .get(&author)
                .is_some_and(|first| access.at.signed_duration_since(first) < self.period);
            if !repeats {
                shown_at.insert(author, access.at);
            }
            !repeats && (self.includes_scheduled || *care_setting == CareSetting::Unscheduled)
        });
        accesses.reverse();
        accesses.truncate(self.length);
        accesses
    }
}

/// What of a child's accesses a look is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownHistory {
    /// What the rule shows, the look itself included.
    WithPresentLook(HistoryRule),
    /// What the rule showed before the look: to read one of the accesses must not push it out.
    BeforePresentLook(HistoryRule),
    /// Everything, for who holds the ids of what the rule showed a while ago.
    Whole,
}

impl ShownHistory {
    /// The accesses to show, newest first, of all that came newest first.
    #[must_use]
    pub fn of(self, mut accesses: Vec<Access>, present: Uuid) -> Vec<Access> {
        match self {
            Self::WithPresentLook(rule) => rule.shown(accesses),
            Self::BeforePresentLook(rule) => {
                accesses.retain(|access| access.id != present);
                rule.shown(accesses)
            }
            Self::Whole => accesses,
        }
    }
}

#[cfg(test)]
#[path = "access_rules.rs"]
mod rules;
