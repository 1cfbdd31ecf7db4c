//! Verifies the whole access history: every row against its leaf, every leaf against the tree, the
//! tree against everything that was signed, and every row for having a leaf. It names the first
//! thing that is wrong, and holds no more than a few thousand rows at a time.

use std::collections::HashMap;
use std::io;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use thiserror::Error;

use crate::sealing::merkle::{Growing, Hash};
use crate::sealing::note::NoteVerifier;
use crate::sealing::retired::Retired;
use crate::sealing::row::{Place, RowKey, SealedRow};
use crate::sealing::sealer::columns;
use crate::sealing::signed::{Disagreement, Signed};
use crate::sealing::tree::{TreeError, is_kept, level_kept, signed};
use crate::sealing::wrong::{RowNamed, Verified, Wrong};
use crate::store::sealable_rows::{self, SEALED_KINDS, SealableRow, SealedKind};
use crate::store::sealed_rows::{self, Leaf};
use crate::store::{Postgres, StoreError};

/// How many leaves are looked at together.
const BATCH: usize = 4_096;

/// Signed notes of one source, the smallest tree first.
pub type Notes<'a> = Box<dyn Iterator<Item = io::Result<String>> + 'a>;

/// Why nothing could be verified.
#[derive(Debug, Error)]
pub enum VerifyingError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the tree cannot be named.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// What is verified against.
pub struct Against<'a> {
    /// The key of what is hidden in leaves.
    pub row_key: &'a RowKey,
    /// The key that checkpoints are verified with; its name is the log's origin.
    pub key: &'a NoteVerifier,
    /// What was signed, as it is kept elsewhere than in the database.
    pub elsewhere: Vec<Notes<'a>>,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// How long a row may wait to be sealed.
    pub lag_max: TimeDelta,
}

/// Verifies all. It must run in a transaction that sees one moment.
///
/// # Errors
/// [`VerifyingError`] when it cannot be verified; that is no finding.
pub fn verify(postgres: &mut Postgres, against: Against) -> Result<Verified, VerifyingError> {
    sealed_rows::prepare_to_verify(postgres)?;
    let (now, lag_max) = (against.now, against.lag_max);
    let retired = match Retired::of(postgres, against.row_key)? {
        Ok(retired) => retired,
        Err(wrong) => {
            let wrong = Some(wrong);
            return Ok(Verified {
                wrong,
                ..Verified::default()
            });
        }
    };
    let mut walk = Walk {
        retired,
        tree: Growing::default(),
        signed: Signed::of(postgres, against.key, against.elsewhere)?,
        first_in_doubt: None,
        verified: Verified::default(),
        row_key: against.row_key,
        lag_max,
    };
    if let Some(wrong) = walk.all(postgres)? {
        walk.verified.wrong = Some(wrong);
        return Ok(walk.verified);
    }
    let below = sealed_rows::sealed_below(postgres)?;
    let written = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Micros, true);
    let (since, until) = (written(now - lag_max), written(now + lag_max));
    for kind in &SEALED_KINDS {
        let found = sealable_rows::overdue(postgres, kind, below, (&since, &until))?;
        let wrong = found.map(|row| Wrong::RowNotSealed(named(kind.name, &row)));
        walk.verified.wrong = walk.verified.wrong.or(wrong);
    }
    Ok(walk.verified)
}

/// The walk over the leaves, in their order.
struct Walk<'a> {
    tree: Growing,
    retired: Retired,
    signed: Signed<'a>,
    /// The first leaf that no checkpoint vouches for yet.
    first_in_doubt: Option<RowNamed>,
    verified: Verified,
    row_key: &'a RowKey,
    lag_max: TimeDelta,
}

/// The rows of a batch, by their leaves.
type Rows = HashMap<i64, Vec<SealableRow>>;

