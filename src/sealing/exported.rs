//! Verifies an exported month with nothing but the verifier key: every row against its leaf, and
//! the leaves against what was signed.

use std::io::BufRead;

use thiserror::Error;
use uuid::Uuid;

use crate::sealing::checkpoint::{CheckpointError, TreeHead, hash};
use crate::sealing::export::{FORM, Line};
use crate::sealing::manifest::LeavesSeen;
use crate::sealing::merkle::{Growing, Hash};
use crate::sealing::note::NoteVerifier;
use crate::sealing::row::{Place, SealedRow};
use crate::store::sealed_rows::Leaf;

/// Why an export is not believed.
#[derive(Debug, Error)]
pub enum ExportedError {
    /// It cannot be read.
    #[error("the export cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// A line is none of an export's, or not at its place.
    #[error("line {0} is not what an export has there")]
    Line(usize),
    /// A row is not the one that was sealed.
    #[error("{kind} {id} of {at} (leaf {leaf}): it is not what was sealed")]
    Changed {
        /// Its kind.
        kind: String,
        /// Its id.
        id: Uuid,
        /// Its moment.
        at: String,
        /// Its leaf.
        leaf: u64,
    },
    /// The checkpoint is not to be believed.
    #[error("its checkpoint is not to be believed: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The rows are in no tree that was signed.
    #[error("the rows are not in the tree of {0} leaves that was signed")]
    AnotherTree(u64),
    /// It has no end.
    #[error("its end is missing")]
    Unfinished,
}

/// A month that was exported, as far as it is believed.
pub struct Exported {
    /// The month.
    pub month: String,
    /// Its leaves.
    pub seen: LeavesSeen,
    /// The tree that was signed.
    pub tree: TreeHead,
}

/// Verifies an export as it is decrypted.
///
/// # Errors
/// [`ExportedError`] for the first thing that is wrong.
pub fn verify(export: impl BufRead, key: &NoteVerifier) -> Result<Exported, ExportedError> {
    let mut lines = (1..).zip(export.lines());
    let mut next = || -> Result<Option<(usize, Line)>, ExportedError> {
        let Some((number, line)) = lines.next() else {
            return Ok(None);
        };
        let line = serde_json::from_str(&line?);
        Ok(Some((
            number,
            line.ok().ok_or(ExportedError::Line(number))?,
        )))
    };
    let first = next()?.ok_or(ExportedError::Unfinished)?.1;
    let (month, mut tree) = begun(first).ok_or(ExportedError::Line(1))?;
    let mut seen = LeavesSeen::default();
    while let Some((number, line)) = next()? {
        let wrong = || ExportedError::Line(number);
        match line {
            Line::Begin { .. } => return Err(wrong()),
            Line::Subtree { level, root } => {
                let root = hash(&root).ok_or_else(wrong)?;
                tree.add_subtree(level, root).ok_or_else(wrong)?;
            }
            Line::Checkpoint(note) => {
                let head = TreeHead::verified(&note, key)?;
                if head.size != tree.size() || head.root != tree.root() {
                    return Err(ExportedError::AnotherTree(head.size));
                }
                return match next()? {
                    Some((number, _)) => Err(ExportedError::Line(number)),
                    None => Ok(Exported {
                        month,
                        seen,
                        tree: head,
                    }),
                };
            }
            row @ Line::Row { .. } => {
                let (leaf, hash) = compared(row, (&month, tree.size()), number)?;
                tree.add(hash, |_, _, _| {});
                seen.add(&leaf);
            }
        }
    }
    Err(ExportedError::Unfinished)
}

/// The month, and the tree before it.
fn begun(line: Line) -> Option<(String, Growing)> {
    let Line::Begin {
        form,
        month,
        leaves,
        peaks,
    } = line
    else {
        return None;
    };
    let peaks = peaks.iter().map(|peak| hash(peak)).collect::<Option<_>>()?;
    let tree = Growing::of_peaks(leaves, peaks)?;
    (form == FORM).then_some((month, tree))
}

/// A row's leaf, where the row is the one that was sealed as it.
fn compared(
    row: Line,
    (month, place): (&str, u64),
    number: usize,
) -> Result<(Leaf, Hash), ExportedError> {
    let wrong = || ExportedError::Line(number);
    let Line::Row {
        leaf,
        kind,
        id,
        at,
        sealed_at,
        hash: said,
        columns,
    } = row
    else {
        return Err(wrong());
    };
    if leaf != place || !at.starts_with(month) {
        return Err(wrong());
    }
    let said = hash(&said).ok_or_else(wrong)?;
    let opened = |(name, value, salt): (String, Option<String>, Option<String>)| {
        let salt = salt.map(|salt| hash(&salt).ok_or_else(wrong)).transpose()?;
        Ok::<_, ExportedError>((name, value, salt))
    };
    let columns: Vec<_> = columns.into_iter().map(opened).collect::<Result<_, _>>()?;
    let holds = |said: &str| {
        columns
            .iter()
            .any(|(_, value, _)| value.as_deref() == Some(said))
    };
    let place = Place {
        kind: kind.clone(),
        index: leaf,
        sealed_at: sealed_at.clone(),
    };
    let is_whole = holds(&id.to_string()) && holds(&at);
    if !is_whole || SealedRow::of_opened(place, &columns).hash() != said {
        return Err(ExportedError::Changed { kind, id, at, leaf });
    }
    let kept = Leaf {
        leaf_index: i64::try_from(leaf).ok().ok_or_else(wrong)?,
        kind,
        row_id: id,
        row_at: at,
        sealed_at,
        leaf_hash: said.to_vec(),
    };
    Ok((kept, said))
}
