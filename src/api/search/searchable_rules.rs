//! The rule of reading a search, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{Asked, Handling, Search};
use crate::api::search::SearchRefusal;
use crate::api::search::child_criterion::Named;
use crate::api::search::parameters::read;
use crate::api::search_flags::FLAGS;
use crate::api::searchables::SEARCHABLES;

fn search(query: &str, handling: Handling) -> Result<Search, SearchRefusal> {
    let parameters = read(query);
    let base = "https://cpis.example/FHIR/R4";
    FLAGS.read(&Asked {
        parameters: &parameters,
        compartment: None,
        handling,
        base,
        searchables: SEARCHABLES,
    })
}

#[test]
fn a_search_that_names_no_child_is_refused() {
    for query in [
        "",
        "foo=x",
        "status=active",
        "patient=",
        "_lastUpdated=2026",
    ] {
        let refused = search(query, Handling::Lenient).unwrap_err();
        assert_eq!(refused, SearchRefusal::NoChild, "{query}");
    }
}

#[test]
fn an_unknown_parameter_is_left_out_or_refused_as_the_caller_prefers() {
    let lenient = search("patient=9990000026&_totalMethod=count", Handling::Lenient).unwrap();
    assert_eq!(lenient.used.len(), 1);
    let strict = search("patient=9990000026&_totalMethod=count", Handling::Strict);
    assert!(matches!(strict, Err(SearchRefusal::Unsupported { .. })));
}

#[test]
fn an_unsupported_modifier_is_refused_whatever_the_caller_prefers() {
    for query in [
        "status:exact=active",
        "date:not=2026",
        "author.phone=x",
        "author.partof.name=x",
        "subject:Organization=x",
        "_has:EpisodeOfCare:organization:type=x",
        "_id:exact=1",
    ] {
        let query = format!("patient=9990000026&{query}");
        let refused = search(&query, Handling::Lenient);
        assert!(
            matches!(refused, Err(SearchRefusal::Modifier { .. })),
            "{query}"
        );
    }
}

#[test]
fn two_criteria_must_name_the_same_child() {
    let same = "patient=9990000026&patient:identifier=9990000026";
    assert!(search(same, Handling::Lenient).is_ok());
    let other = search("patient=9990000026&subject=9990000034", Handling::Lenient);
    assert!(matches!(other, Err(SearchRefusal::SeveralChildren { .. })));
}

#[test]
fn an_id_nobody_can_have_finds_nobody() {
    for query in [
        "_id=abc",
        "patient=abc",
        "patient=abc&patient:identifier=9990000026",
    ] {
        assert_eq!(
            search(query, Handling::Lenient).unwrap().child,
            Some(Named::Nobody)
        );
    }
}
