//! Proofs that convince, and proofs that were tampered with.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::HashMap;
use std::convert::Infallible;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{Proof, ProofError, hash_lines, read_hash_lines};
use crate::sealing::checkpoint::TreeHead;
use crate::sealing::merkle::{Growing, Hash, Subtrees, inclusion};
use crate::sealing::note::NoteKey;
use crate::sealing::row::{Column, Place, RowKey, SealedRow};
use crate::secrets::SecretKey;

struct Complete(HashMap<(u32, u64), Hash>);

impl Subtrees for Complete {
    type Error = Infallible;

    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[&(level, index)])
    }
}

fn column(value: &str) -> Column<'_> {
    Column {
        name: "nhs_number",
        value: Some(value),
        shown: false,
    }
}

/// The proof of one row among so many, and the key that signed its tree.
fn proof(index: u64, size: u64) -> (Proof, NoteKey) {
    let key = NoteKey::from_pem("cpis.example", &NoteKey::generate().unwrap()).unwrap();
    let row_key = RowKey::of(&SecretKey::of([7; 32]));
    let row = |index| {
        let place = Place {
            kind: "access".into(),
            index,
            sealed_at: "2026-11-22T12:00:00Z".into(),
        };
        SealedRow::of(place, &[column("9990000026")], &row_key)
    };
    let (mut tree, mut stored) = (Growing::default(), Complete(HashMap::new()));
    for index in 0..size {
        tree.add(row(index).hash(), |level, index, hash| {
            stored.0.insert((level, index), hash);
        });
    }
    let head = TreeHead {
        size,
        root: tree.root(),
    };
    let row = row(index);
    let proof = Proof {
        openings: vec![row.open(&column("9990000026"), &row_key).unwrap()],
        row,
        beside: inclusion(index, size, &mut stored).unwrap(),
        checkpoint: head.sign(&key).unwrap(),
    };
    (proof, key)
}

#[test]
fn a_proof_reads_back_and_convinces_whoever_holds_the_verifier_key() {
    let (proof, key) = proof(4, 11);
    let read = Proof::read(&proof.written()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.check(key.verifier()).unwrap().size, 11);
    assert!(
        proof
            .written()
            .starts_with("c2sp.org/tlog-proof@v1\nextra ")
    );
}

#[test]
fn a_lying_proof_says_in_what_it_lies() {
    let (honest, key) = proof(4, 11);
    let (_, another) = proof(0, 1);
    let unbelieved = honest.check(another.verifier());
    assert!(matches!(unbelieved, Err(ProofError::Checkpoint(_))));
    let mut changed = honest.clone();
    changed.row.place.sealed_at = "2026-11-22T12:00:01Z".into();
    assert_eq!(changed.check(key.verifier()), Err(ProofError::NotIncluded));
    let mut changed = honest.clone();
    changed.row.place.index = 5;
    assert_eq!(changed.check(key.verifier()), Err(ProofError::NotIncluded));
    let mut changed = honest.clone();
    changed.openings[0].value = "9990000018".into();
    assert_eq!(changed.check(key.verifier()), Err(ProofError::NotOpened));
    let mut changed = honest;
    changed.beside.pop();
    assert_eq!(changed.check(key.verifier()), Err(ProofError::NotIncluded));
}

proptest! {
    #[test]
    fn a_file_with_one_character_changed_convinces_nobody(
        place in any::<usize>(), with in "[A-Za-z0-9+/ =\n]",
    ) {
        let (honest, key) = proof(4, 11);
        let mut characters: Vec<char> = honest.written().chars().collect();
        let place = place % characters.len();
        characters[place] = with.chars().next().unwrap();
        let changed: String = characters.into_iter().collect();
        if let Some(read) = Proof::read(&changed).filter(|_| changed != honest.written()) {
            prop_assert!(read.check(key.verifier()).is_err());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Proof::read(&text);
        let _ = read_hash_lines(&text);
    }

    #[test]
    fn hashes_read_back(hashes in proptest::collection::vec(any::<Hash>(), 0..9)) {
        prop_assert_eq!(read_hash_lines(&hash_lines(&hashes)), Some(hashes));
    }
}
