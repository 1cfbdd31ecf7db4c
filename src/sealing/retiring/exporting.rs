//! The first step: a month is exported, and stays.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::domain::month::Month;
use crate::sealing::export::{Export, FORM, Line, Recipients};
use crate::sealing::manifest::Manifest;
use crate::sealing::merkle::Subtrees as _;
use crate::sealing::proving::{Keys, newest};
use crate::sealing::retiring::{RetiringError, Showing, refuse_shown, rows};
use crate::sealing::row::{Column, RowKey};
use crate::sealing::sealer::columns;
use crate::sealing::tree::StoredTree;
use crate::sealing::verifying::sealed_as;
use crate::store::Postgres;
use crate::store::sealable_rows::{SealableRow, SealedKind};
use crate::store::sealed_rows::{self, Leaf};

/// Exports a month, for whoever has the private key of one of these certificates: what leaves. It
/// must run in a transaction that sees one moment, and in which all was verified.
///
/// # Errors
/// [`RetiringError`] when it stays.
pub fn export(
    postgres: &mut Postgres,
    keys: Keys,
    (month, showing): (Month, Showing),
    (folder, recipients): (&Path, &Recipients),
    (exported_at, exported_by): (DateTime<Utc>, &str),
) -> Result<Manifest, RetiringError> {
    sealed_rows::prepare_to_verify(postgres)?;
    refuse_shown(postgres, month, showing)?;
    let (head, note) = newest(postgres, keys.log)?.ok_or(RetiringError::Unsealed(month, 0))?;
    let mut export = Export::of(month, folder, recipients);
    let mut next = None;
    let seen = rows::each(postgres, month, keys.row, |postgres, leaf, row| {
        let index = u64::try_from(leaf.leaf_index).unwrap_or(u64::MAX);
        if next.is_none() {
            export.add(&begin(postgres, month, index)?)?;
        }
        add_subtrees(postgres, &mut export, next.unwrap_or(index), index)?;
        next = Some(index + 1);
        let (kind, row) = row;
        Ok(export.add(&line(leaf, kind, row, keys.row))?)
    })?;
    let end = next.unwrap_or_default();
    if end > head.size || end == 0 {
        return Err(RetiringError::Unsealed(month, end - head.size.min(end)));
    }
    add_subtrees(postgres, &mut export, end, head.size)?;
    export.add(&Line::Checkpoint(note))?;
    let (export_digest, files) = export.finish()?;
    Ok(Manifest {
        month,
        leaves_digest: seen.digest(),
        rows: seen.rows,
        leaves: seen.leaves,
        tree: head,
        export_digest,
        files,
        exported_at,
        exported_by: exported_by.to_owned(),
    })
}

fn begin(postgres: &mut Postgres, month: Month, leaves: u64) -> Result<Line, RetiringError> {
    let tree = StoredTree(postgres).at(leaves)?;
    Ok(Line::Begin {
        form: FORM.to_owned(),
        month: month.to_string(),
        leaves,
        peaks: tree
            .peaks()
            .iter()
            .map(|peak| STANDARD.encode(peak))
            .collect(),
    })
}

/// Adds the subtrees from one leaf to before another, the largest that stand there.
fn add_subtrees(
    postgres: &mut Postgres,
    export: &mut Export,
    from: u64,
    before: u64,
) -> Result<(), RetiringError> {
    let mut at = from;
    while at < before {
        let fitting = (before - at).ilog2();
        let level = at.trailing_zeros().min(fitting);
        let root = StoredTree(postgres).complete(level, at >> level)?;
        let root = STANDARD.encode(root);
        export.add(&Line::Subtree { level, root })?;
        at += 1 << level;
    }
    Ok(())
}

fn line(leaf: &Leaf, kind: &SealedKind, row: &SealableRow, key: &RowKey) -> Line {
    let sealed = sealed_as(leaf, kind, row, key);
    let column = |column: &Column| {
        let opening = sealed.open(column, key);
        let salt = opening.map(|opening| STANDARD.encode(opening.salt));
        (
            column.name.to_owned(),
            column.value.map(str::to_owned),
            salt,
        )
    };
    Line::Row {
        leaf: sealed.place.index,
        kind: leaf.kind.clone(),
        id: leaf.row_id,
        at: leaf.row_at.clone(),
        sealed_at: leaf.sealed_at.clone(),
        hash: STANDARD.encode(&leaf.leaf_hash),
        columns: columns(kind, row).iter().map(column).collect(),
    }
}
