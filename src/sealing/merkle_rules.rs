//! The published vectors of RFC 6962's trees, and every proof of every small tree.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::HashMap;
use std::convert::Infallible;

use proptest::prelude::{Just, Strategy, any, prop_assert, proptest};

use super::{
    Growing, Hash, Subtrees, consistency, empty_root, inclusion, is_consistent, is_included,
    leaf_hash, node_hash,
};

/// The leaves that the implementations of Certificate Transparency are tried with, and the root of
/// the tree of the first one, two, three and so on of them.
const LEAVES: [(&str, &str); 8] = [
    (
        "",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        "00",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

/// Every tree up to this size is gone through.
const SIZE_MAX: u64 = 200;
/// And every other place is tried in every tree up to this one.
const PLACES_MAX: u64 = 40;

/// All complete subtrees of a tree.
#[derive(Default)]
struct Complete(HashMap<(u32, u64), Hash>);

impl Subtrees for Complete {
    type Error = Infallible;

    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[&(level, index)])
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

fn hash(digits: &str) -> Hash {
    bytes(digits).try_into().unwrap()
}

/// A tree of leaves, with its root at every size.
fn grown(leaves: impl IntoIterator<Item = Vec<u8>>) -> (Complete, Vec<Hash>) {
    let (mut tree, mut stored) = (Growing::default(), Complete::default());
    let mut roots = vec![tree.root()];
    for leaf in leaves {
        tree.add(leaf_hash(&leaf), |level, index, hash| {
            stored.0.insert((level, index), hash);
        });
        roots.push(tree.root());
    }
    (stored, roots)
}

fn numbered(size: u64) -> (Complete, Vec<Hash>) {
    grown((0..size).map(|number| number.to_be_bytes().to_vec()))
}

/// `MTH(D[n])` word for word as RFC 6962 defines it.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        many => {
            let half = many.len().next_power_of_two() / 2;
            let (left, right) = many.split_at(half);
            node_hash(&defined(left), &defined(right))
        }
    }
}

#[test]
fn the_published_roots_are_the_roots() {
    let (_, roots) = grown(LEAVES.iter().map(|(leaf, _)| bytes(leaf)));
    let none = hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(roots[0], none);
    for (size, (_, root)) in (1..).zip(LEAVES) {
        assert_eq!(roots[size], hash(root), "{size}");
    }
}

#[test]
fn the_published_proofs_are_the_proofs() {
    let (mut stored, roots) = grown(LEAVES.iter().map(|(leaf, _)| bytes(leaf)));
    let beside = inclusion(0, 8, &mut stored).unwrap();
    let published = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(beside, published.map(hash));
    let proof = consistency(6, 8, &mut stored).unwrap();
    let published = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(proof, published.map(hash));
    assert!(is_consistent((6, &roots[6]), (8, &roots[8]), &proof));
}

#[test]
fn a_root_is_what_the_definition_says_and_a_tree_is_loaded_as_it_was_grown() {
    let (mut stored, roots) = numbered(SIZE_MAX);
    let leaves: Vec<Hash> = (0..SIZE_MAX).map(|index| stored.0[&(0, index)]).collect();
    for (size, root) in roots.iter().enumerate() {
        assert_eq!(*root, defined(&leaves[..size]), "{size}");
        let size = u64::try_from(size).unwrap();
        let loaded = Growing::load(size, &mut stored).unwrap();
        assert_eq!((loaded.size(), loaded.root()), (size, *root));
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proved_and_at_no_other_place_or_size() {
    let (mut stored, roots) = numbered(SIZE_MAX);
    for size in 1..=SIZE_MAX {
        let root = &roots[usize::try_from(size).unwrap()];
        for index in 0..size {
            let leaf = stored.0[&(0, index)];
            let beside = inclusion(index, size, &mut stored).unwrap();
            assert!(
                is_included(leaf, (index, size), &beside, root),
                "{index} of {size}"
            );
            assert!(!is_included(leaf, (index, size), &beside, &empty_root()));
            assert!(!is_included(empty_root(), (index, size), &beside, root));
            assert!(!is_included(leaf, (size, size), &beside, root));
            let mut long = beside.clone();
            long.push(leaf);
            assert!(!is_included(leaf, (index, size), &long, root));
            for other in (0..size.min(PLACES_MAX)).filter(|other| *other != index) {
                assert!(
                    !is_included(leaf, (other, size), &beside, root),
                    "{index} {other}"
                );
            }
            for left_out in 0..beside.len() {
                let mut short = beside.clone();
                short.remove(left_out);
                assert!(!is_included(leaf, (index, size), &short, root));
            }
        }
        assert!(inclusion(size, size, &mut stored).unwrap().is_empty());
    }
}

#[test]
fn every_small_tree_is_proved_to_have_grown_out_of_every_smaller_one_and_of_no_other() {
    let (mut stored, roots) = numbered(SIZE_MAX);
    let root = |size: u64| &roots[usize::try_from(size).unwrap()];
    for size in 0..=SIZE_MAX {
        for smaller in 0..=size {
            let proof = consistency(smaller, size, &mut stored).unwrap();
            let (old, new) = ((smaller, root(smaller)), (size, root(size)));
            assert!(is_consistent(old, new, &proof), "{smaller} to {size}");
            let another = node_hash(root(size), root(size));
            assert!(!is_consistent((smaller, &another), new, &proof));
            assert!(smaller == 0 || !is_consistent(old, (size, &another), &proof));
            assert!(smaller == size || !is_consistent(new, old, &proof));
            let mut long = proof.clone();
            long.push(another);
            assert!(!is_consistent(old, new, &long));
            for place in 0..proof.len() {
                let mut forged = proof.clone();
                forged[place] = another;
                assert!(!is_consistent(old, new, &forged));
                forged.remove(place);
                assert!(!is_consistent(old, new, &forged));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_lying_prover_convinces_nobody_of_a_leaf(
        leaf in any::<Hash>(), index in any::<u64>(), size in any::<u64>(),
        beside in proptest::collection::vec(any::<Hash>(), 0..70), root in any::<Hash>(),
    ) {
        prop_assert!(!is_included(leaf, (index, size), &beside, &root));
    }

    #[test]
    fn a_lying_prover_convinces_nobody_of_growth(
        smaller in 1_u64.., size in any::<u64>(), old in any::<Hash>(), new in any::<Hash>(),
        proof in proptest::collection::vec(any::<Hash>(), 0..70),
    ) {
        prop_assert!(!is_consistent((smaller, &old), (size, &new), &proof));
    }

    #[test]
    fn a_proof_with_one_bit_changed_proves_nothing(
        (size, smaller, index) in sizes(),
        place in any::<usize>(), bit in 0_u8..8, at in 0_usize..32,
    ) {
        let (mut stored, roots) = numbered(size);
        let root = |size: u64| roots[usize::try_from(size).unwrap()];
        let mut beside = inclusion(index, size, &mut stored).unwrap();
        let leaf = stored.0[&(0, index)];
        let count = beside.len();
        beside[place % count][at] ^= 1 << bit;
        prop_assert!(!is_included(leaf, (index, size), &beside, &root(size)));
        let mut proof = consistency(smaller, size, &mut stored).unwrap();
        let count = proof.len();
        proof[place % count][at] ^= 1 << bit;
        prop_assert!(!is_consistent((smaller, &root(smaller)), (size, &root(size)), &proof));
    }
}

/// A size, a smaller one, and the place of a leaf.
fn sizes() -> impl Strategy<Value = (u64, u64, u64)> {
    (2_u64..400).prop_flat_map(|size| (Just(size), 1..size, 0..size))
}
