//! Makes proofs of the tree as it is stored: that a row is sealed, and that the tree only grew.

use thiserror::Error;
use uuid::Uuid;

use crate::sealing::checkpoint::{CheckpointError, TreeHead};
use crate::sealing::merkle::{Hash, consistency, inclusion};
use crate::sealing::note::NoteVerifier;
use crate::sealing::proof::Proof;
use crate::sealing::row::RowKey;
use crate::sealing::sealer::columns;
use crate::sealing::tree::{StoredTree, TreeError};
use crate::sealing::verifying::sealed_as;
use crate::store::sealable_rows::{self, SEALED_KINDS};
use crate::store::{Postgres, StoreError, sealed_checkpoints, sealed_rows};

/// Why nothing can be proved.
#[derive(Debug, Error)]
pub enum ProvingError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the tree is missing.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The newest checkpoint is not to be believed.
    #[error("the newest checkpoint is not to be believed: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The row is not what was sealed.
    #[error("the row is gone, or is not what was sealed")]
    Changed,
}

/// What a row is proved with.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// The key of what is hidden in leaves.
    pub row: &'a RowKey,
    /// The key that checkpoints are verified with; its name is the log's origin.
    pub log: &'a NoteVerifier,
}

/// The proof that a row is sealed, by its kind and id, with these columns opened. `None` while
/// there is no checkpoint of a tree that it is in. It must run in a transaction.
///
/// # Errors
/// [`ProvingError`] when it cannot be proved.
pub fn prove(
    postgres: &mut Postgres,
    keys: Keys,
    (kind, id): (&str, Uuid),
    opened: &[String],
) -> Result<Option<Proof>, ProvingError> {
    sealed_rows::prepare_to_verify(postgres)?;
    let Some((head, checkpoint)) = newest(postgres, keys.log)? else {
        return Ok(None);
    };
    let leaf = sealed_rows::of_row(postgres, kind, id)?;
    let kind = SEALED_KINDS.iter().find(|known| known.name == kind);
    let (Some(leaf), Some(kind)) = (leaf, kind) else {
        return Ok(None);
    };
    let index = u64::try_from(leaf.leaf_index).unwrap_or(u64::MAX);
    if index >= head.size {
        return Ok(None);
    }
    let range = (leaf.leaf_index, leaf.leaf_index + 1);
    let rows = sealable_rows::of_leaves(postgres, kind, range)?;
    let (_, found) = rows.first().ok_or(ProvingError::Changed)?;
    let row = sealed_as(&leaf, kind, found, keys.row);
    if row.hash().as_slice() != leaf.leaf_hash {
        return Err(ProvingError::Changed);
    }
    let mut openings = Vec::new();
    for column in columns(kind, found) {
        if opened.iter().any(|name| name == column.name) {
            openings.extend(row.open(&column, keys.row));
        }
    }
    Ok(Some(Proof {
        beside: inclusion(index, head.size, &mut StoredTree(postgres))?,
        row,
        openings,
        checkpoint,
    }))
}

/// The newest checkpoint of a log: the tree, and the signed note.
///
/// # Errors
/// [`ProvingError`] when it cannot be had or believed.
pub fn newest(
    postgres: &mut Postgres,
    log: &NoteVerifier,
) -> Result<Option<(TreeHead, String)>, ProvingError> {
    let Some(kept) = sealed_checkpoints::latest(postgres, log.name())? else {
        return Ok(None);
    };
    Ok(Some((TreeHead::verified(&kept.note, log)?, kept.note)))
}

/// What proves that the tree of one size grew out of that of another. `None` where no tree of the
/// larger size was signed yet, or the other is not the smaller.
///
/// # Errors
/// [`ProvingError`] when it cannot be had.
pub fn growth(
    postgres: &mut Postgres,
    log: &NoteVerifier,
    (smaller, size): (u64, u64),
) -> Result<Option<Vec<Hash>>, ProvingError> {
    let newest = newest(postgres, log)?.map_or(0, |(head, _)| head.size);
    if smaller > size || size > newest {
        return Ok(None);
    }
    let proof = consistency(smaller, size, &mut StoredTree(postgres))?;
    Ok(Some(proof))
}
