//! The proof that one row is sealed, as a file that whoever holds the verifier key checks alone
//! (<https://c2sp.org/tlog-proof>). Its extra data are the sealed row and what opens of it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::sealing::bytes::{Reader, put};
use crate::sealing::checkpoint::{CheckpointError, TreeHead, hash, number};
use crate::sealing::merkle::{Hash, is_included};
use crate::sealing::note::NoteVerifier;
use crate::sealing::row::{Opening, SealedRow};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
const EXTRA: &str = "extra ";
const INDEX: &str = "index ";

/// A row, and why it is believed to be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The row.
    pub row: SealedRow,
    /// What is opened of it.
    pub openings: Vec<Opening>,
    /// What lies beside its way up to the root.
    pub beside: Vec<Hash>,
    /// A checkpoint of a tree that it is in.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// It is no proof.
    #[error("it is no proof of a sealed row")]
    NotAProof,
    /// Its checkpoint is not believed.
    #[error("its checkpoint is not believed: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The row is not in the tree.
    #[error("the row is not in the tree of its checkpoint")]
    NotIncluded,
    /// A value is not what was sealed.
    #[error("a value that it opens is not the one that was sealed")]
    NotOpened,
}

impl Proof {
    /// The file.
    #[must_use]
    pub fn written(&self) -> String {
        let mut extra = Vec::new();
        put(&mut extra, &self.row.written());
        for opening in &self.openings {
            put(&mut extra, opening.column.as_bytes());
            put(&mut extra, &opening.salt);
            put(&mut extra, opening.value.as_bytes());
        }
        let mut text = format!("{FIRST_LINE}\n{EXTRA}{}\n", STANDARD.encode(extra));
        // To write to a string never fails.
        let _ = writeln!(text, "{INDEX}{}", self.row.place.index);
        for hash in &self.beside {
            let _ = writeln!(text, "{}", STANDARD.encode(hash));
        }
        format!("{text}\n{}", self.checkpoint)
    }

    /// Reads a file; what it says is not believed before [`Self::check`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        (lines.next()? == FIRST_LINE).then_some(())?;
        let extra = STANDARD.decode(lines.next()?.strip_prefix(EXTRA)?).ok()?;
        let index = number(lines.next()?.strip_prefix(INDEX)?)?;
        let beside = lines.map(hash).collect::<Option<_>>()?;
        let mut reader = Reader::of(&extra);
        let row = SealedRow::read(reader.take()?)?;
        let mut openings = Vec::new();
        while !reader.is_at_end() {
            openings.push(Opening {
                column: reader.text()?,
                salt: reader.take()?.try_into().ok()?,
                value: reader.text()?,
            });
        }
        (row.place.index == index).then(|| Self {
            row,
            openings,
            beside,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Checks it, with nothing but the key. The tree that the row is in.
    ///
    /// # Errors
    /// [`ProofError`] for the first thing that is not so.
    pub fn check(&self, key: &NoteVerifier) -> Result<TreeHead, ProofError> {
        let head = TreeHead::verified(&self.checkpoint, key)?;
        let place = (self.row.place.index, head.size);
        if !is_included(self.row.hash(), place, &self.beside, &head.root) {
            return Err(ProofError::NotIncluded);
        }
        let is_opened = |opening| self.row.is_opened_by(opening);
        match self.openings.iter().all(is_opened) {
            true => Ok(head),
            false => Err(ProofError::NotOpened),
        }
    }
}

/// Hashes, a line each, as proofs of growth are told.
#[must_use]
pub fn hash_lines(hashes: &[Hash]) -> String {
    let lines = hashes
        .iter()
        .map(|hash| format!("{}\n", STANDARD.encode(hash)));
    lines.collect()
}

/// Reads what [`hash_lines`] wrote.
#[must_use]
pub fn read_hash_lines(text: &str) -> Option<Vec<Hash>> {
    text.lines().map(hash).collect()
}

#[cfg(test)]
#[path = "proof_rules.rs"]
mod rules;
