//! What is read from JSON and from XML is the same, and what is neither is refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::{DEPTH_MAX, Unreadable, read_json, read_xml};
use crate::fhir::xml::{Layout, to_xml};

/// Every example of `profiles/`, by its path.
fn examples() -> Vec<(String, Value)> {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut examples = Vec::new();
    for folder in fs::read_dir(profiles).unwrap() {
        let Ok(files) = fs::read_dir(folder.unwrap().path().join("examples")) else {
            continue;
        };
        for file in files {
            let path = file.unwrap().path();
            let text = fs::read(&path).unwrap();
            examples.push((path.display().to_string(), read_json(&text).unwrap()));
        }
    }
    assert!(examples.len() > 10, "the examples are missing");
    examples
}

fn xml(inside: &str) -> Result<Value, Unreadable> {
    read_xml(format!("<Flag xmlns=\"http://hl7.org/fhir\">{inside}</Flag>").as_bytes())
}

#[test]
fn every_example_reads_back_from_xml_as_the_json_it_is() {
    for (path, example) in examples() {
        for layout in [Layout::Plain, Layout::Pretty] {
            let written = to_xml(&example, layout);
            assert_eq!(read_xml(&written).as_ref(), Ok(&example), "{path}");
        }
    }
}

#[test]
fn numbers_lists_and_what_is_said_of_values_are_as_json_has_them() {
    let read = read_xml(
        b"<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/><name><given id=\"a\" \
          value=\"A\"/><given value=\"B\"/><given><extension url=\"u:x\"><valueDecimal \
          value=\"1.50\"/></extension></given></name><multipleBirthInteger value=\"2\"/>\
          <birthDate value=\"soon\"/></Patient>",
    );
    let extension = json!([{"url": "u:x", "valueDecimal": 0}]);
    let mut expected = json!({
        "resourceType": "Patient",
        "active": true,
        "name": [{
            "given": ["A", "B", null],
            "_given": [{"id": "a"}, null, {"extension": extension}],
        }],
        "multipleBirthInteger": 2,
        "birthDate": "soon",
    });
    let decimal = serde_json::from_str("1.50").unwrap();
    let place = "/name/0/_given/2/extension/0/valueDecimal";
    *expected.pointer_mut(place).unwrap() = decimal;
    assert_eq!(read, Ok(expected));
}

#[test]
fn a_narrative_is_kept_as_it_is_written_and_an_unknown_element_for_a_validator_to_find() {
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">a &amp; <b class=\"c\">b</b></div>";
    let narrative = format!("<text><status value=\"generated\"/>{div}</text><colour value=\"1\"/>");
    let expected = json!({
        "resourceType": "Flag",
        "text": {"status": "generated", "div": div},
        "colour": "1",
    });
    assert_eq!(xml(&narrative), Ok(expected));
}

#[test]
fn a_member_that_is_named_twice_is_refused() {
    for twice in [
        r#"{"resourceType":"Flag","id":"a","id":"a"}"#,
        r#"{"resourceType":"Flag","meta":{"versionId":"1","version\u0049d":"2"}}"#,
        r#"{"resourceType":"Flag","category":[{"text":"a","text":"b"}]}"#,
    ] {
        let read = read_json(twice.as_bytes());
        assert!(matches!(read, Err(Unreadable::NotJson { .. })), "{twice}");
    }
    let once = br#"{"resourceType":"Flag","category":[{"text":"a"},{"text":"a"}],"x":1.5}"#;
    assert!(read_json(once).is_ok());
}

#[test]
fn what_is_no_resource_is_refused_and_never_repeated() {
    for (wrong, expected) in [
        ("", Unreadable::NotJson { line: 1, column: 0 }),
        ("[]", Unreadable::NotAResource { line: 1 }),
        (
            "{\"a\":\"9990000026\"}",
            Unreadable::NotAResource { line: 1 },
        ),
        (
            "{\"resourceType\":9990000026}",
            Unreadable::NotAResource { line: 1 },
        ),
        ("\"9990000026\"", Unreadable::NotAResource { line: 1 }),
    ] {
        let error = read_json(wrong.as_bytes()).unwrap_err();
        assert_eq!(error, expected, "{wrong}");
        assert!(!error.to_string().contains("999"));
    }
    for wrong in [
        "<status value=\"a\"/><status value=\"b\"/>",
        "<status>9990000026</status>",
        "<status><value value=\"1\"/></status>",
        "<period value=\"1\"/>",
        "<contained value=\"1\"/>",
        "<contained/>",
        "<contained><Flag/><Flag/></contained>",
        "<status colour=\"1\"/>",
    ] {
        let read = xml(wrong);
        assert!(
            matches!(read, Err(Unreadable::NotAResource { .. })),
            "{wrong}: {read:?}"
        );
    }
    for wrong in [
        "<!DOCTYPE a>",
        "<a>&b;</a>",
        "&lt;",
        "<status value=\"&a;\"/>",
        "<?php?>",
    ] {
        assert!(
            matches!(xml(wrong), Err(Unreadable::NotXml { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn a_body_as_deep_as_allowed_is_read_and_one_deeper_is_not() {
    let json = |levels: usize| {
        let inside = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        read_json(format!("{{\"resourceType\":\"Flag\",\"a\":{inside}}}").as_bytes())
    };
    assert!(json(DEPTH_MAX - 1).is_ok());
    assert_eq!(json(DEPTH_MAX), Err(Unreadable::TooDeep));
    assert_eq!(json(1_000_000), Err(Unreadable::TooDeep));
    let nested = |levels: usize, name: &str| {
        xml(&format!(
            "{}{}",
            format!("<{name}>").repeat(levels),
            format!("</{name}>").repeat(levels)
        ))
    };
    assert!(nested(DEPTH_MAX - 1, "a").is_ok());
    assert_eq!(nested(DEPTH_MAX, "a"), Err(Unreadable::TooDeep));
    let narrative = format!("<text><div>{}", "<p>".repeat(100_000));
    assert_eq!(xml(&narrative), Err(Unreadable::TooDeep));
}

/// What XML is made of, for putting together by chance.
const PIECES: &str = "<[a-z/!?]{0,2}(text|div|contained|Flag|meta|tag)|[/?]?>|<!--|-->|\
                      <!\\[CDATA\\[|\\]\\]>|&[a-z]{0,3};| value=\"";

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        prop_assert!(read_json(&bytes).is_err());
        prop_assert!(read_xml(&bytes).is_err());
        let _ = xml(&text);
    }

    #[test]
    fn no_pieces_of_xml_make_the_reader_panic(
        pieces in proptest::collection::vec(PIECES, 0..20)
    ) {
        let _ = xml(&pieces.concat());
    }
}
