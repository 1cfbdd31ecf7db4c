//! What says which rows of a month leave, and that we said so: the month's manifest, and the record
//! of its retirement. Both hold a keyed digest of themselves, which nobody makes who has the
//! database alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use openssl::memcmp;
use openssl::sha::Sha256;

use crate::domain::month::Month;
use crate::sealing::bytes::{put, put_number};
use crate::sealing::checkpoint::{TreeHead, hash, number};
use crate::sealing::merkle::Hash;
use crate::sealing::row::RowKey;
use crate::sealing::runs::Runs;
use crate::store::retirements::KeptRetirement;
use crate::store::sealed_rows::Leaf;

/// What a manifest begins with: another form has another name.
const FORM: &str = "cpis-fhir/retirement/v1";

const OF_A_MANIFEST: &str = "cpis-fhir/retirement/v1 manifest";
const OF_A_RETIREMENT: &str = "cpis-fhir/retirement/v1 confirmed";

/// Leaves as they are seen, in their order: how many of each kind, which, and a digest of all that
/// is kept of them.
#[derive(Clone, Default)]
pub struct LeavesSeen {
    /// How many of each kind of row.
    pub rows: BTreeMap<String, u64>,
    /// Which.
    pub leaves: Runs,
    digest: Sha256,
}

impl LeavesSeen {
    /// Adds a leaf that comes after all others.
    pub fn add(&mut self, leaf: &Leaf) {
        let index = u64::try_from(leaf.leaf_index).unwrap_or(u64::MAX);
        *self.rows.entry(leaf.kind.clone()).or_default() += 1;
        self.leaves.add(index);
        let mut bytes = Vec::new();
        put_number(&mut bytes, index);
        put(&mut bytes, leaf.kind.as_bytes());
        put(&mut bytes, leaf.row_id.as_bytes());
        put(&mut bytes, leaf.row_at.as_bytes());
        put(&mut bytes, leaf.sealed_at.as_bytes());
        put(&mut bytes, &leaf.leaf_hash);
        self.digest.update(&bytes);
    }

    /// The digest of all of them.
    #[must_use]
    pub fn digest(&self) -> Hash {
        self.digest.clone().finish()
    }

    /// Whether exactly these leave by a manifest.
    #[must_use]
    pub fn are_of(&self, manifest: &Manifest) -> bool {
        self.rows == manifest.rows
            && self.leaves == manifest.leaves
            && self.digest() == manifest.leaves_digest
    }
}

/// Which rows of a month leave, and where they went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The month.
    pub month: Month,
    /// How many rows of each kind.
    pub rows: BTreeMap<String, u64>,
    /// Their leaves.
    pub leaves: Runs,
    /// The digest of all that is kept of those.
    pub leaves_digest: Hash,
    /// A tree that was signed and that they are in.
    pub tree: TreeHead,
    /// The SHA-256 of the export's files, one after another.
    pub export_digest: Hash,
    /// The names of these files.
    pub files: Vec<String>,
    /// When they were exported.
    pub exported_at: DateTime<Utc>,
    /// By whom.
    pub exported_by: String,
}

impl Manifest {
    /// The manifest, and in its last line its keyed digest.
    #[must_use]
    pub fn written(&self, key: &RowKey) -> String {
        let mut text = format!("{FORM}\nmonth {}\n", self.month);
        // To write to a string never fails.
        for (kind, rows) in &self.rows {
            let _ = writeln!(text, "rows {kind} {rows}");
        }
        let _ = writeln!(text, "leaves {}", self.leaves);
        let _ = writeln!(text, "leaves-sha256 {}", digits(&self.leaves_digest));
        let _ = writeln!(text, "tree-size {}", self.tree.size);
        let _ = writeln!(text, "tree-root {}", STANDARD.encode(self.tree.root));
        for file in &self.files {
            let _ = writeln!(text, "file {file}");
        }
        let _ = writeln!(text, "export-sha256 {}", digits(&self.export_digest));
        let at = self
            .exported_at
            .to_rfc3339_opts(SecondsFormat::Micros, true);
        let _ = writeln!(text, "exported-at {at}");
        let _ = writeln!(text, "exported-by {}", self.exported_by);
        let authenticity = key.digest(OF_A_MANIFEST, &[text.as_bytes()]);
        let _ = writeln!(text, "authenticity {}", digits(&authenticity));
        text
    }

