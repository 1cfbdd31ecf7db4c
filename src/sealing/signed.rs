//! What was signed, in the database and elsewhere, beside the tree as it is walked over.

use std::collections::VecDeque;
use std::iter::Peekable;

use crate::sealing::checkpoint::TreeHead;
use crate::sealing::merkle::Growing;
use crate::sealing::note::NoteVerifier;
use crate::sealing::verifying::Notes;
use crate::sealing::wrong::Wrong;
use crate::store::sealed_checkpoints::{self, KeptCheckpoint};
use crate::store::{Postgres, StoreError};

/// Trees that were signed, or why one is not to be believed.
type Heads<'a> = Peekable<Box<dyn Iterator<Item = Result<TreeHead, String>> + 'a>>;

/// All that was signed and has not been looked at yet.
pub(in crate::sealing) struct Signed<'a> {
    key: &'a NoteVerifier,
    /// What the database keeps as signed, of the leaves that are looked at.
    kept: VecDeque<KeptCheckpoint>,
    /// The largest tree that it keeps as signed.
    kept_up_to: i64,
    elsewhere: Vec<Heads<'a>>,
}

impl<'a> Signed<'a> {
    /// All that was signed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub(in crate::sealing) fn of(
        postgres: &mut Postgres,
        key: &'a NoteVerifier,
        elsewhere: Vec<Notes<'a>>,
    ) -> Result<Self, StoreError> {
        let latest = sealed_checkpoints::latest(postgres, key.name())?;
        Ok(Self {
            key,
            kept: VecDeque::new(),
            kept_up_to: latest.map_or(0, |kept| kept.tree_size),
            elsewhere: elsewhere
                .into_iter()
                .map(|notes| heads(notes, key).peekable())
                .collect(),
        })
    }

    /// Reads what the database keeps of trees larger than one and up to another.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub(in crate::sealing) fn read(
        &mut self,
        postgres: &mut Postgres,
        sizes: (i64, i64),
    ) -> Result<(), StoreError> {
        self.kept = sealed_checkpoints::between(postgres, self.key.name(), sizes)?.into();
        Ok(())
    }

    /// Compares a tree with whatever was signed at its size; how many agree.
    ///
    /// # Errors
    /// [`Disagreement`] for the first that does not.
    pub(in crate::sealing) fn compare(&mut self, tree: &Growing) -> Result<u64, Disagreement> {
        let size = tree.size();
        let mut agree = 0;
        let root = std::cell::LazyCell::new(|| tree.root());
        for head in self.due(size) {
            let head = head.map_err(Disagreement::NotBelieved)?;
            if head.size != size {
                return Err(Disagreement::NotBelieved(out_of_order(head.size)));
            }
            if head.root != *root {
                return Err(Disagreement::AnotherRoot);
            }
            agree += 1;
        }
        Ok(agree)
    }

    /// What is to be compared with a tree of a size.
    fn due(&mut self, size: u64) -> Vec<Result<TreeHead, String>> {
        let mut due = Vec::new();
        while let Some(kept) = self
            .kept
            .pop_front_if(|kept| is_up_to(kept.tree_size, size))
        {
            let head = TreeHead::verified(&kept.note, self.key).map_err(|why| why.to_string());
            let is_of_its_size = |head: &TreeHead| u64::try_from(kept.tree_size) == Ok(head.size);
            due.push(head.and_then(|head| match is_of_its_size(&head) {
                true => Ok(head),
                false => Err(format!("one of {} leaves is kept as another", head.size)),
            }));
        }
        let is_kept_here = !due.is_empty();
        let more_is_kept = !is_up_to(self.kept_up_to, size);
        for heads in &mut self.elsewhere {
            while let Some(head) = heads.next_if(|head| is_due(head, size)) {
                due.push(head);
                if !is_kept_here && more_is_kept {
                    let why = format!("the one of {size} leaves is gone from the database");
                    due.push(Err(why));
                }
            }
        }
        due
    }

    /// Whether something was signed that a tree has no longer.
    pub(in crate::sealing) fn more_than(&mut self, tree: &Growing) -> Option<Wrong> {
        let from = tree.size();
        let kept = u64::try_from(self.kept_up_to).unwrap_or_default();
        if kept > from {
            return Some(Wrong::TailGone { from, size: kept });
        }
        let more = self.elsewhere.iter_mut().find_map(Iterator::next)?;
        Some(match more {
            Ok(TreeHead { size, .. }) if size > from => Wrong::TailGone { from, size },
            Ok(TreeHead { size, .. }) => Wrong::Checkpoint(out_of_order(size)),
            Err(why) => Wrong::Checkpoint(why),
        })
    }
}

/// Why a tree is not what was signed.
pub(in crate::sealing) enum Disagreement {
    /// A checkpoint is not to be believed.
    NotBelieved(String),
    /// It was signed with another root.
    AnotherRoot,
}

fn heads<'a>(
    notes: Notes<'a>,
    key: &'a NoteVerifier,
) -> Box<dyn Iterator<Item = Result<TreeHead, String>> + 'a> {
    Box::new(notes.map(|note| {
        let note = note.map_err(|cause| cause.to_string())?;
        TreeHead::verified(&note, key).map_err(|cause| cause.to_string())
    }))
}

fn out_of_order(size: u64) -> String {
    format!("one of {size} leaves comes after a larger one")
}

/// Whether a checkpoint is to be looked at by now: those of no size at all are, at once.
fn is_due(head: &Result<TreeHead, String>, size: u64) -> bool {
    head.as_ref().map_or(true, |head| head.size <= size)
}

fn is_up_to(kept: i64, size: u64) -> bool {
    u64::try_from(kept).is_ok_and(|kept| kept <= size)
}
