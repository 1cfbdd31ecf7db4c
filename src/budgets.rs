//! What keeps NHS numbers from being tried: each person, organisation and client may look at so
//! many children within an hour, and at so many without finding a plan. The disclosure asks here
//! before it looks, and says here what it saw.
//!
//! What was spent is shared between processes through the database every second
//! ([`sharing`]), not in the disclosure's transaction: all looks of an organisation would wait for
//! one row. So a budget may be overdrawn by what is asked in a second.

mod ledger;
pub mod review;
pub mod sharing;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use thiserror::Error;

use crate::budgets::ledger::Ledger;
use crate::domain::access::{Look, Subject};
use crate::domain::look_budget::{BudgetHolder, LookRules, Slot, Standing, Tally};
use crate::domain::look_finding::{FindingKind, LookFinding};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::number_row::LookedAt;
use crate::instruments::Counts;

/// Why a look, or a report of an alert, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OverBudget {
    /// Too many children within an hour.
    #[error(
        "too many children were looked at within an hour for one {name}: nothing is known of this \
         child either way. Follow local safeguarding procedure, or ask again in {minutes} minutes",
        name = .0.name(),
        minutes = (.1.num_seconds() + 59) / 60
    )]
    Spent(BudgetHolder, TimeDelta),
    /// Too many numbers in a row.
    #[error(
        "too many NHS numbers were asked for in a row: nothing is known of this child either way. \
         Follow local safeguarding procedure; the operator can say more"
    )]
    NumbersInARow(TimeDelta),
    /// Too many alerts reported within an hour.
    #[error(
        "too many alerts were reported within an hour for one {name}, and this report is not on \
         record: telephone the local authority, or report again in {minutes} minutes",
        name = .0.name(),
        minutes = (.1.num_seconds() + 59) / 60
    )]
    Reports(BudgetHolder, TimeDelta),
}

impl OverBudget {
    /// How long until it makes sense to ask again.
    #[must_use]
    pub fn wait(self) -> TimeDelta {
        match self {
            Self::Spent(_, wait) | Self::NumbersInARow(wait) | Self::Reports(_, wait) => wait,
        }
    }

    /// The refusal's name in the security log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Spent(..) => "over-budget",
            Self::NumbersInARow(_) => "numbers-in-a-row",
            Self::Reports(..) => "too-many-reports",
        }
    }
}

/// What a look saw, as far as budgets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saw {
    /// This child, with a plan or without.
    Child(NhsNumber, bool),
    /// Nobody is known under the id that was asked for.
    Nobody,
}

/// The budgets of one process.
pub struct Budgets {
    rules: LookRules,
    spent: Mutex<Spent>,
    /// What was found and put on record since the process began, by kind.
    pub found: Counts,
}

/// What was spent, and by whom.
#[derive(Default)]
struct Spent {
    ledgers: [HashMap<String, Ledger>; 3],
    people: HashMap<String, Person>,
    findings: Vec<LookFinding>,
    found: HashSet<(FindingKind, BudgetHolder, String, Slot)>,
    forgot_in: Option<Slot>,
}

/// What a person looked at within the hour, so that a child is counted once.
#[derive(Default)]
struct Person {
    children: HashMap<NhsNumber, Slot>,
    /// Numbers in a row that were refused: whoever goes on along the row is still in it.
    refused: HashMap<NhsNumber, Slot>,
    numbers: LookedAt,
}

/// Whoever had so many numbers in a row refused has every other number refused too.
const REFUSED_MAX: usize = 100;

impl Budgets {
    /// Budgets of which nothing is spent.
    #[must_use]
    pub fn of(rules: LookRules) -> Self {
        Self {
            rules,
            spent: Mutex::default(),
            found: Counts::default(),
        }
    }

    /// Whether a look may be. Whoever looked at a child may come back to it: a child is counted
    /// once. What is asked for by an id was disclosed before, and is counted and not refused.
    ///
    /// # Errors
    /// [`OverBudget`].
    pub fn admit(&self, look: &Look) -> Result<(), OverBudget> {
        let Subject::NhsNumber(number) = look.subject else {
            return Ok(());
        };
        let mut spent = self.spent();
        let slot = Slot::of(look.at);
        let person = spent.people.get_mut(&look.viewer.practitioner.user_id);
        if person
            .as_ref()
            .is_some_and(|person| person.knows(number, slot))
        {
            return Ok(());
        }
        let row = person.map_or(1, |person| person.try_in_row(number, slot, self.rules.row));
        if row > self.rules.row {
            let wait = slot.forgotten_at().signed_duration_since(look.at);
            spent.find(FindingKind::NumbersInARow, BudgetHolder::Person, look, row);
            return Err(OverBudget::NumbersInARow(wait));
        }
        let nothing = Ledger::default();
        for holder in BudgetHolder::ALL {
            let held = spent.ledgers_of(holder).get(key(holder, look));
            let ledger = held.unwrap_or(&nothing);
            let standing = ledger.standing(self.rules.of(holder), look.at);
            if let Standing::Spent(wait) = standing {
                let children = ledger.children(look.at);
                spent.find(FindingKind::SpentBudget, holder, look, children);
                return Err(OverBudget::Spent(holder, wait));
            }
        }
        Ok(())
    }

