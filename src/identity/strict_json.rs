//! Reads a JSON object in which a member named twice is an error: two readers of one token must not
//! be able to see two different claims.
//!
//! <https://www.rfc-editor.org/rfc/rfc8725#section-2.4>

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The one object that `bytes` hold: nothing where they are not UTF-8, not JSON, hold more than it,
/// are nested more than 127 deep, or name a member twice in any object.
///
/// Numbers that are not whole, or beyond 64 bits, are not kept as numbers: under the
/// `arbitrary_precision` that fhirbolt switches on, `serde_json` hands them over as an object. No
/// claim is such a number, so that each is refused as being of the wrong type either way. (And an
/// object that is spelled like such a number stays an object here, as it would not in a `Value`.)
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(members))) => Some(members),
        Ok(Strict(_)) | Err(_) => None,
    }
}

/// A value, none of whose objects names a member twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON in which each member is named once")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = sequence.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, proptest};
    use serde_json::{Value, json};

    use super::object;

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"a":1,"b":2,"a":3}]}"#,
        ] {
            assert_eq!(object(twice.as_bytes()), None, "{twice}");
        }
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        let nested = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for not_one in [
            "",
            "[]",
            "\"a\"",
            "1",
            "null",
            "{}{}",
            "{} x",
            "\u{feff}{}",
            &nested,
        ] {
            assert_eq!(object(not_one.as_bytes()), None, "{not_one}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(object(br#"{"a":"\ud800"}"#), None);
    }

    #[test]
    fn any_other_object_reads_as_serde_json_reads_it() {
        let value = json!({"a": [1, -2, "b", null, true], "c": {"d": {}}, "e": u64::MAX});
        let read = object(value.to_string().as_bytes()).unwrap();
        assert_eq!(Value::Object(read), value);
    }

    #[test]
    fn a_number_that_is_not_whole_is_never_taken_for_one_that_is() {
        let spelled = r#"{"$serde_json::private::Number":"1"}"#;
        for number in ["0.5", "1e3", "-1.0", "99999999999999999999999", spelled] {
            let read = object(format!("{{\"a\":{number}}}").as_bytes()).unwrap();
            assert_eq!(read.get("a").and_then(Value::as_i64), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = object(&bytes);
        }

        #[test]
        fn any_json_like_text_is_read_as_serde_json_reads_it_or_refused(
            text in r#"[\[\]{}":,a0-9\\u ]{0,40}"#,
        ) {
            if let Some(read) = object(text.as_bytes()) {
                assert_eq!(Value::Object(read), serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
