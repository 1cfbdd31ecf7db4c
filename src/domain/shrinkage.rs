//! The guard against a file that would end or withdraw an unlikely share of what its authority
//! protects: a wrong column or an empty extract must not take the plans off hundreds of children.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use crate::domain::plan::EffectiveEnd;
use crate::domain::upload::PlanRecord;

/// How soon a plan must end for its new end to count, in days: an end brought forward to next week
/// takes the plan off nearly as surely as one of yesterday.
const SOON_DAYS: Days = Days::new(31);

/// When a file is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShrinkageRule {
    /// A file that ends more than this share of its authority's current plans is held, in percent.
    pub share_percent: u8,
    /// But never one that ends fewer plans than this.
    pub plans_min: usize,
}

/// The guard as it stands before one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShrinkGuard {
    /// When a file is held.
    pub rule: ShrinkageRule,
    /// How many plans the authority says the file is meant to end, where it says so.
    pub confirmed: Option<usize>,
}

/// What a file would take off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shrinkage {
    /// The authority's current plans, before the file.
    pub current: usize,
    /// How many of them the file would end or withdraw.
    pub ending: usize,
}

impl ShrinkageRule {
    /// Whether so much may be taken off without a word.
    #[must_use]
    pub fn allows(self, shrinkage: Shrinkage) -> bool {
        let Shrinkage { current, ending } = shrinkage;
        let share = current.saturating_mul(usize::from(self.share_percent));
        ending < self.plans_min || ending.saturating_mul(100) <= share
    }
}

impl ShrinkGuard {
    /// Whether a file that takes this off may be taken in. A confirmation counts for exactly the
    /// number it names: where that differs, the authority has not seen what it would confirm.
    #[must_use]
    pub fn allows(self, shrinkage: Shrinkage) -> bool {
        self.rule.allows(shrinkage) || self.confirms(shrinkage)
    }

    /// Whether the authority has confirmed exactly this.
    #[must_use]
    pub fn confirms(self, shrinkage: Shrinkage) -> bool {
        self.confirmed == Some(shrinkage.ending)
    }
}

/// How many of the plans held a file would end or withdraw, by what it tells. A plan that is told
/// twice counts as it is told last.
#[must_use]
pub fn ending<'a>(
    held: impl Iterator<Item = &'a PlanRecord>,
    told: &[&PlanRecord],
    today: NaiveDate,
) -> usize {
    let told: HashMap<_, _> = told
        .iter()
        .map(|plan| ((plan.key(), plan.nhs_number), *plan))
        .collect();
    held.filter(|plan| is_current(plan, today))
        .filter(|plan| {
            let now_told = told.get(&(plan.key(), plan.nhs_number));
            now_told.is_some_and(|now_told| takes_off(plan, now_told, today))
        })
        .count()
}

fn is_current(plan: &PlanRecord, today: NaiveDate) -> bool {
    plan.deleted_on.is_none() && end_of(plan) >= today
}

fn takes_off(held: &PlanRecord, told: &PlanRecord, today: NaiveDate) -> bool {
    let soon = today.checked_add_days(SOON_DAYS).unwrap_or(NaiveDate::MAX);
    told.deleted_on.is_some() || (end_of(told) < end_of(held) && end_of(told) <= soon)
}

fn end_of(plan: &PlanRecord) -> NaiveDate {
    EffectiveEnd::of(plan.kind, plan.birth_date, plan.sent_end).day
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use chrono::NaiveDate;
    use proptest::prelude::{prop_assert, proptest};

    use super::{ShrinkGuard, Shrinkage, ShrinkageRule, ending};
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::plan::PlanKind;
    use crate::domain::upload::PlanRecord;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn plan(local_id: &str) -> PlanRecord {
        PlanRecord {
            kind: PlanKind::ChildProtection,
            nhs_number: NhsNumber::parse("9990000018").unwrap(),
            local_id: local_id.to_owned(),
            birth_date: day("2015-04-01"),
            start: day("2026-01-10"),
            sent_end: None,
            deleted_on: None,
        }
    }

    fn until(end: &str) -> PlanRecord {
        PlanRecord {
            sent_end: Some(day(end)),
            ..plan("H-1")
        }
    }

    fn withdrawn() -> PlanRecord {
        PlanRecord {
            deleted_on: Some(day("2026-11-01")),
            ..plan("H-1")
        }
    }

    #[test]
    fn a_plan_counts_when_it_is_withdrawn_or_its_end_comes_forward_to_these_weeks() {
        let today = day("2026-11-22");
        for (held, told, counts) in [
            (plan("H-1"), withdrawn(), 1),
            (plan("H-1"), until("2026-11-20"), 1),
            (plan("H-1"), until("2026-12-23"), 1),
            (plan("H-1"), until("2026-12-24"), 0),
            (plan("H-1"), plan("H-1"), 0),
            (until("2026-11-25"), until("2026-11-25"), 0),
            (until("2026-11-25"), until("2026-12-01"), 0),
            // What has ended or was withdrawn protects nobody any more.
            (until("2026-11-21"), withdrawn(), 0),
            (withdrawn(), withdrawn(), 0),
            // The file says nothing of this plan.
            (plan("H-2"), withdrawn(), 0),
        ] {
            assert_eq!(
                ending([&held].into_iter(), &[&told], today),
                counts,
                "{told:?}"
            );
        }
    }

    fn guard(confirmed: Option<usize>) -> ShrinkGuard {
        ShrinkGuard {
            rule: ShrinkageRule {
                share_percent: 20,
                plans_min: 5,
            },
            confirmed,
        }
    }

    #[test]
    fn a_file_is_held_for_more_than_its_share_unless_exactly_that_is_confirmed() {
        for (current, ending, confirmed, allowed) in [
            (100, 20, None, true),
            (100, 21, None, false),
            (100, 21, Some(21), true),
            (100, 21, Some(22), false),
            (4, 4, None, true),
            (5, 5, None, false),
            (0, 0, None, true),
        ] {
            let shrinkage = Shrinkage { current, ending };
            assert_eq!(guard(confirmed).allows(shrinkage), allowed, "{shrinkage:?}");
        }
    }

    proptest! {
        #[test]
        fn a_file_that_ends_more_is_never_allowed_where_one_that_ends_less_is_held(
            current in 0_usize..10_000, ending in 0_usize..10_000, more in 0_usize..1_000
        ) {
            let less = Shrinkage { current, ending };
            let greater = Shrinkage { current, ending: ending + more };
            prop_assert!(guard(None).allows(less) || !guard(None).allows(greater));
        }
    }
}