    /// Counts what a look saw.
    pub fn count(&self, look: &Look, saw: Saw) {
        let mut spent = self.spent();
        let slot = Slot::of(look.at);
        let tally = match saw {
            Saw::Nobody => Tally::of_one(false),
            Saw::Child(number, has_plan) => {
                let user = &look.viewer.practitioner.user_id;
                let person = match spent.people.get_mut(user) {
                    Some(person) => person,
                    None => spent.people.entry(user.clone()).or_default(),
                };
                // The number that was asked for may have been replaced by the one that was found.
                let asked = match look.subject {
                    Subject::NhsNumber(asked) => asked,
                    Subject::Patient(_) | Subject::Plan(_) | Subject::Access(_) => number,
                };
                if person.knows(asked, slot) {
                    return;
                }
                person.learn(asked, slot);
                let row = person.numbers.row(asked);
                // Half of a row may be chance, and is worth a look.
                if row.saturating_mul(2) >= self.rules.row {
                    spent.find(FindingKind::NumbersInARow, BudgetHolder::Person, look, row);
                }
                Tally::of_one(has_plan)
            }
        };
        for holder in BudgetHolder::ALL {
            let ledger = spent.ledger(holder, key(holder, look));
            ledger.spend(slot, tally);
            if ledger.standing(self.rules.of(holder), look.at) != Standing::Within {
                let children = ledger.children(look.at);
                spent.find(FindingKind::NearBudget, holder, look, children);
            }
        }
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spent {
    fn ledgers_of(&mut self, holder: BudgetHolder) -> &mut HashMap<String, Ledger> {
        let [person, organisation, client] = &mut self.ledgers;
        match holder {
            BudgetHolder::Person => person,
            BudgetHolder::Organisation => organisation,
            BudgetHolder::Client => client,
        }
    }

    fn ledger(&mut self, holder: BudgetHolder, key: &str) -> &mut Ledger {
        self.ledgers_of(holder).entry(key.to_owned()).or_default()
    }

    /// Keeps a finding, of one kind about one holder once in an hour or so.
    fn find(&mut self, kind: FindingKind, holder: BudgetHolder, look: &Look, count: usize) {
        let key = key(holder, look).to_owned();
        let hour = Slot(Slot::of(look.at).0.div_euclid(12));
        if self.found.insert((kind, holder, key.clone(), hour)) {
            self.findings.push(LookFinding {
                kind,
                holder,
                key,
                at: look.at,
                count: u32::try_from(count).unwrap_or(u32::MAX),
            });
        }
    }
}

impl Person {
    fn knows(&self, number: NhsNumber, slot: Slot) -> bool {
        let seen = self.children.get(&number);
        seen.is_some_and(|seen| *seen >= slot.first_counted())
    }

    /// How long the row is that a number would make. One that makes it too long is kept as refused.
    fn try_in_row(&mut self, number: NhsNumber, slot: Slot, most: usize) -> usize {
        if self.refused.len() >= REFUSED_MAX {
            return most.saturating_add(1);
        }
        let row = self.numbers.row(number);
        if row > most {
            self.refused.insert(number, slot);
            self.numbers.add(number);
        }
        row
    }

    fn learn(&mut self, number: NhsNumber, slot: Slot) {
        self.children.insert(number, slot);
        self.numbers.add(number);
    }

    /// Forgets what is older than an hour; whether anything is left.
    fn forget(&mut self, slot: Slot) -> bool {
        let Self {
            children,
            refused,
            numbers,
        } = self;
        for kept in [&mut *children, &mut *refused] {
            kept.retain(|number, seen| {
                let counts = *seen >= slot.first_counted();
                if !counts {
                    numbers.forget(*number);
                }
                counts
            });
        }
        !(children.is_empty() && refused.is_empty())
    }
}

fn key(holder: BudgetHolder, look: &Look) -> &str {
    match holder {
        BudgetHolder::Person => &look.viewer.practitioner.user_id,
        BudgetHolder::Organisation => look.viewer.organisation.as_str(),
        BudgetHolder::Client => &look.viewer.client_id,
    }
}

#[cfg(test)]
#[path = "budgets/rules.rs"]
mod rules;
