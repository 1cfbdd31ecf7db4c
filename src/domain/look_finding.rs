//! What somebody should look at: a use of the service that may be browsing. It accuses nobody, and
//! says nothing of any child.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::look_budget::BudgetHolder;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// Most of a budget is spent.
    NearBudget,
    /// A budget is spent: looks are refused.
    SpentBudget,
    /// A person looks at numbers in a row.
    NumbersInARow,
    /// A person looked at many more children in a day than others in the same role there.
    ManyChildren,
    /// A person whose looks are in office hours looked at many children at night.
    OutOfHours,
    /// A person came back to one child on many days.
    RepeatedViews,
}

impl FindingKind {
    /// Every kind there is.
    pub const ALL: [Self; 6] = [
        Self::NearBudget,
        Self::SpentBudget,
        Self::NumbersInARow,
        Self::ManyChildren,
        Self::OutOfHours,
        Self::RepeatedViews,
    ];

    /// The name the database uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NearBudget => "near-budget",
            Self::SpentBudget => "spent-budget",
            Self::NumbersInARow => "numbers-in-a-row",
            Self::ManyChildren => "many-children",
            Self::OutOfHours => "out-of-hours",
            Self::RepeatedViews => "repeated-views",
        }
    }

    /// Reads a kind by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFinding {
    /// What was found.
    pub kind: FindingKind,
    /// Of whom.
    pub holder: BudgetHolder,
    /// The person's, organisation's or client's id.
    pub key: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How many children, numbers in a row, or days.
    pub count: u32,
}

/// A finding on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFinding {
    /// Its id.
    pub id: Uuid,
    /// What was found.
    pub finding: LookFinding,
    /// When somebody had looked at it, and what came of it.
    pub closed: Option<(DateTime<Utc>, String)>,
}
