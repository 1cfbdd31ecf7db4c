//! Numbers that one person looks at in a row. Children who come to one place have numbers far
//! apart; whoever tries numbers goes from one to the next.

use std::collections::BTreeSet;

use crate::domain::nhs_number::NhsNumber;

/// How far apart two numbers of a row may be, without their last digits, which follow from the
/// others. Children who are born in one hospital on one day are further apart, and twins are two.
const STEP_MAX: i64 = 10;

/// The numbers a person looked at.
#[derive(Debug, Clone, Default)]
pub struct LookedAt(BTreeSet<i64>);

impl LookedAt {
    /// Keeps that a number was looked at.
    pub fn add(&mut self, number: NhsNumber) {
        self.0.insert(without_last_digit(number));
    }

    /// Forgets a number.
    pub fn forget(&mut self, number: NhsNumber) {
        self.0.remove(&without_last_digit(number));
    }

    /// How many numbers stand in a row with this one, itself included.
    #[must_use]
    pub fn row(&self, number: NhsNumber) -> usize {
        let place = without_last_digit(number);
        let below = self.0.range(..place).rev();
        let above = self.0.range(place.saturating_add(1)..);
        1 + steps(place, below.copied()) + steps(place, above.copied())
    }
}

/// How many of the numbers, going away from a place, follow each other closely.
fn steps(place: i64, numbers: impl Iterator<Item = i64>) -> usize {
    let mut last = place;
    numbers
        .take_while(|number| {
            let is_close = last.abs_diff(*number) <= STEP_MAX.unsigned_abs();
            last = *number;
            is_close
        })
        .count()
}

fn without_last_digit(number: NhsNumber) -> i64 {
    number.stored() / 10
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::collection::btree_set;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::LookedAt;
    use crate::domain::nhs_number::NhsNumber;

    /// The first valid number at or after these nine digits.
    fn number(nine: i64) -> NhsNumber {
        let mut all = (nine..).flat_map(|nine| (0..10).map(move |last| nine * 10 + last));
        all.find_map(|number| NhsNumber::from_stored(number).ok())
            .unwrap()
    }

    fn looked_at(nines: impl IntoIterator<Item = i64>) -> LookedAt {
        let mut looked_at = LookedAt::default();
        nines
            .into_iter()
            .for_each(|nine| looked_at.add(number(nine)));
        looked_at
    }

    #[test]
    fn numbers_tried_one_after_another_are_a_row_in_any_order() {
        let forwards = looked_at((0..20).map(|step| 450_000_000 + step * 3));
        assert_eq!(forwards.row(number(450_000_060)), 21);
        let backwards = looked_at((0..20).rev().map(|step| 450_000_000 + step * 3));
        assert_eq!(backwards.row(number(450_000_030)), 20);
    }

    #[test]
    fn children_of_one_waiting_room_are_no_row() {
        let room = looked_at((0..100).map(|child| 450_000_000 + child * 7_919));
        assert_eq!(room.row(number(450_000_500)), 1);
        // Twins have numbers side by side.
        assert_eq!(room.row(number(450_000_001)), 2);
    }

    proptest! {
        #[test]
        fn a_row_is_never_longer_than_what_was_looked_at(
            nines in btree_set(400_000_000_i64..400_001_000, 0..50),
            next in 400_000_000_i64..400_001_000,
        ) {
            let mut all = looked_at(nines.iter().copied());
            let row = all.row(number(next));
            prop_assert!(row >= 1 && row <= nines.len() + 1);
            all.add(number(next));
            prop_assert_eq!(all.row(number(next)), row);
        }
    }
}
