//! XML that we write, read by a reader that is not ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;

use fhirbolt::FhirReleases;
use fhirbolt::element::Element;
use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{Layout, to_xml};
use crate::fhir::json::ordered;

fn text(resource: &Value, layout: Layout) -> String {
    String::from_utf8(to_xml(resource, layout)).unwrap()
}

/// What fhirbolt makes of XML, as JSON.
fn read(xml: &str) -> Value {
    let element: Element<{ FhirReleases::R4 }> = fhirbolt::xml::from_str(xml, None).unwrap();
    fhirbolt::json::to_json_value(element, None).unwrap()
}

/// The resources in a folder of ours, with their paths.
fn resources(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(resources(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let resource = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            found.push((path.display().to_string(), resource));
        }
    }
    found
}

fn profiles() -> Vec<(String, Value)> {
    let found = resources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles")));
    assert!(found.len() > 5);
    found
}

#[test]
fn every_example_and_definition_is_the_same_in_xml() {
    let statement = include_str!("../../../capability-statement.json");
    let statement = (
        "statement".to_owned(),
        serde_json::from_str(statement).unwrap(),
    );
    for (path, resource) in profiles().into_iter().chain([statement]) {
        let resource = ordered(&resource).unwrap();
        for layout in [Layout::Plain, Layout::Pretty] {
            assert_eq!(read(&text(&resource, layout)), resource, "{path}");
        }
    }
}

#[test]
fn what_the_program_builds_has_its_members_in_the_order_that_xml_needs() {
    for (path, example) in profiles() {
        if path.contains("/examples/") {
            let ordered = ordered(&example).unwrap();
            assert_eq!(example.to_string(), ordered.to_string(), "{path}");
        }
    }
}

#[test]
fn ids_and_urls_are_attributes_where_fhir_has_them_so_and_a_narrative_is_as_it_was() {
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a <b>b</b> c</p></div>";
    let resource = json!({
        "resourceType": "Flag",
        "id": "1",
        "text": {"status": "generated", "div": div},
        "contained": [{"resourceType": "Organization", "id": "o", "active": true}],
        "extension": [{"id": "e", "url": "u:x", "valueBoolean": false}],
        "_status": {"id": "s", "extension": [{"url": "u:y", "valueInteger": 1}]},
        "category": [{"id": "c", "text": "a\n\t\"<&>"}],
    });
    let expected = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Flag xmlns=\"http://hl7.org/fhir\">\
         <id value=\"1\"/><text><status value=\"generated\"/>{div}</text>\
         <contained><Organization><id value=\"o\"/><active value=\"true\"/></Organization>\
         </contained><extension id=\"e\" url=\"u:x\"><valueBoolean value=\"false\"/></extension>\
         <status id=\"s\"><extension url=\"u:y\"><valueInteger value=\"1\"/></extension></status>\
         <category id=\"c\"><text value=\"a&#10;&#9;&quot;&lt;&amp;&gt;\"/></category></Flag>"
    );
    assert_eq!(text(&resource, Layout::Plain), expected);
    assert!(text(&resource, Layout::Pretty).contains(&format!("\n    {div}\n")));
}

#[test]
fn a_list_with_gaps_is_written_with_what_stands_beside_each() {
    let resource = json!({
        "resourceType": "Patient",
        "name": [{
            "given": ["a", null],
            "_given": [null, {"extension": [{"url": "u:x", "valueCode": "y"}]}],
        }],
    });
    let written = text(&resource, Layout::Plain);
    assert!(written.contains(
        "<given value=\"a\"/><given><extension url=\"u:x\"><valueCode value=\"y\"/></extension>"
    ));
}

proptest! {
    #[test]
    fn whatever_a_text_holds_reads_back_and_stays_one_attribute(
        value in "[ -~\t\n\u{a0}-\u{d7ff}\u{10000}-\u{10ffff}]{1,30}"
    ) {
        let resource = json!({"resourceType": "Flag", "code": {"text": value}});
        prop_assert_eq!(read(&text(&resource, Layout::Plain)), resource);
    }

    #[test]
    fn any_text_at_all_is_written_as_xml(value in any::<String>()) {
        let resource = json!({"resourceType": "Flag", "code": {"text": value}});
        let _ = read(&text(&resource, Layout::Plain));
    }
}
