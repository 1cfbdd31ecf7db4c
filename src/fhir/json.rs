//! Resources as JSON (<https://hl7.org/fhir/R4/json.html>), written and, for a batch, read.

use fhirbolt::serde::SerializeResource;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;
use thiserror::Error;

/// How deep a batch may nest. One that only reads needs four levels; the rest lets a resource ride
/// along and be refused by its own entry. The reader's stack is far from used up.
const DEPTH_MAX: usize = 24;

/// An answer that cannot be written.
#[derive(Debug, Error)]
#[error("the answer cannot be written as JSON")]
pub struct JsonError(#[source] serde_json::Error);

/// A resource as JSON, on one line.
///
/// # Errors
/// [`JsonError`] when the resource holds a value FHIR has no JSON for.
pub fn to_json<R: SerializeResource>(resource: &R) -> Result<Vec<u8>, JsonError> {
    fhirbolt::json::to_vec(resource, None).map_err(JsonError)
}

/// A resource as JSON for people, indented: written once as for machines and laid out anew, so that
/// the program holds one writer of every resource and not two.
///
/// # Errors
/// [`JsonError`] when the resource holds a value FHIR has no JSON for.
pub fn to_pretty_json<R: SerializeResource>(resource: &R) -> Result<Vec<u8>, JsonError> {
    serde_json::to_vec_pretty(&to_value(resource)?).map_err(JsonError)
}

/// A resource as JSON to look into, written once as for machines and read back.
///
/// # Errors
/// [`JsonError`] when the resource holds a value FHIR has no JSON for.
pub fn to_value<R: SerializeResource>(resource: &R) -> Result<Value, JsonError> {
    serde_json::from_slice(&to_json(resource)?).map_err(JsonError)
}

/// One request of a batch. It has no `Debug`: its URL may hold an NHS number.
#[derive(Clone, PartialEq, Eq)]
pub struct BatchEntry {
    /// The HTTP method, as written.
    pub method: String,
    /// The URL relative to the base URL, as written.
    pub url: String,
    /// The entry's own URL, where it has one.
    pub full_url: Option<String>,
}

/// Why a body is not a batch. It never repeats the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BatchError {
    /// It nests too deep.
    #[error("the body is nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// It is not JSON.
    #[error("the body is not JSON: see line {line}, column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is JSON, and not an R4 Bundle.
    #[error("the body is not a FHIR R4 Bundle of resources FHIR R4 knows: see line {line}")]
    NotABundle {
        /// The line, from 1; 0 where it is not known.
        line: usize,
    },
    /// It is a Bundle of another type.
    #[error("only a Bundle whose type is batch is taken here")]
    NotABatch,
    /// An entry asks for nothing.
    #[error("Bundle.entry[{0}] has no request with a method and a url")]
    NoRequest(usize),
}

/// What of a batch is read. The members that R4 has and a read needs not are named, so that one R4
/// does not have is refused; a resource that rides along is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Batch {
    resource_type: String,
    r#type: String,
    #[serde(default)]
    entry: Vec<Entry>,
    id: Option<IgnoredAny>,
    meta: Option<IgnoredAny>,
    implicit_rules: Option<IgnoredAny>,
    language: Option<IgnoredAny>,
    identifier: Option<IgnoredAny>,
    timestamp: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Entry {
    full_url: Option<String>,
    request: Option<Request>,
    id: Option<IgnoredAny>,
    extension: Option<IgnoredAny>,
    modifier_extension: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    resource: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Request {
    method: Option<String>,
    url: Option<String>,
    id: Option<IgnoredAny>,
    extension: Option<IgnoredAny>,
    modifier_extension: Option<IgnoredAny>,
    if_none_match: Option<IgnoredAny>,
    if_modified_since: Option<IgnoredAny>,
    if_match: Option<IgnoredAny>,
    if_none_exist: Option<IgnoredAny>,
}

/// Reads the requests of a batch, strictly. Not through fhirbolt's own Bundle: that would build a
/// reader for every resource there is, to read two strings an entry.
///
/// # Errors
/// [`BatchError`] says what is wrong, and where.
pub fn read_batch(body: &[u8]) -> Result<Vec<BatchEntry>, BatchError> {
    if depth(body) > DEPTH_MAX {
        return Err(BatchError::TooDeep);
    }
    let batch: Batch = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    match (batch.resource_type.as_str(), batch.r#type.as_str()) {
        ("Bundle", "batch") => {}
        ("Bundle", _) => return Err(BatchError::NotABatch),
        _ => return Err(BatchError::NotABundle { line: 0 }),
    }
    let entries = batch.entry.into_iter().enumerate();
    entries
        .map(|(place, entry)| batch_entry(entry).ok_or(BatchError::NoRequest(place)))
        .collect()
}

fn batch_entry(entry: Entry) -> Option<BatchEntry> {
    let request = entry.request?;
    Some(BatchEntry {
        method: request.method?,
        url: request.url?,
        full_url: entry.full_url,
    })
}

fn unreadable(error: &serde_json::Error) -> BatchError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => BatchError::NotABundle { line },
        Category::Io | Category::Syntax | Category::Eof => BatchError::NotJson { line, column },
    }
}

