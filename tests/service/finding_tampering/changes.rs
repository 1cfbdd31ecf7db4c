//! Every kind of change that somebody with all rights in the database, or with some of the keys,
//! can make, and what a verification must say of it.

use cpis_fhir::sealing::wrong::Wrong;
use cpis_fhir::store::sealable_rows::{SEALED_KINDS, SealedKind};

use super::history::{History, RETIRED};
use super::retirement::{self, WAYS_TO_PRETEND};
use super::statements::{self, drawn_below};
use crate::support::Draws;

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One bit, sign or step of one column of a row.
    Column(usize),
    /// The same of what is kept of a leaf.
    LeafColumn(usize),
    RowDeleted,
    LeafDeleted,
    RowAndLeafDeleted,
    RowInserted(usize),
    RowDoubled,
    RowsSwapped,
    LeavesSwapped,
    TailCut,
    /// A row and its leaf taken out, and all behind them moved up.
    SuffixRecomputed,
    /// A row changed, and sealed anew with the key of rows and everything behind it.
    SealedAnew,
    BackupRestored,
    /// And new rows sealed after it.
    BackupRestoredAndGrown,
    PartitionDetached,
    SubtreeChanged,
    CheckpointForged(usize),
    /// Signed by the key, of another tree.
    SplitView(usize),
    /// One step of what is kept of a leaf whose row was retired.
    RetiredLeafColumn(usize),
    /// A retirement that never was, or that is taken away.
    RetirementPretended(usize),
}

pub const LEAF_COLUMNS: [&str; 6] = [
    "leaf_index",
    "kind",
    "row_id",
    "row_at",
    "sealed_at",
    "leaf_hash",
];
const WAYS_TO_INSERT: usize = 3;
const WAYS_TO_FORGE: usize = 6;

/// What must be found.
#[derive(Debug)]
pub enum Expected {
    /// That this leaf or its row is the first that is bad.
    Leaf(u64),
    /// That a row without a leaf is there, by its id.
    Unsealed(String),
    /// That the leaves from one on are gone.
    Gone(u64),
    /// That a tree was signed otherwise; the first leaf that no checkpoint vouches for is no later
    /// than this one, and the tree that was signed holds it.
    SignedOtherwise(u64),
    /// That a checkpoint is not to be believed.
    Forged,
    /// That a retirement is not to be believed, or is of other leaves.
    Retirement,
}

impl Expected {
    /// Whether that is what was found.
    pub fn is(&self, wrong: &Wrong) -> bool {
        match (self, wrong) {
            (Self::Leaf(leaf), Wrong::TailGone { from, .. }) => leaf == from,
            (Self::Leaf(leaf), _) => wrong.leaf() == Some(*leaf),
            (Self::Unsealed(id), Wrong::RowNotSealed(row)) => row.id == *id,
            (Self::Gone(leaf), Wrong::TailGone { from, .. }) => leaf == from,
            (Self::SignedOtherwise(leaf), Wrong::Signed { first, size }) => {
                let first = first.as_ref().and_then(|row| row.leaf);
                size > leaf && first.is_some_and(|first| first <= *leaf)
            }
            (Self::Forged, Wrong::Checkpoint(_))
            | (Self::Retirement, Wrong::RetirementForged(_) | Wrong::RetiredChanged(_)) => true,
            _ => false,
        }
    }
}

impl Change {
    /// Every kind comes in turn; which column or way is drawn.
    pub fn drawn(draws: &mut Draws, run: usize) -> Self {
        match run % 20 {
            // As many columns as there are want more turns.
            0..=2 => Self::Column(draws.below(columns().count())),
            3 => Self::LeafColumn(draws.below(LEAF_COLUMNS.len())),
            4 => Self::RowDeleted,
            5 if draws.below(2) == 0 => Self::LeafDeleted,
            5 => Self::RowAndLeafDeleted,
            6 => Self::RowInserted(draws.below(WAYS_TO_INSERT)),
            7 => Self::RowDoubled,
            8 => Self::RowsSwapped,
            9 => Self::LeavesSwapped,
            10 => Self::TailCut,
            11 => Self::SuffixRecomputed,
            12 => Self::SealedAnew,
            13 if draws.below(2) == 0 => Self::BackupRestored,
            13 => Self::BackupRestoredAndGrown,
            14 => Self::PartitionDetached,
            15 => Self::SubtreeChanged,
            16 => Self::CheckpointForged(draws.below(WAYS_TO_FORGE)),
            17 => Self::SplitView(draws.below(2)),
            18 => Self::RetiredLeafColumn(draws.below(LEAF_COLUMNS.len())),
            _ => Self::RetirementPretended(draws.below(WAYS_TO_PRETEND)),
        }
    }

