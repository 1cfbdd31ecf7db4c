//! A plan: what a local authority last told of a child's protection, and until when it counts.
//!
//! CP-IS knows three kinds and no other (domain message specification, COCT_TP146100 to 146102).

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::calendar::{day_of, days_before, eighteenth_birthday};
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;

/// What a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanKind {
    /// CPP: the child is subject to a child protection plan.
    ChildProtection,
    /// CLA: the child is looked after by the local authority.
    LookedAfter,
    /// UCPP: the unborn child has a plan; the plan is the mother's, and says nothing of the child.
    UnbornChildProtection,
}

impl PlanKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [
        Self::ChildProtection,
        Self::LookedAfter,
        Self::UnbornChildProtection,
    ];

    /// The kind's name in CP-IS: `CPP`, `CLA` or `UCPP`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ChildProtection => "CPP",
            Self::LookedAfter => "CLA",
            Self::UnbornChildProtection => "UCPP",
        }
    }

    /// Reads a kind by its CP-IS name; nothing else is a kind.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The last day a plan counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveEnd {
    /// The day itself.
    pub day: NaiveDate,
    /// True when the service worked the day out, because the authority sent none or a later one.
    pub computed: bool,
}

impl EffectiveEnd {
    /// The end CP-IS shows: what the authority sent, for a child never later than the eighteenth
    /// birthday. A mother may be of any age, so a due date stands as sent.
    #[must_use]
    pub fn of(kind: PlanKind, birth_date: NaiveDate, sent: Option<NaiveDate>) -> Self {
        let birthday = eighteenth_birthday(birth_date);
        match (kind, sent) {
            (PlanKind::UnbornChildProtection, Some(due)) => Self {
                day: due,
                computed: false,
            },
            (_, Some(end)) if end <= birthday => Self {
                day: end,
                computed: false,
            },
            _ => Self {
                day: birthday,
                computed: true,
            },
        }
    }
}

/// How many days after its end a plan is still shown. Settings, because the sources differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Days after the end of a child protection plan or of being looked after.
    pub after_end_days: u16,
    /// Days after the due date of an unborn child's plan.
    pub after_due_date_days: u16,
}

impl Windows {
    /// The earliest effective end that still shows on a day.
    #[must_use]
    pub fn earliest_end_shown(&self, kind: PlanKind, today: NaiveDate) -> NaiveDate {
        match kind {
            PlanKind::UnbornChildProtection => days_before(today, self.after_due_date_days),
            PlanKind::ChildProtection | PlanKind::LookedAfter => {
                days_before(today, self.after_end_days)
            }
        }
    }

    /// The last day on which a plan with this effective end shows.
    #[must_use]
    pub fn last_day_shown(&self, kind: PlanKind, end: NaiveDate) -> NaiveDate {
        let days = match kind {
            PlanKind::UnbornChildProtection => self.after_due_date_days,
            PlanKind::ChildProtection | PlanKind::LookedAfter => self.after_end_days,
        };
        end.checked_add_days(Days::new(u64::from(days)))
            .unwrap_or(NaiveDate::MAX)
    }

    /// Whether a plan that ended, or will end, on a day is shown at a moment.
    #[must_use]
    pub fn shows(&self, kind: PlanKind, end: NaiveDate, now: DateTime<Utc>) -> bool {
        end >= self.earliest_end_shown(kind, day_of(now))
    }
}

/// Where a plan stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanPhase {
    /// It has not begun.
    Planned,
    /// It counts today.
    Active,
    /// It ended, and is still shown.
    Finished,
}

/// A plan as a caller may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The plan's own id, a UUIDv7.
    pub id: Uuid,
    /// How often the authority has told it, from 1.
    pub version: i32,
    /// What it is.
    pub kind: PlanKind,
    /// Whose it is: the child's, or the mother's for an unborn child's plan.
    pub child: Child,
    /// The authority's own identifier for the child.
    pub local_id: String,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day.
    pub end: EffectiveEnd,
    /// Who told it, and answers for it.
    pub authority: LocalAuthority,
    /// When this version was told.
    pub updated_at: DateTime<Utc>,
}

impl PlanPhase {
    /// Every phase there is.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Active, Self::Finished];

    /// Where a plan of a first and a last day stands at a moment.
    #[must_use]
    pub fn of(start: NaiveDate, end: NaiveDate, now: DateTime<Utc>) -> Self {
        let today = day_of(now);
        if today < start {
            Self::Planned
        } else if today <= end {
            Self::Active
        } else {
            Self::Finished
        }
    }
}

impl Plan {
    /// Where the plan stands at a moment.
    #[must_use]
    pub fn phase(&self, now: DateTime<Utc>) -> PlanPhase {
        PlanPhase::of(self.start, self.end.day, now)
    }
}

/// Whom plans are about: the child, or the mother of an unborn child.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// An opaque id, a UUIDv7, that says nothing of the NHS number.
    pub id: Uuid,
    /// The NHS number the plans were uploaded under.
    pub nhs_number: NhsNumber,
    /// The date of birth as the authority gave it.
    pub birth_date: NaiveDate,
    /// When the service last learnt something of the child.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
#[path = "plan_rules.rs"]
mod rules;
