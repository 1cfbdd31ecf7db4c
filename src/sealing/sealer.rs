//! Seals what is not sealed yet, and signs the tree: beside the requests, every few seconds, in one
//! process at a time.
//!
//! First rows become leaves, and that is committed; then the tree is signed as it is committed, so
//! that nothing is ever signed that the database may still lose. Before it signs it compares the
//! tree with what was signed last, in the database and in its own file: a tree that did not grow
//! out of that is never signed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use thiserror::Error;

use crate::sealing::checkpoint::{CheckpointError, TreeHead};
use crate::sealing::file::CheckpointFile;
use crate::sealing::note::NoteKey;
use crate::sealing::rounds::Rounds;
use crate::sealing::row::{Column, Place, RowKey, SealedRow};
use crate::sealing::tree::{StoredTree, TreeError, is_kept, level_kept, signed};
use crate::store::sealable_rows::{self, SEALED_KINDS, SealableRow, SealedKind, Searched};
use crate::store::sealed_checkpoints::{self, KeptCheckpoint};
use crate::store::sealed_rows::{self, Leaf, Subtree};
use crate::store::{Postgres, Store, StoreError};

/// The most rows sealed in one transaction: a fraction of a second's work.
const ROWS_MAX: usize = 2_000;

/// What seals.
pub struct Sealer {
    /// The sealer's side of the database.
    pub store: Store,
    /// The key that trees are signed with; its name is the log's origin.
    pub key: NoteKey,
    /// The key of what is hidden in leaves.
    pub row_key: RowKey,
    /// Where what was signed is kept outside of the database.
    pub file: CheckpointFile,
    /// How long from one round to the next.
    pub interval: Duration,
    /// What came of its rounds.
    pub rounds: Rounds,
    has_begun: AtomicBool,
}

/// Why nothing was sealed or signed.
#[derive(Debug, Error)]
pub enum SealingError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the tree is missing.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// openssl fails.
    #[error("a tree cannot be signed")]
    Openssl(#[from] ErrorStack),
    /// The file of checkpoints cannot be read or written.
    #[error("the file of checkpoints cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// What is kept as signed was not signed by this key.
    #[error("the checkpoint that was kept last is not ours: {0}")]
    NotOurs(#[from] CheckpointError),
    /// The tree did not grow out of what was signed.
    #[error(
        "the sealed access history is not what was signed when it had {size} leaves: it was \
         changed; nothing is signed until somebody has looked (docs/audit.md)"
    )]
    Changed {
        /// The size that was signed.
        size: u64,
    },
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// How many rows were sealed.
    pub rows: usize,
    /// The size of the tree that was signed; none where nothing was.
    pub signed: Option<u64>,
}

impl Sealer {
    /// A sealer that has not begun.
    #[must_use]
    pub fn new(
        store: Store,
        (key, row_key): (NoteKey, RowKey),
        file: CheckpointFile,
        interval: Duration,
    ) -> Self {
        Self {
            store,
            key,
            row_key,
            file,
            interval,
            rounds: Rounds::default(),
            has_begun: AtomicBool::new(false),
        }
    }

