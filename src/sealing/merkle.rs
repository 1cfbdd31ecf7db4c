//! Merkle trees over SHA-256 as Certificate Transparency has them: their roots, and proofs that a
//! leaf is in a tree and that a tree only grew
//! (<https://www.rfc-editor.org/rfc/rfc6962#section-2.1>).
//!
//! Checking follows <https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2> and 2.1.4.2, which say
//! the same step by step.

use openssl::sha::{Sha256, sha256};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A hash of a leaf or of a subtree.
pub type Hash = [u8; HASH_BYTES];

/// The root of a tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a leaf. Another first byte than a node's, so that no node is ever taken for a leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[0]);
    hash.update(leaf);
    hash.finish()
}

/// The hash of two subtrees side by side.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[1]);
    hash.update(left);
    hash.update(right);
    hash.finish()
}

/// Where the roots of complete subtrees are had from.
pub trait Subtrees {
    /// Why one cannot be had.
    type Error;

    /// The root of the complete subtree of two to the power of `level` leaves, of which this is the
    /// `index`th from the left.
    ///
    /// # Errors
    /// Whatever keeps it from being had.
    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// A tree that grows at its right: only the roots of its complete subtrees are kept, the largest
/// first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growing {
    size: u64,
    peaks: Vec<Hash>,
}

impl Growing {
    /// A tree of so many leaves, as it stands in what is stored.
    ///
    /// # Errors
    /// As [`Subtrees::complete`].
    pub fn load<S: Subtrees>(size: u64, stored: &mut S) -> Result<Self, S::Error> {
        let (mut peaks, mut start) = (Vec::new(), 0_u64);
        for level in (0..u64::BITS).rev() {
            if size >> level & 1 == 1 {
                peaks.push(stored.complete(level, start >> level)?);
                start += 1 << level;
            }
        }
        Ok(Self { size, peaks })
    }

    /// A tree of so many leaves, by the roots of its complete subtrees, the largest first. `None`
    /// where such a tree has not as many.
    #[must_use]
    pub fn of_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let is_whole = usize::try_from(size.count_ones()) == Ok(peaks.len());
        is_whole.then_some(Self { size, peaks })
    }

    /// The roots of its complete subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Adds a leaf by its hash, and tells of every subtree that it completes, itself the first, by
    /// level and index.
    pub fn add(&mut self, leaf: Hash, mut complete: impl FnMut(u32, u64, Hash)) {
        let (mut hash, mut level) = (leaf, 0_u32);
        complete(level, self.size, hash);
        while self.size >> level & 1 == 1 {
            let Some(left) = self.peaks.pop() else {
                break;
            };
            hash = node_hash(&left, &hash);
            level += 1;
            complete(level, self.size >> level, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Adds a complete subtree of two to the power of `level` leaves. `None` where none of that
    /// size stands at this place.
    #[must_use]
    pub fn add_subtree(&mut self, level: u32, root: Hash) -> Option<()> {
        let leaves = 1_u64.checked_shl(level)?;
        let size = self.size.checked_add(leaves)?;
        self.size.is_multiple_of(leaves).then_some(())?;
        let (mut hash, mut above) = (root, level);
        while self.size >> above & 1 == 1 {
            hash = node_hash(&self.peaks.pop()?, &hash);
            above += 1;
        }
        self.peaks.push(hash);
        self.size = size;
        Some(())
    }
}

/// What lies beside the way from a leaf up to the root of a tree: `PATH(m, D[n])` of RFC 6962, from
/// the leaf's sibling upwards. Empty where the tree has no such leaf.
///
/// # Errors
/// As [`Subtrees::complete`].
pub fn inclusion<S: Subtrees>(
    index: u64,
    size: u64,
    stored: &mut S,
) -> Result<Vec<Hash>, S::Error> {
    let mut beside = Vec::new();
    let (mut start, mut end) = (0, size);
    while index < size && end - start > 1 {
        let middle = start + largest_power_below(end - start);
        if index < middle {
            beside.push(root_of(middle, end, stored)?);
            end = middle;
        } else {
            beside.push(root_of(start, middle, stored)?);
            start = middle;
        }
    }
    beside.reverse();
    Ok(beside)
}

/// What proves that a tree grew out of a smaller one: `PROOF(m, D[n])` of RFC 6962. Empty where
/// there is nothing to prove.
///
/// # Errors
/// As [`Subtrees::complete`].
pub fn consistency<S: Subtrees>(
    smaller: u64,
    size: u64,
    stored: &mut S,
) -> Result<Vec<Hash>, S::Error> {
    if smaller == 0 || smaller >= size {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end != smaller {
        let middle = start + largest_power_below(end - start);
        if smaller <= middle {
            proof.push(root_of(middle, end, stored)?);
            end = middle;
        } else {
            proof.push(root_of(start, middle, stored)?);
            start = middle;
        }
    }
    // Whoever checks holds the smaller root already, where it is one subtree.
    if start > 0 {
        proof.push(root_of(start, end, stored)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether a leaf is in the tree of this root.
#[must_use]
pub fn is_included(leaf: Hash, (index, size): (u64, u64), beside: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in beside {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A subtree without a right side is its parent too.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the tree of the second root grew out of that of the first.
#[must_use]
pub fn is_consistent(
    (smaller, smaller_root): (u64, &Hash),
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if smaller > size {
        return false;
    }
    if smaller == size {
        return proof.is_empty() && smaller_root == root;
    }
    if smaller == 0 {
        return proof.is_empty() && *smaller_root == empty_root();
    }
    let mut hashes = proof.iter();
    let first = match smaller.is_power_of_two() {
        true => Some(smaller_root),
        false => hashes.next(),
    };
    let (Some(first), false) = (first, proof.is_empty()) else {
        return false;
    };
    let (mut node, mut last) = (smaller - 1, size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *smaller_root && new == *root
}

/// The root of the leaves from one to before another, where the first begins a subtree.
fn root_of<S: Subtrees>(start: u64, end: u64, stored: &mut S) -> Result<Hash, S::Error> {
    let size = end - start;
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return stored.complete(level, start >> level);
    }
    let middle = start + largest_power_below(size);
    let left = root_of(start, middle, stored)?;
    Ok(node_hash(&left, &root_of(middle, end, stored)?))
}

/// The largest power of two that is less than a number of at least two.
fn largest_power_below(number: u64) -> u64 {
    1 << (u64::BITS - 1 - (number - 1).leading_zeros())
}

#[cfg(test)]
#[path = "merkle_rules.rs"]
mod rules;
