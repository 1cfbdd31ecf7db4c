//! What a batch may be and what it may not.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::json;

use super::{BatchEntry, BatchError, DEPTH_MAX, SentResource, Together, depth, read_batch};

fn entries(body: &[u8]) -> Vec<BatchEntry> {
    read_batch(body).map_or_else(|_| Vec::new(), |requests| requests.entries)
}

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
    let entries = entries(body.to_string().as_bytes());
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
    let history = r#"{"resourceType":"Bundle","type":"history"}"#;
    assert_eq!(refused(history), Some(BatchError::NotABatch));
}

#[test]
fn a_resource_in_a_batch_is_read_by_itself_and_the_bundle_says_its_number() {
    let body = json!({"resourceType": "Bundle", "type": "transaction",
        "identifier": {"system": "urn:x", "value": "7"}, "timestamp": "2026-11-22T02:00:00Z",
        "entry": [{"resource": {"resourceType": "Basic", "id": "a"},
            "request": {"method": "POST", "url": "Basic", "ifNoneExist": "a=b"}},
            {"request": {"method": "DELETE", "url": "Basic/a", "ifMatch": "W/\"1\""}}]});
    let read = read_batch(body.to_string().as_bytes()).ok().unwrap();
    assert!(read.together == Together::All);
    assert_eq!(read.identifier, Some(("urn:x".to_owned(), "7".to_owned())));
    assert_eq!(read.timestamp.as_deref(), Some("2026-11-22T02:00:00Z"));
    let sent = read.entries[0].resource.as_ref().map(SentResource::read);
    assert_eq!(sent, Some(Ok(json!({"resourceType": "Basic", "id": "a"}))));
    assert_eq!(read.entries[0].if_none_exist.as_deref(), Some("a=b"));
    assert!(read.entries[1].resource.is_none());
    assert_eq!(read.entries[1].if_match.as_deref(), Some("W/\"1\""));
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
        let read = entries(body.to_string().as_bytes());
        prop_assert!(read.iter().all(|entry| entry.url == url && entry.method == method));
        prop_assert_eq!(read.len(), 1);
    }
}
