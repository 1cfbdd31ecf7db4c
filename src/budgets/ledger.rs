//! What one holder spent: what this process knows, and what the others told through the database.

use chrono::{DateTime, Utc};

use crate::domain::look_budget::{LookBudget, Slot, Spending, Standing, Tally, counted, standing};

/// What one holder spent within the hour.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    /// In all processes, as the database last told.
    shared: Spending,
    /// In this process, not yet told to the others.
    unshared: Spending,
}

impl Ledger {
    /// Adds to what was spent.
    pub(super) fn spend(&mut self, slot: Slot, tally: Tally) {
        let spent = self.unshared.entry(slot).or_default();
        *spent = spent.and(tally);
    }

    /// Where the holder stands.
    pub(super) fn standing(&self, budget: LookBudget, now: DateTime<Utc>) -> Standing {
        standing(&self.spending(), budget, now)
    }

    /// How many children were looked at within the hour.
    pub(super) fn children(&self, now: DateTime<Utc>) -> usize {
        let spent = counted(&self.spending(), now);
        usize::try_from(spent.children).unwrap_or(usize::MAX)
    }

    /// What the others have not been told yet.
    pub(super) fn unshared(&self) -> &Spending {
        &self.unshared
    }

    /// Takes in what the database holds, once it was told this.
    pub(super) fn share(&mut self, told: &Spending, held: Spending) {
        for (slot, tally) in told {
            if let Some(left) = self.unshared.get_mut(slot) {
                *left = left.without(*tally);
            }
        }
        self.unshared.retain(|_, tally| *tally != Tally::default());
        self.shared = held;
    }

    /// Forgets what is older than an hour; whether anything is left.
    pub(super) fn forget(&mut self, slot: Slot) -> bool {
        let first = slot.first_counted();
        self.shared = self.shared.split_off(&first);
        self.unshared = self.unshared.split_off(&first);
        !(self.shared.is_empty() && self.unshared.is_empty())
    }

    fn spending(&self) -> Spending {
        let mut sum = self.shared.clone();
        for (slot, tally) in &self.unshared {
            let spent = sum.entry(*slot).or_default();
            *spent = spent.and(*tally);
        }
        sum
    }
}
