//! What a batch in XML may be, and that nothing in it is followed or called again.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{BatchEntry, BatchError, DEPTH_MAX, SentResource, read_xml_batch};

fn bundle(entries: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a batch -->\n\
         <Bundle xmlns=\"http://hl7.org/fhir\">\n<type value=\"batch\"/>{entries}</Bundle>\n"
    )
}

fn entry(method: &str, url: &str) -> String {
    format!("<entry><request><method value=\"{method}\"/><url value=\"{url}\"/></request></entry>")
}

fn entries(body: &[u8]) -> Vec<BatchEntry> {
    read_xml_batch(body).map_or_else(|_| Vec::new(), |read| read.entries)
}

fn refused(body: &str) -> Option<BatchError> {
    read_xml_batch(body.as_bytes()).err()
}

#[test]
fn a_batch_is_read_in_the_order_it_was_written() {
    let riding = "<entry><fullUrl value=\"urn:uuid:1\"/><resource><Basic><text>\
                  <status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">a \
                  &amp; <b>b</b>&nbsp;<![CDATA[c]]></div></text></Basic></resource>\
                  <request><method value=\"POST\"/><url value=\"Basic\"/></request></entry>";
    let held = "<entry><request><method value=\"GET\"/><url value=\"Flag/1\"/>\
                <ifNoneMatch value=\"W/&quot;1&quot;\"/>\
                <ifModifiedSince value=\"2026-11-22T12:00:00Z\"/></request></entry>";
    let body = bundle(&format!(
        "{}{riding}{held}",
        entry("GET", "Flag?a=1&amp;b=%20")
    ));
    for body in [body.clone(), format!("\u{feff}{body}")] {
        let entries = entries(body.as_bytes());
        let read: Vec<_> = entries
            .iter()
            .map(|entry| (&*entry.method, &*entry.url, entry.full_url.as_deref()))
            .collect();
        let expected = [
            ("GET", "Flag?a=1&b=%20", None),
            ("POST", "Basic", Some("urn:uuid:1")),
            ("GET", "Flag/1", None),
        ];
        assert_eq!(read, expected);
        let last = entries
            .last()
            .and_then(|entry| entry.if_none_match.as_deref());
        assert_eq!(last, Some("W/\"1\""));
    }
    assert!(read_xml_batch(bundle("").as_bytes()).is_ok_and(|read| read.entries.is_empty()));
}

#[test]
fn a_resource_is_read_by_itself_in_the_namespace_of_its_batch() {
    let sent = "<entry><resource><Basic><id value=\"a\"/><code><text value=\"é &lt;\"/></code>\
                </Basic></resource><request><method value=\"POST\"/><url value=\"Basic\"/>\
                <ifNoneExist value=\"a=b\"/></request></entry>";
    let read = entries(bundle(&format!("{sent}{}{sent}", entry("GET", "Flag"))).as_bytes());
    let resource = |entry: &BatchEntry| entry.resource.as_ref().map(SentResource::read);
    let expected = serde_json::json!({
        "resourceType": "Basic", "id": "a", "code": {"text": "é <"},
    });
    let resources: Vec<_> = read.iter().map(resource).collect();
    assert_eq!(
        resources,
        [Some(Ok(expected.clone())), None, Some(Ok(expected))]
    );
    let two = "<entry><resource><Basic/><Basic/></resource><request><method value=\"POST\"/>\
               <url value=\"Basic\"/></request></entry>";
    let read = entries(bundle(two).as_bytes());
    assert!(
        read.iter()
            .all(|entry| resource(entry).is_some_and(|read| read.is_err()))
    );
    let none = two.replace("<Basic/><Basic/>", "");
    assert!(matches!(
        refused(&bundle(&none)),
        Some(BatchError::NotABundle { .. })
    ));
}

