//! What was retired, beside the leaves as they are walked over: a leaf without a row is right where
//! a month left with it, by a record that we made, and where all that is kept of the month's leaves
//! is what it was then.

use uuid::Uuid;

use crate::domain::month::Month;
use crate::sealing::manifest::{LeavesSeen, Manifest, believed};
use crate::sealing::row::RowKey;
use crate::sealing::verifying::VerifyingError;
use crate::sealing::wrong::{RetiredMonth, Wrong};
use crate::store::Postgres;
use crate::store::retirements::{self, KeptRetirement};
use crate::store::sealed_rows::{self, Leaf};

/// The month that a row left the database with, by the row's kind and id.
///
/// # Errors
/// [`VerifyingError`] when it cannot be read.
pub fn month_of(
    postgres: &mut Postgres,
    key: &RowKey,
    (kind, id): (&str, Uuid),
) -> Result<Option<Month>, VerifyingError> {
    let leaf = sealed_rows::of_row(postgres, kind, id)?;
    let (Some(leaf), Ok(retired)) = (leaf, Retired::of(postgres, key)?) else {
        return Ok(None);
    };
    let month = retired
        .of_leaf(&leaf)
        .and_then(|month| retired.months.get(month));
    Ok(month.map(|(manifest, _)| manifest.month))
}

/// Every month that was retired.
pub(in crate::sealing) struct Retired {
    months: Vec<(Manifest, LeavesSeen)>,
    /// The first and the last leaf of each run, and which month it is of; in their order.
    runs: Vec<(u64, u64, usize)>,
}

impl Retired {
    /// All that is on record; or what is wrong with it.
    ///
    /// # Errors
    /// [`VerifyingError`] when it cannot be read.
    pub(in crate::sealing) fn of(
        postgres: &mut Postgres,
        key: &RowKey,
    ) -> Result<Result<Self, Wrong>, VerifyingError> {
        Ok(Self::believed(&retirements::all(postgres)?, key))
    }

    fn believed(kept: &[KeptRetirement], key: &RowKey) -> Result<Self, Wrong> {
        let (mut months, mut runs) = (Vec::new(), Vec::new());
        for retirement in kept {
            let Some(manifest) = believed(retirement, key) else {
                return Err(Wrong::RetirementForged(retirement.month.clone()));
            };
            let month = months.len();
            runs.extend(
                manifest
                    .leaves
                    .all()
                    .iter()
                    .map(|&(first, last)| (first, last, month)),
            );
            months.push((manifest, LeavesSeen::default()));
        }
        runs.sort_unstable();
        Ok(Self { months, runs })
    }

    /// Which month a leaf left with.
    fn of_leaf(&self, leaf: &Leaf) -> Option<usize> {
        let index = u64::try_from(leaf.leaf_index).unwrap_or(u64::MAX);
        let next = self.runs.partition_point(|(first, _, _)| *first <= index);
        let (_, last, month) = self.runs.get(next.checked_sub(1)?)?;
        (index <= *last).then_some(*month)
    }

    /// Sees the next leaf; whether it was retired.
    pub(in crate::sealing) fn saw(&mut self, leaf: &Leaf) -> bool {
        let month = self.of_leaf(leaf);
        let Some((_, seen)) = month.and_then(|month| self.months.get_mut(month)) else {
            return false;
        };
        seen.add(leaf);
        true
    }

    /// What was retired, after all leaves were seen; or the first month of which something else is
    /// kept than what left.
    pub(in crate::sealing) fn told(&self) -> Result<Vec<RetiredMonth>, Wrong> {
        let told = |(manifest, seen): &(Manifest, LeavesSeen)| match seen.are_of(manifest) {
            true => Ok(RetiredMonth {
                month: manifest.month.to_string(),
                rows: manifest.rows.values().sum(),
                leaves: manifest.leaves.to_string(),
            }),
            false => Err(Wrong::RetiredChanged(manifest.month.to_string())),
        };
        self.months.iter().map(told).collect()
    }
}
