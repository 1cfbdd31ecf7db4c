//! Which form is agreed on, and when none is.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue};
use proptest::prelude::{prop_assert_eq, proptest};

use super::{Form, form};

fn asked(accept: Option<&str>, query: &str) -> Option<Form> {
    let mut headers = HeaderMap::new();
    if let Some(accept) = accept {
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
    }
    form(&headers, query).ok()
}

#[test]
fn json_in_any_of_its_names_is_answered() {
    for accept in [
        "application/fhir+json",
        "application/json",
        "text/json",
        "*/*",
        "application/*",
        "text/*",
        "application/fhir+json, */*; q=0.1",
        "text/html, application/json;q=0.2",
        "application/fhir+json; fhirVersion=4.0",
        "application/fhir+json; fhirVersion=\"4.0.1\"",
    ] {
        assert_eq!(asked(Some(accept), ""), Some(Form::Json), "{accept}");
    }
    assert_eq!(asked(None, ""), Some(Form::Json));
    assert_eq!(
        asked(Some("text/html"), "_format=json&_pretty=true"),
        Some(Form::PrettyJson)
    );
    for format in [
        "application/fhir+json",
        "application%2Ffhir%2Bjson",
        "text/json",
    ] {
        let query = format!("_format={format}");
        assert_eq!(asked(Some("application/xml"), &query), Some(Form::Json));
    }
}

#[test]
fn xml_in_any_of_its_names_is_answered() {
    for name in ["application/fhir+xml", "application/xml", "text/xml"] {
        assert_eq!(asked(Some(name), ""), Some(Form::Xml), "{name}");
        let query = format!("_format={name}");
        assert_eq!(asked(Some("application/json"), &query), Some(Form::Xml));
    }
    assert_eq!(asked(None, "_format=xml"), Some(Form::Xml));
    assert_eq!(
        asked(None, "_format=xml&_pretty=true"),
        Some(Form::PrettyXml)
    );
}

#[test]
fn the_highest_weight_wins_and_json_where_there_is_no_difference() {
    for (accept, expected) in [
        ("application/fhir+xml, application/fhir+json", Form::Json),
        (
            "application/fhir+xml;q=0.9, application/fhir+json;q=0.8",
            Form::Xml,
        ),
        ("application/xml;q=0.5, application/json;q=0.50", Form::Json),
        ("application/fhir+xml, */*;q=0.1", Form::Xml),
        ("application/json;q=0, */*", Form::Xml),
        (
            "application/json;q=0, application/fhir+json;q=0.2, */*;q=0.1",
            Form::Json,
        ),
        ("application/xml;q=0.1, */*", Form::Json),
        (
            "application/fhir+json;fhirVersion=5.0, application/xml;q=0.1",
            Form::Xml,
        ),
    ] {
        assert_eq!(asked(Some(accept), ""), Some(expected), "{accept}");
    }
}

#[test]
fn other_forms_and_other_versions_are_not_acceptable() {
    for accept in [
        "text/html",
        "application/fhir+turtle",
        "application/json;q=0",
        "application/json;q=2",
        "application/json;q=NaN",
        "*/*;q=0",
        "application/fhir+json; fhirVersion=5.0",
        "application/fhir+xml; fhirVersion=3.0",
    ] {
        assert_eq!(asked(Some(accept), ""), None, "{accept}");
    }
    for format in ["ttl", "html", "*/*", "json;fhirVersion=5.0"] {
        let query = format!("_format={format}");
        assert_eq!(asked(Some("application/json"), &query), None, "{format}");
    }
}

proptest! {
    #[test]
    fn no_header_or_query_makes_the_reader_panic(
        accept in "[ -~]{0,60}", query in "[ -~]{0,60}"
    ) {
        let _ = asked(Some(&accept), &query);
    }

    #[test]
    fn whichever_form_weighs_more_is_answered_whatever_their_order(
        json in 0..=1000_u32, xml in 0..=1000_u32, xml_first: bool
    ) {
        let json_range = format!("application/fhir+json;q={}", f64::from(json) / 1000.0);
        let xml_range = format!("application/fhir+xml;q={}", f64::from(xml) / 1000.0);
        let accept = if xml_first {
            format!("{xml_range},{json_range}")
        } else {
            format!("{json_range} , {xml_range}")
        };
        let expected = match (json, xml) {
            (0, 0) => None,
            _ if xml > json => Some(Form::Xml),
            _ => Some(Form::Json),
        };
        prop_assert_eq!(asked(Some(&accept), ""), expected);
    }
}
