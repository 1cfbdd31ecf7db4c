//! How many children may be looked at within an hour, and how many of them without finding a plan:
//! what keeps NHS numbers from being tried one after another.
//!
//! The hour is counted in slots of five minutes, the present one included, so it is never longer
//! than an hour and may be five minutes shorter.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Who has a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BudgetHolder {
    /// A person, wherever they look.
    Person,
    /// All persons of an organisation together.
    Organisation,
    /// All that one client asks, for whomever.
    Client,
}

impl BudgetHolder {
    /// Every holder there is, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Person, Self::Organisation, Self::Client];

    /// The name the database uses, and the words of a refusal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Client => "client",
        }
    }

    /// Reads a holder by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|holder| holder.name() == name)
    }
}

/// What a holder may do within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookBudget {
    /// Children looked at.
    pub children: u32,
    /// Children looked at of whom no plan was shown.
    pub misses: u32,
}

/// What every holder may do, and what is never chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookRules {
    /// A person.
    pub person: LookBudget,
    /// An organisation.
    pub organisation: LookBudget,
    /// A client.
    pub client: LookBudget,
    /// So many numbers in a row are refused to one person.
    pub row: usize,
}

impl LookRules {
    /// The budget of a holder.
    #[must_use]
    pub fn of(&self, holder: BudgetHolder) -> LookBudget {
        match holder {
            BudgetHolder::Person => self.person,
            BudgetHolder::Organisation => self.organisation,
            BudgetHolder::Client => self.client,
        }
    }
}

/// What was spent in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Children looked at.
    pub children: u32,
    /// Those of whom no plan was shown.
    pub misses: u32,
}

impl Tally {
    /// One child.
    #[must_use]
    pub fn of_one(shown_a_plan: bool) -> Self {
        Self {
            children: 1,
            misses: u32::from(!shown_a_plan),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            children: self.children.saturating_add(other.children),
            misses: self.misses.saturating_add(other.misses),
        }
    }

    /// What is left when the other is taken away.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            children: self.children.saturating_sub(other.children),
            misses: self.misses.saturating_sub(other.misses),
        }
    }
}

/// Five minutes, numbered since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub i64);

/// How long a slot is, in seconds.
const SLOT_SECONDS: i64 = 300;
/// How many slots an hour has.
const SLOTS: i64 = 12;

impl Slot {
    /// The slot of a moment.
    #[must_use]
    pub fn of(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp().div_euclid(SLOT_SECONDS))
    }

    /// The first slot that still counts in this one.
    #[must_use]
    pub fn first_counted(self) -> Self {
        Self(self.0.saturating_sub(SLOTS - 1))
    }

    /// The moment from which this slot counts no longer.
    #[must_use]
    pub fn forgotten_at(self) -> DateTime<Utc> {
        let seconds = self.0.saturating_add(SLOTS).saturating_mul(SLOT_SECONDS);
        DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Where a holder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Well within the budget.
    Within,
    /// Four fifths of it or more are spent: somebody should look.
    Nearing,
    /// It is spent, until this long from now.
    Spent(TimeDelta),
}

/// What a holder spent, slot by slot.
pub type Spending = BTreeMap<Slot, Tally>;

/// What was spent within the hour.
#[must_use]
pub fn counted(spending: &Spending, now: DateTime<Utc>) -> Tally {
    let counted = spending.range(Slot::of(now).first_counted()..);
    counted.fold(Tally::default(), |sum, (_, tally)| sum.and(*tally))
}

/// Where a holder stands with what was spent.
#[must_use]
pub fn standing(spending: &Spending, budget: LookBudget, now: DateTime<Utc>) -> Standing {
    let mut left = counted(spending, now);
    let is_spent =
        |tally: Tally| tally.children >= budget.children || tally.misses >= budget.misses;
    if !is_spent(left) {
        let nears = |spent: u32, most: u32| u64::from(spent) * 5 >= u64::from(most) * 4;
        return match nears(left.children, budget.children) || nears(left.misses, budget.misses) {
            true => Standing::Nearing,
            false => Standing::Within,
        };
    }
    let mut again_at = now;
    for (slot, tally) in spending.range(Slot::of(now).first_counted()..) {
        left = left.without(*tally);
        again_at = slot.forgotten_at();
        if !is_spent(left) {
            break;
        }
    }
    Standing::Spent(
        again_at
            .signed_duration_since(now)
            .max(TimeDelta::seconds(1)),
    )
}

#[cfg(test)]
#[path = "look_budget_rules.rs"]
mod rules;
