//! The rules of budgets, tried.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{BudgetHolder, LookBudget, Slot, Spending, Standing, Tally, standing};

const BUDGET: LookBudget = LookBudget {
    children: 100,
    misses: 50,
};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(100) + TimeDelta::minutes(minutes)
}

fn spent(looks: &[(i64, u32, u32)]) -> Spending {
    let mut spending = Spending::new();
    for (minutes, children, misses) in looks {
        let tally = spending.entry(Slot::of(at(*minutes))).or_default();
        *tally = tally.and(Tally {
            children: *children,
            misses: *misses,
        });
    }
    spending
}

#[test]
fn a_child_looked_at_is_one_and_a_miss_only_where_no_plan_was_shown() {
    let spent = |tally: Tally| (tally.children, tally.misses);
    assert_eq!(spent(Tally::of_one(true)), (1, 0));
    assert_eq!(spent(Tally::of_one(false)), (1, 1));
}

#[test]
fn a_holder_is_read_back_by_its_name_and_by_no_other() {
    let names = ["person", "organisation", "client"];
    assert_eq!(BudgetHolder::ALL.map(BudgetHolder::name), names);
    for holder in BudgetHolder::ALL {
        assert_eq!(BudgetHolder::parse(holder.name()), Some(holder));
    }
    for other in ["", "Person", "child"] {
        assert_eq!(BudgetHolder::parse(other), None, "{other}");
    }
}

#[test]
fn four_fifths_of_either_part_of_a_budget_are_near_its_end() {
    let stands = |children, misses| standing(&spent(&[(0, children, misses)]), BUDGET, at(0));
    assert_eq!(stands(79, 39), Standing::Within);
    assert_eq!(stands(80, 0), Standing::Nearing);
    assert_eq!(stands(40, 40), Standing::Nearing);
    assert_eq!(stands(99, 49), Standing::Nearing);
    assert!(matches!(stands(100, 0), Standing::Spent(_)));
    assert!(matches!(stands(50, 50), Standing::Spent(_)));
}

#[test]
fn a_spent_budget_is_there_again_when_enough_of_it_is_an_hour_old() {
    let spending = spent(&[(0, 30, 0), (10, 60, 0), (31, 20, 0)]);
    let again = |minutes| standing(&spending, BUDGET, at(minutes));
    // Without the 30 of the first slot, 80 are left.
    assert_eq!(again(31), Standing::Spent(TimeDelta::minutes(29)));
    assert_eq!(again(60), Standing::Nearing);
    assert_eq!(again(70), Standing::Within);
}

#[test]
fn nobody_looks_with_a_budget_of_nothing() {
    let nothing = LookBudget {
        children: 0,
        misses: 0,
    };
    let stands = standing(&Spending::new(), nothing, at(0));
    assert!(matches!(stands, Standing::Spent(_)));
}

proptest! {
    #[test]
    fn whoever_waits_as_long_as_told_may_look_again_and_not_a_second_sooner(
        looks in vec((0_i64..60, 1_u32..60, 0_u32..40), 1..20),
    ) {
        let spending = spent(&looks);
        let now = at(60);
        if let Standing::Spent(wait) = standing(&spending, BUDGET, now) {
            let is_spent = |at| matches!(standing(&spending, BUDGET, at), Standing::Spent(_));
            prop_assert!(!is_spent(now + wait));
            prop_assert!(is_spent(now + wait - TimeDelta::seconds(1)));
        }
    }

    #[test]
    fn a_slot_counts_for_an_hour_and_no_longer(minutes in 0_i64..600, later in 0_i64..120) {
        let slot = Slot::of(at(minutes));
        let counts = slot >= Slot::of(at(minutes + later)).first_counted();
        prop_assert_eq!(counts, at(minutes + later) < slot.forgotten_at());
        prop_assert!(counts || later > 54);
    }
}
