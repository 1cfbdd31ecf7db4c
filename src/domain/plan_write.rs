//! What an authority's system asks of one of its plans by itself: to tell it, or to withdraw it
//! (<https://hl7.org/fhir/R4/http.html#create>, `#update`, `#delete`).

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use uuid::Uuid;

use crate::domain::plan::{PlanKind, PlanPhase};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanKey, RecordCode, RecordRefusal, UploadRecord};

/// One request about one plan. A record is one that was sent, or why it cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanWrite {
    /// A new plan is told.
    Create {
        /// The plan.
        record: Result<UploadRecord, RecordRefusal>,
        /// Nothing is done where these find one that stands already.
        unless: Option<PlanCriteria>,
    },
    /// A plan is told as it now is.
    Update {
        /// Which plan.
        which: Which,
        /// The plan.
        record: Result<UploadRecord, RecordRefusal>,
        /// What must be so before.
        condition: Condition,
    },
    /// A plan is withdrawn as entered in error.
    Withdraw {
        /// Which plan.
        which: Which,
        /// What must be so before.
        condition: Condition,
    },
}

impl PlanWrite {
    /// The record that was sent, where one was.
    #[must_use]
    pub fn record(&self) -> Option<&Result<UploadRecord, RecordRefusal>> {
        match self {
            Self::Create { record, .. } | Self::Update { record, .. } => Some(record),
            Self::Withdraw { .. } => None,
        }
    }

    /// The same, to be judged further.
    #[must_use]
    pub fn record_mut(&mut self) -> Option<&mut Result<UploadRecord, RecordRefusal>> {
        match self {
            Self::Create { record, .. } | Self::Update { record, .. } => Some(record),
            Self::Withdraw { .. } => None,
        }
    }
}

/// Which plan a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of this id.
    Plan(Uuid),
    /// The one that these criteria find; and the id that the caller says it has, if any.
    Found(PlanCriteria, Option<String>),
}

/// What an authority finds its own plans by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCriteria {
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// What the plan is.
    pub kind: Option<PlanKind>,
    /// Its first day.
    pub start: Option<NaiveDate>,
}

impl PlanCriteria {
    /// Whether they find a plan.
    #[must_use]
    pub fn find(&self, key: &PlanKey) -> bool {
        self.local_id == key.local_id
            && self.kind.is_none_or(|kind| kind == key.kind)
            && self.start.is_none_or(|start| start == key.start)
    }
}

/// What must be so of a plan as it is held (`If-Match`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// It is there.
    IsThere,
    /// It has one of these versions.
    IsOneOf(Vec<PlanVersion>),
}

impl Condition {
    /// Whether it holds of a plan that stands, or of none.
    #[must_use]
    pub fn holds(&self, standing: Option<PlanVersion>) -> bool {
        match (self, standing) {
            (Self::None, _) | (Self::IsThere, Some(_)) => true,
            (Self::IsOneOf(versions), Some(version)) => versions.contains(&version),
            (Self::IsThere | Self::IsOneOf(_), None) => false,
        }
    }
}

/// A version of a plan, as its readers tell one from another: how often it was told, how often its
/// authority described itself, and the phase it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanVersion {
    /// How often the plan was told, from 1.
    pub told: i32,
    /// How often its authority described itself, from 1.
    pub described: i32,
    /// Its phase.
    pub phase: PlanPhase,
}

/// A plan after a request that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The plan's id.
    pub id: Uuid,
    /// Its present version.
    pub version: PlanVersion,
    /// When it was last told.
    pub updated_at: DateTime<Utc>,
    /// What the request did.
    pub effect: Effect,
}

/// What a request did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The plan stands, and did not before.
    Created,
    /// The plan stands in another state.
    Updated,
    /// The plan stands no more.
    Withdrawn,
    /// All was so already.
    Nothing,
}

/// Why a request about one plan is not met. None says whether another authority's plan is there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WriteRefusal {
    /// Its record cannot be taken in.
    #[error("{}", .0.reason)]
    Record(RecordRefusal),
    /// There is no such plan.
    #[error("there is no such plan of the authority's")]
    NotFound,
    /// There is such a plan, and it is another authority's: the caller is told what one is told of
    /// a plan that is not there.
    #[error("there is no such plan of the authority's")]
    AnotherAuthority,
    /// The criteria find several plans, or another than the record's.
    #[error(
        "the criteria find several plans, or another than the one sent: name its identifier, type \
         and start"
    )]
    Unclear,
    /// The plan is not in the version that the request is for.
    #[error("the plan is in another version than If-Match names, or in none")]
    AnotherVersion,
    /// The criteria find a plan of another id than the one that was sent.
    #[error("the criteria find a plan of another id than the resource has: leave the id out")]
    AnotherId,
    /// The plan is held already, in another state.
    #[error("the plan is held already, and says something else: update it instead")]
    HeldAlready,
}

impl WriteRefusal {
    /// The refusal as an acknowledgement has it.
    #[must_use]
    pub fn record(&self) -> RecordRefusal {
        match self {
            Self::Record(refusal) => refusal.clone(),
            other => RecordRefusal {
                code: RecordCode::Unsuccessful,
                field: other.field(),
                echo: String::new(),
                reason: other.to_string(),
            },
        }
    }

    fn field(&self) -> Option<RecordField> {
        match self {
            Self::Record(refusal) => refusal.field,
            Self::Unclear => Some(RecordField::LocalId),
            Self::NotFound
            | Self::AnotherAuthority
            | Self::AnotherVersion
            | Self::AnotherId
            | Self::HeldAlready => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::NaiveDate;

    use super::{Condition, PlanCriteria, PlanVersion};
    use crate::domain::plan::{PlanKind, PlanPhase};
    use crate::domain::upload::PlanKey;

    fn key() -> PlanKey {
        PlanKey {
            local_id: "H-1".into(),
            kind: PlanKind::ChildProtection,
            start: NaiveDate::from_ymd_opt(2026, 1, 10).unwrap(),
        }
    }

    #[test]
    fn criteria_find_what_has_all_that_they_name() {
        let found = |local_id: &str, kind, start: Option<&str>| {
            let criteria = PlanCriteria {
                local_id: local_id.into(),
                kind,
                start: start.map(|day| day.parse().unwrap()),
            };
            criteria.find(&key())
        };
        assert!(found("H-1", None, None));
        assert!(found(
            "H-1",
            Some(PlanKind::ChildProtection),
            Some("2026-01-10")
        ));
        assert!(!found("h-1", None, None));
        assert!(!found("H-1", Some(PlanKind::LookedAfter), None));
        assert!(!found("H-1", None, Some("2026-01-11")));
    }

    #[test]
    fn a_condition_holds_of_the_very_version_and_of_nothing_that_is_not_there() {
        let version = |told| PlanVersion {
            told,
            described: 1,
            phase: PlanPhase::Active,
        };
        let one = Condition::IsOneOf(vec![version(1), version(2)]);
        assert!(one.holds(Some(version(2))));
        assert!(!one.holds(Some(version(3))));
        assert!(!one.holds(None));
        assert!(Condition::IsThere.holds(Some(version(9))));
        assert!(!Condition::IsThere.holds(None));
        assert!(Condition::None.holds(None));
        assert!(!Condition::IsOneOf(Vec::new()).holds(Some(version(1))));
    }
}
