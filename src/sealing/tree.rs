//! The tree as it is stored: its leaves, and the roots of every eighth level's subtrees.

use thiserror::Error;

use crate::sealing::merkle::{Growing, Hash, Subtrees, node_hash};
use crate::store::sealed_rows::{self, LEVELS_KEPT};
use crate::store::{Postgres, StoreError};

/// Why a part of the tree cannot be had.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A leaf or the root of a subtree is not there.
    #[error("a part of the tree of the access history is missing")]
    Missing,
}

/// The tree in the database.
pub struct StoredTree<'a>(pub &'a mut Postgres);

impl StoredTree<'_> {
    /// The tree at a size.
    ///
    /// # Errors
    /// [`TreeError`] when a part of it cannot be had.
    pub fn at(&mut self, size: u64) -> Result<Growing, TreeError> {
        Growing::load(size, self)
    }
}

impl Subtrees for StoredTree<'_> {
    type Error = TreeError;

    /// What is not kept is made of what is: of 128 hashes at the most.
    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, TreeError> {
        let above = level % LEVELS_KEPT;
        let first = index << above;
        let range = (signed(first)?, signed(first + (1 << above))?);
        let kept = match level - above {
            0 => sealed_rows::hashes(self.0, range)?,
            kept => sealed_rows::subtrees(self.0, level_kept(kept)?, range)?,
        };
        let hashes: Option<Vec<Hash>> = kept.into_iter().map(|hash| hash.try_into().ok()).collect();
        let mut hashes = hashes.ok_or(TreeError::Missing)?;
        if hashes.len() != 1 << above {
            return Err(TreeError::Missing);
        }
        while hashes.len() > 1 {
            let pairs = hashes.chunks_exact(2);
            hashes = pairs
                .filter_map(|pair| match pair {
                    [left, right] => Some(node_hash(left, right)),
                    _ => None,
                })
                .collect();
        }
        hashes.pop().ok_or(TreeError::Missing)
    }
}

/// A place in the tree as the database has it.
pub(in crate::sealing) fn signed(place: u64) -> Result<i64, TreeError> {
    i64::try_from(place).ok().ok_or(TreeError::Missing)
}

/// A level as the database has it.
pub(in crate::sealing) fn level_kept(level: u32) -> Result<i16, TreeError> {
    i16::try_from(level).ok().ok_or(TreeError::Missing)
}

/// Whether the roots of a level's subtrees are kept.
pub(in crate::sealing) fn is_kept(level: u32) -> bool {
    level > 0 && level.is_multiple_of(LEVELS_KEPT)
}
