//! Changes of what is kept of a month that was retired, and months that never were.

use super::changes::Expected;
use super::history::{History, RETIRED};
use super::statements::{self, drawn_below};
use crate::support::Draws;

pub const WAYS_TO_PRETEND: usize = 4;

/// Changes one column of what is kept of a leaf whose row is gone.
pub fn step_leaf(history: &mut History, name: &str, draws: &mut Draws) -> Expected {
    let leaf = drawn_below(draws, RETIRED);
    statements::step_leaf(history, name, leaf, draws);
    match name {
        "leaf_index" | "kind" => Expected::Leaf(leaf),
        "leaf_hash" => Expected::SignedOtherwise(leaf),
        _ => Expected::Retirement,
    }
}

/// Lets rows go as if they had been retired, or takes the record of a retirement away.
pub fn pretend(history: &mut History, way: usize, leaf: u64) -> Expected {
    match way {
        0 => {
            history.execute("delete from retirements");
            return Expected::Leaf(0);
        }
        1 => {
            statements::detach(history);
            history.execute(
                "insert into retirements select gen_random_uuid(), retired_at, '2026-12', \
                 replace(manifest, '1999-03', '2026-12'), confirmed_by, authenticity \
                 from retirements",
            );
        }
        2 => {
            statements::delete_row(history, leaf);
            history.execute(&format!(
                "update retirements set manifest = replace(manifest, 'leaves 0-4', \
                 'leaves 0-4 {leaf}-{leaf}')"
            ));
        }
        _ => {
            statements::delete_row(history, leaf);
            history.execute(&format!(
                "update sealed_rows set row_at = '1999-03-15T12:00:00Z' where leaf_index = {leaf}"
            ));
            return Expected::Leaf(leaf);
        }
    }
    Expected::Retirement
}