#[test]
fn what_is_no_xml_as_fhir_has_it_is_refused_with_its_line() {
    let laughs = "<!DOCTYPE Bundle [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">\
                  <!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>\n";
    let good = bundle(&entry("GET", "Flag"));
    for (line, wrong) in [
        (1, String::new()),
        (1, "Flag".to_owned()),
        (1, format!("{laughs}{good}")),
        (
            1,
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Bundle/>".to_owned(),
        ),
        (
            1,
            "<Bundle xmlns=\"http://hl7.org/fhir\" xmlns=\"http://hl7.org/fhir\"/>".to_owned(),
        ),
        (3, bundle(&entry("GET", "&c;"))),
        (3, bundle("<entry>&lt;</entry>")),
        (3, bundle("<entry><![CDATA[a]]></entry>")),
        (3, bundle("<entry></request>")),
        (3, bundle("<?php ?>")),
        (4, bundle("<entry>").replace("</Bundle>", "")),
        (4, format!("{good}<Bundle xmlns=\"http://hl7.org/fhir\"/>")),
        (4, format!("{good}more")),
    ] {
        let error = refused(&wrong);
        let said = matches!(error, Some(BatchError::NotXml { line: said }) if said >= line);
        assert!(said, "{wrong}: {error:?}");
    }
    let torn = read_xml_batch(b"<Bundle xmlns=\"\xff\"/>").err();
    assert_eq!(torn, Some(BatchError::NotXml { line: 1 }));
}

#[test]
fn what_is_xml_and_no_r4_batch_is_refused() {
    for wrong in [
        "<Bundle><type value=\"batch\"/></Bundle>".to_owned(),
        "<Bundle xmlns=\"http://hl7.org/fhir/2\"/>".to_owned(),
        "<f:Bundle xmlns:f=\"http://hl7.org/fhir\"/>".to_owned(),
        "<Flag xmlns=\"http://hl7.org/fhir\"/>".to_owned(),
        "<resource xmlns=\"http://hl7.org/fhir\"/>".to_owned(),
        bundle("<type value=\"batch\"/>"),
        bundle("<unknown/>"),
        bundle("<entry>9990000026</entry>"),
        bundle("<entry><request colour=\"9990000026\"/></entry>"),
        bundle("<entry><request><method/></request></entry>"),
        bundle("<entry value=\"9990000026\"/>"),
        bundle("<entry xmlns=\"u:x\"/>"),
    ] {
        let error = refused(&wrong);
        let is_said = matches!(error, Some(BatchError::NotABundle { .. }));
        assert!(is_said, "{wrong}: {error:?}");
        let words = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(!words.contains("999"), "{words}");
    }
    let history = bundle("").replace("batch", "history");
    let history = history.replace("a history", "a batch");
    assert_eq!(refused(&history), Some(BatchError::NotABatch));
    let asks_nothing = bundle(&format!("{}<entry/>", entry("GET", "Flag")));
    assert_eq!(refused(&asks_nothing), Some(BatchError::NoRequest(1)));
}

#[test]
fn a_body_as_deep_as_allowed_is_read_and_one_deeper_is_not() {
    let nested = |levels: usize, name: &str| {
        let inside = format!(
            "{}{}",
            format!("<{name}>").repeat(levels),
            format!("</{name}>").repeat(levels)
        );
        bundle(&format!(
            "<entry><resource>{inside}</resource><request><method value=\"GET\"/>\
                         <url value=\"Flag\"/></request></entry>"
        ))
    };
    // The Bundle, the entry and the resource are three levels.
    assert_eq!(refused(&nested(DEPTH_MAX - 3, "a")), None);
    assert_eq!(
        refused(&nested(DEPTH_MAX - 2, "a")),
        Some(BatchError::TooDeep)
    );
    assert_eq!(refused(&nested(100_000, "a")), Some(BatchError::TooDeep));
    let never_closed = bundle(&"<extension>".repeat(100_000));
    assert_eq!(refused(&never_closed), Some(BatchError::TooDeep));
}

/// What XML is made of, for putting together by chance.
const PIECES: &str = "<[a-z/!?]{0,2}(entry|resource|div|request)|[/?]?>|<!--|-->|\
                      <!\\[CDATA\\[|\\]\\]>|&[a-z]{0,3};| value=\"";

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        prop_assert!(read_xml_batch(&bytes).is_err());
        let _ = read_xml_batch(bundle(&text).as_bytes());
        let _ = read_xml_batch(bundle(&format!("<entry {text}/>")).as_bytes());
    }

    #[test]
    fn no_pieces_of_xml_make_the_reader_panic(
        pieces in proptest::collection::vec(PIECES, 0..20)
    ) {
        let _ = read_xml_batch(bundle(&pieces.concat()).as_bytes());
    }

    #[test]
    fn whatever_is_asked_in_a_batch_reads_back(url in "[!-~]{1,40}", method in "[A-Z]{3,6}") {
        let escaped = url.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let read = entries(bundle(&entry(&method, &escaped)).as_bytes());
        prop_assert!(read.iter().all(|entry| entry.url == url && entry.method == method));
        prop_assert_eq!(read.len(), 1);
    }
}
