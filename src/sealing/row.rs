//! What is sealed of a row: every column, its place in the log and the moment it was sealed, in one
//! unambiguous form. What names a child or a person stands in it as a commitment that can be
//! opened one by one, and that tells nothing by itself.
//!
//! A commitment is an HMAC of the value under a salt; the salt is an HMAC, under the key of rows,
//! of the place and the column. Whoever is given one salt can check one value; two rows of one
//! child have nothing in common that could be seen.

use std::fmt;

use openssl::memcmp;

use crate::sealing::bytes::{Reader, put, put_number};
use crate::sealing::merkle::{Hash, leaf_hash};
use crate::secrets::{HmacKey, SecretKey};

/// What a sealed row begins with: another form has another name.
const FORM: &str = "cpis-fhir/sealed-row/v1";

/// The key that commitments are made with: a secret that the database never has.
#[derive(Debug)]
pub struct RowKey(HmacKey);

impl RowKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        Self(HmacKey::of(key))
    }

    /// A keyed digest of what is none of a row's, each part after its length.
    #[must_use]
    pub fn digest(&self, of: &str, parts: &[&[u8]]) -> Hash {
        let mut bytes = Vec::new();
        put(&mut bytes, of.as_bytes());
        parts.iter().for_each(|part| put(&mut bytes, part));
        self.0.digest([bytes.as_slice()])
    }

    fn salt(&self, place: &Place, column: &str) -> Hash {
        let mut named = Vec::new();
        put(&mut named, FORM.as_bytes());
        put(&mut named, place.kind.as_bytes());
        put_number(&mut named, place.index);
        put(&mut named, column.as_bytes());
        self.0.digest([named.as_slice()])
    }
}

/// Which row, and where it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What kind of row it is.
    pub kind: String,
    /// Which leaf it is, counted from 0.
    pub index: u64,
    /// When it was sealed, as it is written.
    pub sealed_at: String,
}

/// A column of a row that is to be sealed.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value as text; none where it has none.
    pub value: Option<&'a str>,
    /// Whether it stands in the sealed row as it is.
    pub shown: bool,
}

/// What a sealed row says of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// There is no value.
    Nothing,
    /// The value itself.
    Text(String),
    /// A commitment to the value.
    Commitment(Hash),
}

/// The salt of one column's commitment, and the value: with both anybody can check it.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The column.
    pub column: String,
    /// The salt.
    pub salt: Hash,
    /// The value.
    pub value: String,
}

impl fmt::Debug for Opening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Opening({}, hidden)", self.column)
    }
}

/// A row as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Which row, and where.
    pub place: Place,
    /// Its columns, in order.
    pub columns: Vec<(String, Sealed)>,
}

impl SealedRow {
    /// Seals a row.
    #[must_use]
    pub fn of(place: Place, columns: &[Column], key: &RowKey) -> Self {
        let sealed = |column: &Column| {
            let sealed = match column.value {
                None => Sealed::Nothing,
                Some(value) if column.shown => Sealed::Text(value.to_owned()),
                Some(value) => {
                    let salt = key.salt(&place, column.name);
                    Sealed::Commitment(commitment(&salt, value))
                }
            };
            (column.name.to_owned(), sealed)
        };
        let columns = columns.iter().map(sealed).collect();
        Self { place, columns }
    }

    /// A row of what opens it: every column's value, and the salt where it is hidden.
    #[must_use]
    pub fn of_opened(place: Place, columns: &[(String, Option<String>, Option<Hash>)]) -> Self {
        let sealed = |(name, value, salt): &(String, Option<String>, Option<Hash>)| {
            let sealed = match (value, salt) {
                (None, _) => Sealed::Nothing,
                (Some(value), None) => Sealed::Text(value.clone()),
                (Some(value), Some(salt)) => Sealed::Commitment(commitment(salt, value)),
            };
            (name.clone(), sealed)
        };
        let columns = columns.iter().map(sealed).collect();
        Self { place, columns }
    }

    /// What opens a column; none where it is not hidden.
    #[must_use]
    pub fn open(&self, column: &Column, key: &RowKey) -> Option<Opening> {
        let value = column.value.filter(|_| !column.shown)?;
        Some(Opening {
            column: column.name.to_owned(),
            salt: key.salt(&self.place, column.name),
            value: value.to_owned(),
        })
    }

    /// Whether an opening is of this row.
    #[must_use]
    pub fn is_opened_by(&self, opening: &Opening) -> bool {
        let hidden = self.columns.iter().find_map(|(name, sealed)| match sealed {
            Sealed::Commitment(commitment) if *name == opening.column => Some(commitment),
            _ => None,
        });
        let said = commitment(&opening.salt, &opening.value);
        hidden.is_some_and(|hidden| memcmp::eq(hidden, &said))
    }

    /// Its bytes, of which every field's length is told.
    #[must_use]
    pub fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, FORM.as_bytes());
        put(&mut bytes, self.place.kind.as_bytes());
        put_number(&mut bytes, self.place.index);
        put(&mut bytes, self.place.sealed_at.as_bytes());
        for (name, sealed) in &self.columns {
            put(&mut bytes, name.as_bytes());
            let (form, value) = match sealed {
                Sealed::Nothing => (NOTHING, [].as_slice()),
                Sealed::Text(text) => (TEXT, text.as_bytes()),
                Sealed::Commitment(commitment) => (COMMITMENT, commitment.as_slice()),
            };
            put(&mut bytes, form);
            put(&mut bytes, value);
        }
        bytes
    }

    /// Reads what [`Self::written`] wrote, and nothing else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::of(bytes);
        (reader.take()? == FORM.as_bytes()).then_some(())?;
        let place = Place {
            kind: reader.text()?,
            index: reader.number()?,
            sealed_at: reader.text()?,
        };
        let mut columns = Vec::new();
        while !reader.is_at_end() {
            let name = reader.text()?;
            let (form, value) = (reader.take()?, reader.take()?);
            let sealed = match form {
                NOTHING if value.is_empty() => Sealed::Nothing,
                TEXT => Sealed::Text(String::from_utf8(value.to_vec()).ok()?),
                COMMITMENT => Sealed::Commitment(value.try_into().ok()?),
                _ => return None,
            };
            columns.push((name, sealed));
        }
        Some(Self { place, columns })
    }

    /// Its hash as a leaf.
    #[must_use]
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.written())
    }
}

const NOTHING: &[u8] = b"nothing";
const TEXT: &[u8] = b"text";
const COMMITMENT: &[u8] = b"commitment";

fn commitment(salt: &Hash, value: &str) -> Hash {
    HmacKey::of(&SecretKey::of(*salt)).digest([value.as_bytes()])
}

#[cfg(test)]
#[path = "row_rules.rs"]
mod rules;