    /// Reads a manifest, whoever wrote it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let lines = &mut lines;
        (lines.next()? == FORM).then_some(())?;
        let month = Month::parse(taken(lines, "month ")?)?;
        let rows = repeated(lines, "rows ", |line| {
            let (kind, rows) = line.split_once(' ')?;
            Some((kind.to_owned(), number(rows)?))
        })?;
        let leaves = Runs::parse(taken(lines, "leaves ")?)?;
        let leaves_digest = of_digits(taken(lines, "leaves-sha256 ")?)?;
        let size = number(taken(lines, "tree-size ")?)?;
        let root = hash(taken(lines, "tree-root ")?)?;
        let files = repeated(lines, "file ", |line| Some(line.to_owned()))?;
        let export_digest = of_digits(taken(lines, "export-sha256 ")?)?;
        let exported_at = DateTime::parse_from_rfc3339(taken(lines, "exported-at ")?).ok()?;
        let exported_by = taken(lines, "exported-by ")?.to_owned();
        taken(lines, "authenticity ")?;
        lines.next().is_none().then_some(Self {
            month,
            rows: rows.into_iter().collect(),
            leaves,
            leaves_digest,
            tree: TreeHead { size, root },
            export_digest,
            files,
            exported_at: exported_at.to_utc(),
            exported_by,
        })
    }

    /// Reads a manifest that the key's holder wrote, to the letter.
    #[must_use]
    pub fn verified(text: &str, key: &RowKey) -> Option<Self> {
        let manifest = Self::read(text)?;
        let written = manifest.written(key);
        let is_ours =
            written.len() == text.len() && memcmp::eq(written.as_bytes(), text.as_bytes());
        is_ours.then_some(manifest)
    }
}

/// The rest of the next line, where that begins so.
fn taken<'a>(lines: &mut impl Iterator<Item = &'a str>, beginning: &str) -> Option<&'a str> {
    lines.next()?.strip_prefix(beginning)
}

/// The lines that begin so, one after another.
fn repeated<'a, T>(
    lines: &mut (impl Iterator<Item = &'a str> + Clone),
    beginning: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let mut found = Vec::new();
    loop {
        let mut ahead = lines.clone();
        let Some(line) = taken(&mut ahead, beginning) else {
            return Some(found);
        };
        found.push(read(line)?);
        *lines = ahead;
    }
}

/// The keyed digest of a retirement as it is on record.
#[must_use]
pub fn authenticity(retirement: &KeptRetirement, key: &RowKey) -> Hash {
    let parts: [&[u8]; 4] = [
        retirement.id.as_bytes(),
        &retirement.retired_at.timestamp_micros().to_be_bytes(),
        retirement.manifest.as_bytes(),
        retirement.confirmed_by.as_bytes(),
    ];
    key.digest(OF_A_RETIREMENT, &parts)
}

/// The manifest of a retirement that is on record, where it is one of ours.
#[must_use]
pub fn believed(retirement: &KeptRetirement, key: &RowKey) -> Option<Manifest> {
    let said = authenticity(retirement, key);
    if said.as_slice() != retirement.authenticity {
        return None;
    }
    let manifest = Manifest::verified(&retirement.manifest, key)?;
    (manifest.month.to_string() == retirement.month).then_some(manifest)
}

/// A digest in hexadecimal digits.
#[must_use]
pub fn digits(digest: &Hash) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A digest of hexadecimal digits, in small letters.
#[must_use]
pub fn of_digits(text: &str) -> Option<Hash> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..text.len())
        .step_by(2)
        .map(pair)
        .collect::<Option<_>>()?;
    let digest: Hash = bytes.try_into().ok()?;
    (digits(&digest) == text).then_some(digest)
}