    /// Its name in the report.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Column(column) => columns().nth(*column).unwrap().1,
            Self::LeafColumn(column) => LEAF_COLUMNS[*column],
            Self::RowDeleted => "row deleted",
            Self::LeafDeleted => "leaf deleted",
            Self::RowAndLeafDeleted => "row and leaf deleted",
            Self::RowInserted(_) => "row inserted",
            Self::RowDoubled => "row doubled",
            Self::RowsSwapped => "rows swapped",
            Self::LeavesSwapped => "leaves swapped",
            Self::TailCut => "tail cut",
            Self::SuffixRecomputed => "suffix recomputed",
            Self::SealedAnew => "suffix sealed anew with the key of rows",
            Self::BackupRestored => "old backup restored",
            Self::BackupRestoredAndGrown => "old backup restored and gone on from",
            Self::PartitionDetached => "partition detached",
            Self::SubtreeChanged => "subtree changed",
            Self::CheckpointForged(_) => "checkpoint forged",
            Self::SplitView(_) => "split view",
            Self::RetiredLeafColumn(_) => "leaf of a retired row changed",
            Self::RetirementPretended(_) => "retirement pretended or taken away",
        }
    }

    /// Makes it.
    pub fn make(&self, history: &mut History, draws: &mut Draws) -> Expected {
        let rows = history.rows();
        let (kind, name) = match self {
            Self::Column(column) => columns().nth(*column).unwrap(),
            _ => (&SEALED_KINDS[0], ""),
        };
        let leaf = match self {
            // Any leaf can be changed; a row is that of an access, or of the column's kind.
            Self::LeafColumn(_) | Self::LeafDeleted | Self::LeavesSwapped | Self::TailCut => {
                RETIRED + drawn_below(draws, rows - RETIRED)
            }
            _ => history.leaf_of(kind, draws),
        };
        match self {
            Self::Column(_) => return statements::step_column(history, (kind, name), leaf, draws),
            Self::LeafColumn(column) => {
                statements::step_leaf(history, LEAF_COLUMNS[*column], leaf, draws);
            }
            Self::RowDeleted => statements::delete_row(history, leaf),
            Self::LeafDeleted => statements::delete_leaf(history, leaf),
            Self::RowAndLeafDeleted => {
                statements::delete_row(history, leaf);
                statements::delete_leaf(history, leaf);
            }
            Self::RowInserted(way) => return statements::insert(history, leaf, *way),
            Self::RowDoubled => statements::double(history, leaf),
            Self::RowsSwapped => {
                let other = history.another_leaf_of(kind, leaf, draws);
                let columns = ["request_id", "asked"];
                return statements::swap(history, "accesses", columns, (leaf, other));
            }
            Self::LeavesSwapped => {
                let other = history.any_other_leaf(leaf, draws);
                let columns = ["row_id", "leaf_hash"];
                return statements::swap(history, "sealed_rows", columns, (leaf, other));
            }
            Self::TailCut => {
                statements::cut(history, leaf);
                return Expected::Gone(leaf);
            }
            Self::SuffixRecomputed => statements::recompute(history, leaf),
            Self::BackupRestored => {
                statements::delete_rows_from(history, leaf);
                statements::cut(history, leaf);
                return Expected::Gone(leaf);
            }
            Self::SealedAnew | Self::BackupRestoredAndGrown => {
                let is_one = *self == Self::SealedAnew;
                statements::change_rows(history, (leaf, if is_one { leaf } else { rows }));
                history.seal_anew(leaf);
                return Expected::SignedOtherwise(leaf);
            }
            Self::PartitionDetached => return statements::detach(history),
            Self::SubtreeChanged => return statements::change_subtrees(history, draws),
            Self::CheckpointForged(way) => return statements::forge(history, *way, draws),
            Self::SplitView(way) => return statements::split(history, *way, draws),
            Self::RetiredLeafColumn(column) => {
                return retirement::step_leaf(history, LEAF_COLUMNS[*column], draws);
            }
            Self::RetirementPretended(way) => return retirement::pretend(history, *way, leaf),
        }
        Expected::Leaf(leaf)
    }
}

/// Every column of every kind of row.
fn columns() -> impl Iterator<Item = (&'static SealedKind, &'static str)> {
    let of = |kind: &'static SealedKind| kind.columns.iter().map(move |(name, _)| (kind, *name));
    SEALED_KINDS.iter().flat_map(of)
}
