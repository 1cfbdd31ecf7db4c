//! Every row of a month, beside its leaf.

use std::collections::HashMap;

use crate::domain::month::Month;
use crate::sealing::manifest::LeavesSeen;
use crate::sealing::retiring::{RetiringError, kinds};
use crate::sealing::row::RowKey;
use crate::sealing::verifying::sealed_as;
use crate::sealing::wrong::{RowNamed, Wrong};
use crate::store::sealable_rows::{self, SealableRow, SealedKind};
use crate::store::sealed_rows::Leaf;
use crate::store::{Postgres, history_months};

/// How many leaves are looked at together.
const BATCH: usize = 2_048;

/// Looks at every row of a month beside its leaf, in the order of the leaves.
pub(super) fn each(
    postgres: &mut Postgres,
    month: Month,
    key: &RowKey,
    mut work: impl FnMut(
        &mut Postgres,
        &Leaf,
        (&'static SealedKind, &SealableRow),
    ) -> Result<(), RetiringError>,
) -> Result<LeavesSeen, RetiringError> {
    let names: Vec<&str> = kinds().iter().map(|kind| kind.name).collect();
    let (mut seen, mut next) = (LeavesSeen::default(), 0);
    loop {
        let leaves = history_months::leaves(postgres, (month, &names), next, BATCH)?;
        let (Some(first), Some(last)) = (leaves.first(), leaves.last()) else {
            break;
        };
        let range = (first.leaf_index, last.leaf_index + 1);
        next = range.1;
        let mut rows = HashMap::new();
        for kind in kinds() {
            let found = sealable_rows::of_leaves(postgres, kind, range)?;
            rows.extend(found.into_iter().map(|(leaf, row)| (leaf, (kind, row))));
        }
        for leaf in leaves {
            let Some((kind, row)) = rows.get(&leaf.leaf_index) else {
                return Err(RetiringError::Wrong(Wrong::RowGone(named(&leaf))));
            };
            if sealed_as(&leaf, kind, row, key).hash().as_slice() != leaf.leaf_hash {
                return Err(RetiringError::Wrong(Wrong::RowChanged(named(&leaf))));
            }
            work(postgres, &leaf, (kind, row))?;
            seen.add(&leaf);
        }
    }
    refuse_unsealed(postgres, month, &seen)?;
    Ok(seen)
}

/// Every leaf has a row of its own, so that as many rows as leaves are those.
fn refuse_unsealed(
    postgres: &mut Postgres,
    month: Month,
    seen: &LeavesSeen,
) -> Result<(), RetiringError> {
    for kind in kinds() {
        let rows = u64::try_from(history_months::rows(postgres, kind, month)?).unwrap_or_default();
        let sealed = seen.rows.get(kind.name).copied().unwrap_or_default();
        if rows != sealed {
            return Err(RetiringError::Unsealed(month, rows.abs_diff(sealed)));
        }
    }
    Ok(())
}

fn named(leaf: &Leaf) -> RowNamed {
    RowNamed {
        kind: leaf.kind.clone(),
        id: leaf.row_id.to_string(),
        at: leaf.row_at.clone(),
        leaf: u64::try_from(leaf.leaf_index).ok(),
    }
}