impl Walk<'_> {
    /// Looks at every leaf, and at everything that was signed; the first thing that is wrong.
    fn all(&mut self, postgres: &mut Postgres) -> Result<Option<Wrong>, VerifyingError> {
        loop {
            let first = signed(self.tree.size())?;
            let leaves = sealed_rows::from(postgres, first, BATCH)?;
            let count = leaves.len();
            let Some(end) = leaves.last().map(|leaf| leaf.leaf_index + 1) else {
                break;
            };
            let mut rows = Rows::new();
            for kind in &SEALED_KINDS {
                for (leaf, row) in sealable_rows::of_leaves(postgres, kind, (first, end))? {
                    rows.entry(leaf).or_default().push(row);
                }
            }
            self.signed.read(postgres, (first, end))?;
            let mut completed = Vec::new();
            for leaf in leaves {
                let rows = rows.remove(&leaf.leaf_index).unwrap_or_default();
                if let Some(wrong) = self.leaf(&leaf, &rows, &mut completed)? {
                    return Ok(Some(wrong));
                }
            }
            if let Some(wrong) = subtrees(postgres, completed)? {
                return Ok(Some(wrong));
            }
            if count < BATCH {
                break;
            }
        }
        let wrong = self.signed.more_than(&self.tree);
        match self.retired.told() {
            Ok(months) => self.verified.months = months,
            Err(changed) => return Ok(wrong.or(Some(changed))),
        }
        Ok(wrong)
    }

    /// Looks at one leaf and its row.
    fn leaf(
        &mut self,
        leaf: &Leaf,
        rows: &[SealableRow],
        completed: &mut Vec<Completed>,
    ) -> Result<Option<Wrong>, VerifyingError> {
        let index = self.tree.size();
        if signed(index)? != leaf.leaf_index {
            return Ok(Some(Wrong::LeafGone(index)));
        }
        let row = RowNamed {
            kind: leaf.kind.clone(),
            id: leaf.row_id.to_string(),
            at: leaf.row_at.clone(),
            leaf: Some(index),
        };
        let Some(kind) = SEALED_KINDS.iter().find(|kind| kind.name == leaf.kind) else {
            return Ok(Some(Wrong::LeafOfNoKind(row)));
        };
        let is_retired = self.retired.saw(leaf);
        let hash = match rows.first() {
            Some(first) => sealed_as(leaf, kind, first, self.row_key).hash().to_vec(),
            // What is kept of it is compared with its retirement, and with what was signed.
            None if is_retired => leaf.leaf_hash.clone(),
            None => return Ok(Some(Wrong::RowGone(row))),
        };
        let hash: Hash = match hash.try_into() {
            Ok(hash) if leaf.leaf_hash == hash => hash,
            _ => return Ok(Some(Wrong::RowChanged(row))),
        };
        if rows.len() > 1 {
            return Ok(Some(Wrong::RowDoubled(row)));
        }
        // One row, or none where it was retired.
        self.verified.rows += u64::from(!rows.is_empty());
        if is_late(leaf, self.lag_max) {
            self.verified.late += 1;
            self.verified.first_late.get_or_insert_with(|| row.clone());
        }
        self.tree.add(hash, |level, index, root| {
            if is_kept(level) {
                completed.push((level, index, root, row.clone()));
            }
        });
        self.first_in_doubt.get_or_insert(row);
        Ok(match self.signed.compare(&self.tree) {
            Ok(0) => None,
            Ok(agree) => {
                self.verified.checkpoints += agree;
                self.first_in_doubt = None;
                None
            }
            Err(Disagreement::NotBelieved(why)) => Some(Wrong::Checkpoint(why)),
            Err(Disagreement::AnotherRoot) => Some(Wrong::Signed {
                first: self.first_in_doubt.take(),
                size: self.tree.size(),
            }),
        })
    }
}

/// The row as it is sealed as this leaf, if it is.
pub(in crate::sealing) fn sealed_as(
    leaf: &Leaf,
    kind: &SealedKind,
    row: &SealableRow,
    key: &RowKey,
) -> SealedRow {
    let place = Place {
        kind: leaf.kind.clone(),
        index: u64::try_from(leaf.leaf_index).unwrap_or(u64::MAX),
        sealed_at: leaf.sealed_at.clone(),
    };
    SealedRow::of(place, &columns(kind, row), key)
}

/// A complete subtree: its level, its index, its root, and its last row.
type Completed = (u32, u64, Hash, RowNamed);

/// Compares the roots that are kept of subtrees; each level's are all of one stretch.
fn subtrees(
    postgres: &mut Postgres,
    completed: Vec<Completed>,
) -> Result<Option<Wrong>, VerifyingError> {
    for (level, index, root, row) in completed {
        let range = (signed(index)?, signed(index + 1)?);
        let kept = sealed_rows::subtrees(postgres, level_kept(level)?, range)?;
        if kept.first().map(Vec::as_slice) != Some(root.as_slice()) {
            return Ok(Some(Wrong::Subtree(row)));
        }
    }
    Ok(None)
}

/// Whether a row was sealed later than it should have been; what cannot be read was.
fn is_late(leaf: &Leaf, lag_max: TimeDelta) -> bool {
    let moment = |text: &str| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok();
    match (moment(&leaf.row_at), moment(&leaf.sealed_at)) {
        (Some(at), Some(sealed)) => sealed.signed_duration_since(at) > lag_max,
        _ => true,
    }
}

fn named(kind: &str, row: &SealableRow) -> RowNamed {
    RowNamed {
        kind: kind.to_owned(),
        id: row.id.to_string(),
        at: row.at.clone(),
        leaf: None,
    }
}