/// How deep the brackets outside strings nest, counted without reading the JSON.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use serde_json::json;

    use super::{BatchError, DEPTH_MAX, depth, read_batch};

    fn refused(body: &str) -> Option<BatchError> {
        read_batch(body.as_bytes()).err()
    }

    #[test]
    fn a_batch_is_read_in_the_order_it_was_written() {
        let body = json!({"resourceType": "Bundle", "type": "batch", "entry": [
            {"request": {"method": "GET", "url": "Flag?patient=1"}},
            {"fullUrl": "urn:uuid:1", "request": {"method": "POST", "url": "Flag"},
             "resource": {"resourceType": "Basic", "code": {"text": "x"}}},
        ]});
        let entries = read_batch(body.to_string().as_bytes()).unwrap_or_default();
        let read: Vec<(&str, &str, Option<&str>)> = entries
            .iter()
            .map(|entry| (&*entry.method, &*entry.url, entry.full_url.as_deref()))
            .collect();
        let expected = [
            ("GET", "Flag?patient=1", None),
            ("POST", "Flag", Some("urn:uuid:1")),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn anything_but_an_r4_batch_is_refused_with_its_reason() {
        let place = |error| match error {
            Some(BatchError::NotJson { line, .. }) => Some(line),
            _ => None,
        };
        assert_eq!(place(refused("")), Some(1));
        assert_eq!(place(refused("{\"resourceType\":\n")), Some(2));
        for other in [
            "[]",
            "{}",
            r#"{"resourceType":"Flag"}"#,
            r#"{"resourceType":"Bundle"}"#,
            r#"{"resourceType":"Bundle","type":"batch","unknown":1}"#,
            r#"{"resourceType":"Bundle","type":"batch","entry":{}}"#,
        ] {
            let error = refused(other);
            assert!(
                matches!(error, Some(BatchError::NotABundle { .. })),
                "{other} {error:?}"
            );
        }
        let transaction = r#"{"resourceType":"Bundle","type":"transaction"}"#;
        assert_eq!(refused(transaction), Some(BatchError::NotABatch));
    }

    #[test]
    fn an_entry_that_asks_for_nothing_is_named() {
        let body = r#"{"resourceType":"Bundle","type":"batch","entry":[
            {"request":{"method":"GET","url":"Flag"}}, {"fullUrl":"urn:uuid:1"}]}"#;
        assert_eq!(refused(body), Some(BatchError::NoRequest(1)));
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_body() {
        let body = r#"{"resourceType":"Bundle","type":"batch","entry":"9990000026"}"#;
        let error = refused(body)
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(!error.is_empty() && !error.contains("999"), "{error}");
    }

    #[test]
    fn a_body_as_deep_as_allowed_is_read_and_one_deeper_is_not() {
        let nested = |levels: usize| {
            let open = r#"{"url":"u:x","extension":["#.repeat(levels);
            let close = "]}".repeat(levels);
            format!(
                r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"extension":[{open}
                {{"url":"u:x","valueBoolean":true}}{close}],
                "request":{{"method":"GET","url":"Flag"}}}}]}}"#
            )
        };
        // Bundle, entry list, entry, extension list and the innermost extension are five levels.
        let levels = (DEPTH_MAX - 5) / 2;
        assert_eq!(refused(&nested(levels)), None);
        assert_eq!(refused(&nested(levels + 1)), Some(BatchError::TooDeep));
        assert_eq!(refused(&nested(100_000)), Some(BatchError::TooDeep));
        assert_eq!(refused(&"[".repeat(100_000)), Some(BatchError::TooDeep));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>()) {
            prop_assert!(read_batch(&bytes).is_err());
        }

        #[test]
        fn brackets_in_strings_do_not_nest(text in any::<String>()) {
            prop_assert_eq!(depth(json!([text]).to_string().as_bytes()), 1);
        }

        #[test]
        fn whatever_is_asked_in_a_batch_reads_back(url in "[!-~]{1,40}", method in "[A-Z]{3,6}") {
            let body = json!({"resourceType": "Bundle", "type": "batch", "entry": [
                {"request": {"method": method, "url": url}}]});
            let read = read_batch(body.to_string().as_bytes()).unwrap_or_default();
            prop_assert!(read.iter().all(|entry| entry.url == url && entry.method == method));
            prop_assert_eq!(read.len(), 1);
        }
    }
}
