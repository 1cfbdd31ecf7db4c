//! What is a value of a simple type, and what is none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::Simple;

const TABLE: &str = include_str!("values.txt");

/// The types of the table, each line with whether its values are of the type.
fn lines() -> impl Iterator<Item = (&'static str, bool, Vec<Value>)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, rest) = line.split_once(' ').unwrap();
            let (sign, values) = rest.split_once(' ').unwrap();
            (name, sign == "+", serde_json::from_str(values).unwrap())
        })
}

#[test]
fn values_are_told_from_what_only_looks_like_them() {
    let mut types = BTreeSet::new();
    for (name, is_one, values) in lines() {
        let simple = Simple::parse(name);
        for value in values {
            assert_eq!(simple.admits(&value), is_one, "{name} {value}");
        }
        assert!(simple.words().len() > 5);
        types.insert(name);
    }
    assert_eq!(types.len(), 16, "every type but that of a narrative");
}

#[test]
fn a_narrative_is_one_well_formed_div_of_xhtml_without_entities_of_its_own() {
    let div = |inside: &str| format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>");
    for right in ["<p class=\"b\">a &amp; &#160;b</p>", "", "<br/>a"] {
        assert!(Simple::Xhtml.admits(&json!(div(right))), "{right}");
    }
    for wrong in [
        "<div>a</div>".to_owned(),
        div("<p>a"),
        div("a") + &div("b"),
        "a".to_owned(),
        div("a").replace("div", "span"),
        div("<!DOCTYPE a>"),
        div("a&nbsp;b"),
        div(&"<p>".repeat(1_000)),
    ] {
        assert!(!Simple::Xhtml.admits(&json!(wrong)), "{wrong}");
    }
}

#[test]
fn names_that_share_a_form_are_one_type_and_an_unknown_one_is_a_string() {
    for name in ["uri", "url", "canonical"] {
        assert_eq!(Simple::parse(name), Simple::Uri);
    }
    for name in ["string", "markdown", "colour"] {
        assert_eq!(Simple::parse(name), Simple::String);
    }
}

proptest! {
    #[test]
    fn no_text_and_no_number_makes_a_type_panic(text in any::<String>(), number: i64) {
        for (name, ..) in lines().chain([("xhtml", true, Vec::new())]) {
            let simple = Simple::parse(name);
            let _ = simple.admits(&Value::from(text.as_str()));
            let _ = simple.admits(&Value::from(number));
            prop_assert!(!simple.admits(&Value::Null));
        }
    }
}
