//! Whether a JSON text names each member of each object once: two readers of one resource must not
//! be able to see two different ones (<https://www.rfc-editor.org/rfc/rfc8259#section-4>).

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Reads the text through, keeping nothing of it.
///
/// # Errors
/// When it is no JSON, or names a member twice.
pub fn are_named_once(body: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Checked>(body).map(|Checked| ())
}

/// A value that has been read through.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Check)
    }
}

struct Check;

/// Anything that holds no members is taken as it comes.
macro_rules! taken {
    ($($method:ident: $kind:ty),*) => {$(
        fn $method<E: Error>(self, _value: $kind) -> Result<Checked, E> {
            Ok(Checked)
        }
    )*};
}

impl<'de> Visitor<'de> for Check {
    type Value = Checked;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON in which each member is named once")
    }

    taken!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Checked, A::Error> {
        while let Some(Checked) = sequence.next_element()? {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checked, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            // How the reader hands over a number that is not whole: no member of the text.
            if name.starts_with('$') {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            map.next_value::<Checked>()?;
            if !names.insert(name) {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Checked)
    }
}