    /// The round itself, as [`Sealer::seal`] notes it.
    pub(super) async fn round(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Round, SealingError> {
        let mut round = Round::default();
        loop {
            let sealer = Arc::clone(self);
            let work = move |postgres: &mut Postgres| undone(sealer.add_leaves(postgres, now));
            let added = self.store.transaction(work).await??;
            round.rows += added;
            if added < ROWS_MAX {
                break;
            }
        }
        self.has_begun.store(true, Ordering::Relaxed);
        let sealer = Arc::clone(self);
        let work = move |postgres: &mut Postgres| undone(sealer.sign(postgres));
        round.signed = self.store.transaction(work).await??;
        Ok(round)
    }

    /// Makes leaves of rows that have none; how many.
    fn add_leaves(
        &self,
        postgres: &mut Postgres,
        now: DateTime<Utc>,
    ) -> Result<usize, SealingError> {
        let Some(sealed_below) = sealed_rows::hold_sealing(postgres)? else {
            return Ok(0);
        };
        let (over_below, begun_below) = sealed_rows::transactions(postgres)?;
        let searched = match self.has_begun.load(Ordering::Relaxed) {
            // Transactions count anew: the database came over into another cluster.
            _ if over_below < sealed_below => Searched::All,
            true => Searched::Between(sealed_below, begun_below),
            false => Searched::From(sealed_below),
        };
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        let mut read = 0;
        for kind in &SEALED_KINDS {
            let rows = sealable_rows::unsealed(postgres, kind, searched, ROWS_MAX - read)?;
            read += rows.len();
            let rows = rows.into_iter().map(|row| (kind, row));
            // Of two rows that nothing tells apart one is sealed, and the other is found.
            let rows = rows.filter(|(kind, row)| known.insert((kind.name, row.id, row.at.clone())));
            found.extend(rows);
        }
        self.add(postgres, &found, now)?;
        if read < ROWS_MAX {
            sealed_rows::note_sealed_below(postgres, over_below)?;
        }
        Ok(read)
    }

    fn add(
        &self,
        postgres: &mut Postgres,
        found: &[(&SealedKind, SealableRow)],
        now: DateTime<Utc>,
    ) -> Result<(), SealingError> {
        if found.is_empty() {
            return Ok(());
        }
        let size = u64::try_from(sealed_rows::size(postgres)?).unwrap_or_default();
        let sealed_at = sealed_rows::written(postgres, now)?;
        let mut tree = StoredTree(postgres).at(size)?;
        let (mut leaves, mut subtrees) = (Vec::new(), Vec::new());
        for (kind, row) in found {
            let index = tree.size();
            let place = Place {
                kind: kind.name.to_owned(),
                index,
                sealed_at: sealed_at.clone(),
            };
            let hash = SealedRow::of(place, &columns(kind, row), &self.row_key).hash();
            tree.add(hash, |level, index, root| {
                if is_kept(level) {
                    subtrees.push((level, index, root));
                }
            });
            leaves.push(Leaf {
                leaf_index: signed(index)?,
                kind: kind.name.to_owned(),
                row_id: row.id,
                row_at: row.at.clone(),
                sealed_at: sealed_at.clone(),
                leaf_hash: hash.to_vec(),
            });
        }
        let subtree = |(level, index, root): (u32, u64, [u8; 32])| {
            Ok(Subtree {
                level: level_kept(level)?,
                subtree_index: signed(index)?,
                root: root.to_vec(),
            })
        };
        let subtrees: Vec<Subtree> = subtrees
            .into_iter()
            .map(subtree)
            .collect::<Result<_, TreeError>>()?;
        sealed_rows::add(postgres, &leaves)?;
        sealed_rows::add_subtrees(postgres, &subtrees)?;
        Ok(())
    }

    /// Signs the tree as it is committed, where it has grown since it was signed last; its size.
    fn sign(&self, postgres: &mut Postgres) -> Result<Option<u64>, SealingError> {
        if sealed_rows::hold_sealing(postgres)?.is_none() {
            return Ok(None);
        }
        let origin = self.key.verifier().name();
        let in_database = sealed_checkpoints::latest(postgres, origin)?.map(|kept| kept.note);
        let in_database = self.read(in_database)?;
        let in_file = self.read(self.file.last()?)?;
        let size = sealed_rows::size(postgres)?;
        let tree_size = u64::try_from(size).unwrap_or_default();
        for (head, _) in in_database.iter().chain(&in_file) {
            let has_it =
                head.size <= tree_size && StoredTree(postgres).at(head.size)?.root() == head.root;
            if !has_it {
                return Err(SealingError::Changed { size: head.size });
            }
        }
        let size_of = |kept: &Option<Kept>| kept.as_ref().map_or(0, |(head, _)| head.size);
        let (of_database, of_file) = (size_of(&in_database), size_of(&in_file));
        // What another process signed, or this one before it was cut short, is noted down first.
        match (in_database, in_file) {
            (Some((_, note)), _) if of_database > of_file => self.file.add(&note)?,
            (_, Some((head, note))) if of_file > of_database => {
                keep(postgres, origin, head.size, note)?;
            }
            _ => {}
        }
        if of_database.max(of_file) == tree_size {
            return Ok(None);
        }
        let root = StoredTree(postgres).at(tree_size)?.root();
        let head = TreeHead {
            size: tree_size,
            root,
        };
        let note = head.sign(&self.key)?;
        self.file.add(&note)?;
        keep(postgres, origin, tree_size, note)?;
        Ok(Some(tree_size))
    }

    fn read(&self, note: Option<String>) -> Result<Option<Kept>, CheckpointError> {
        let key = self.key.verifier();
        let read = |note: String| Ok((TreeHead::verified(&note, key)?, note));
        note.map(read).transpose()
    }
}

/// A checkpoint that was kept, and its note.
type Kept = (TreeHead, String);

fn keep(
    postgres: &mut Postgres,
    origin: &str,
    size: u64,
    note: String,
) -> Result<(), SealingError> {
    let tree_size = signed(size)?;
    let checkpoint = KeptCheckpoint { tree_size, note };
    Ok(sealed_checkpoints::add(postgres, origin, &checkpoint)?)
}

/// The columns of a row, as they are sealed.
#[must_use]
pub fn columns<'a>(kind: &SealedKind, row: &'a SealableRow) -> Vec<Column<'a>> {
    let values = row.values.iter().map(Option::as_deref);
    kind.columns
        .iter()
        .zip(values)
        .map(|(&(name, shown), value)| Column { name, value, shown })
        .collect()
}

/// What fails in the database undoes the transaction. All else fails before anything is written.
fn undone<T>(done: Result<T, SealingError>) -> Result<Result<T, SealingError>, StoreError> {
    match done {
        Err(SealingError::Store(cause) | SealingError::Tree(TreeError::Store(cause))) => Err(cause),
        done => Ok(done),
    }
}
