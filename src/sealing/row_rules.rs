//! What a sealed row says, what it hides, and that no two rows are sealed alike.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use proptest::prelude::{any, prop_assert_eq, prop_assert_ne, proptest};

use super::{Column, Opening, Place, RowKey, Sealed, SealedRow, SecretKey};
use crate::store::sealable_rows::SEALED_KINDS;

fn key() -> RowKey {
    RowKey::of(&SecretKey::of([7; 32]))
}

fn place(index: u64) -> Place {
    Place {
        kind: "access".into(),
        index,
        sealed_at: "2026-11-22T12:00:00Z".into(),
    }
}

const COLUMNS: [Column; 3] = [
    Column {
        name: "id",
        value: Some("019371b8-1c00-7000-8000-000000000001"),
        shown: true,
    },
    Column {
        name: "nhs_number",
        value: Some("9990000026"),
        shown: false,
    },
    Column {
        name: "note",
        value: None,
        shown: false,
    },
];

#[test]
fn a_sealed_row_shows_what_names_nobody_and_hides_the_rest_until_it_is_opened() {
    let row = SealedRow::of(place(3), &COLUMNS, &key());
    let written = String::from_utf8_lossy(&row.written()).into_owned();
    assert!(written.contains("019371b8-1c00-7000-8000-000000000001"));
    assert!(!written.contains("9990000026"));
    assert_eq!(row.columns[2].1, Sealed::Nothing);
    let [id, number, note] = &COLUMNS;
    let opening = row.open(number, &key()).unwrap();
    assert!(row.is_opened_by(&opening));
    assert!(!format!("{opening:?}").contains("999"));
    let value = "9990000018".to_owned();
    assert!(!row.is_opened_by(&Opening {
        value,
        ..opening.clone()
    }));
    let column = "id".to_owned();
    assert!(!row.is_opened_by(&Opening { column, ..opening }));
    assert_eq!(row.open(id, &key()), None);
    assert_eq!(row.open(note, &key()), None);
}

#[test]
fn two_rows_of_one_child_share_nothing_that_is_seen() {
    let first = SealedRow::of(place(3), &COLUMNS, &key());
    let second = SealedRow::of(place(4), &COLUMNS, &key());
    assert_ne!(first.columns[1], second.columns[1]);
    let opening = first.open(&COLUMNS[1], &key()).unwrap();
    assert!(!second.is_opened_by(&opening));
    let other = SealedRow::of(place(3), &COLUMNS, &RowKey::of(&SecretKey::of([8; 32])));
    assert_ne!(first.columns[1], other.columns[1]);
    assert_ne!(first.hash(), other.hash());
}

proptest! {
    #[test]
    fn whatever_is_sealed_reads_back_and_every_difference_is_another_hash(
        index in any::<u64>(), values in proptest::collection::vec(
            (any::<String>(), any::<Option<String>>(), any::<bool>()), 0..6),
        at in any::<usize>(),
    ) {
        let columns: Vec<Column> = values.iter().map(|(name, value, shown)| Column {
            name, value: value.as_deref(), shown: *shown,
        }).collect();
        let row = SealedRow::of(place(index), &columns, &key());
        prop_assert_eq!(SealedRow::read(&row.written()), Some(row.clone()));
        let moved = SealedRow::of(place(index ^ 1), &columns, &key());
        prop_assert_ne!(moved.hash(), row.hash());
        if !columns.is_empty() {
            let mut others = columns.clone();
            let at = at % columns.len();
            let longer = format!("{}a", others[at].value.unwrap_or_default());
            others[at].value = Some(&longer);
            let other = SealedRow::of(place(index), &others, &key());
            prop_assert_ne!(other.hash(), row.hash());
            others.remove(at);
            let other = SealedRow::of(place(index), &others, &key());
            prop_assert_ne!(other.hash(), row.hash());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(row) = SealedRow::read(&bytes) {
            prop_assert_eq!(row.written(), bytes);
        }
    }

    #[test]
    fn a_row_cut_short_is_refused_or_is_another_row(cut in any::<usize>()) {
        let written = SealedRow::of(place(3), &COLUMNS, &key()).written();
        let (short, _) = written.split_at(cut % written.len());
        if let Some(row) = SealedRow::read(short) {
            prop_assert_eq!(row.written(), short);
        }
    }
}

/// A proof shows the hashes of leaves beside its own, and an NHS number has a milliard values: a
/// leaf's hash must not be one that can be found by trying them.
#[test]
fn whoever_tries_every_value_of_a_row_without_the_key_never_comes_upon_its_leaf() {
    for kind in &SEALED_KINDS {
        let columns: Vec<Column> = kind
            .columns
            .iter()
            .map(|&(name, shown)| Column {
                name,
                value: Some("9990000026"),
                shown,
            })
            .collect();
        let place = Place {
            kind: kind.name.into(),
            ..place(3)
        };
        let other = RowKey::of(&SecretKey::of([8; 32]));
        let leaf = |key: &RowKey| SealedRow::of(place.clone(), &columns, key).hash();
        // What an answer holds are digests under the same key, which are as hard to come upon.
        let is_of_digests = columns.iter().any(|column| column.name == "body_digest");
        assert!(
            is_of_digests || leaf(&key()) != leaf(&other),
            "{}",
            kind.name
        );
        for name in [
            "nhs_number",
            "practitioner_id",
            "practitioner_name",
            "asked",
        ] {
            let shown = columns.iter().find(|column| column.name == name);
            assert!(
                shown.is_none_or(|column| !column.shown),
                "{}: {name}",
                kind.name
            );
        }
    }
}
