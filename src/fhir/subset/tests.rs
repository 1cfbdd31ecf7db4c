//! What is left of a resource, and what is always left.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{Asked, Subset};
use crate::domain::plan::PlanKind;
use crate::fhir::flag::flag;
use crate::fhir::json::to_value;
use crate::fhir::organization::organization;
use crate::fhir::samples::{authority, plan};

fn a_flag() -> Value {
    to_value(&flag(&plan(PlanKind::ChildProtection))).unwrap()
}

fn part(subset: &Subset, mut resource: Value) -> Value {
    subset.apply(&mut resource);
    resource
}

fn elements(names: &[&str]) -> Subset {
    Subset::Elements(names.iter().map(|name| (*name).to_owned()).collect())
}

fn names(resource: &Value) -> Vec<&str> {
    resource
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn a_part_is_asked_for_by_either_parameter_and_by_one_of_them_only() {
    let read = |summaries: &[&str], elements: &[&str]| Subset::read(summaries, elements).ok();
    assert_eq!(read(&[], &[]), Some(Asked::Whole));
    assert_eq!(read(&["false"], &[]), Some(Asked::Whole));
    assert_eq!(read(&["count"], &[]), Some(Asked::Count));
    assert_eq!(read(&["true"], &[]), Some(Asked::Part(Subset::Summary)));
    assert_eq!(read(&["text"], &[]), Some(Asked::Part(Subset::Text)));
    assert_eq!(read(&["data"], &[]), Some(Asked::Part(Subset::Data)));
    let named = Some(Asked::Part(elements(&["period", "code", "author"])));
    assert_eq!(read(&["false"], &["period, code", "author"]), named);
    for (summaries, elements) in [
        (&["yes"][..], &[][..]),
        (&["TRUE"], &[]),
        (&["true", "text"], &[]),
        (&["true"], &["code"]),
        (&[], &["code,"]),
        (&[], &["agent.who"]),
    ] {
        assert_eq!(
            read(summaries, elements),
            None,
            "{summaries:?} {elements:?}"
        );
    }
}

#[test]
fn a_summary_is_what_r4_marks_as_one() {
    let summary = part(&Subset::Summary, a_flag());
    assert_eq!(
        names(&summary),
        [
            "resourceType",
            "id",
            "meta",
            "identifier",
            "status",
            "category",
            "code",
            "subject",
            "period",
            "author"
        ]
    );
    let whole = a_flag();
    assert_eq!(summary.pointer("/period"), whole.pointer("/period"));
    let tags = summary.pointer("/meta/tag").unwrap();
    assert_eq!(tags.pointer("/0/code"), Some(&json!("SUBSETTED")));
    assert_eq!(
        summary.pointer("/meta/security"),
        whole.pointer("/meta/security")
    );
}

#[test]
fn a_part_claims_no_profile_because_it_may_lack_what_the_profile_demands() {
    assert!(a_flag().pointer("/meta/profile").is_some());
    for subset in [
        Subset::Summary,
        Subset::Text,
        Subset::Data,
        elements(&["code"]),
    ] {
        let meta = part(&subset, a_flag()).get("meta").cloned().unwrap();
        assert_eq!(meta.get("profile"), None, "{subset:?}");
        assert!(meta.get("security").is_some() && meta.get("lastUpdated").is_some());
    }
}

#[test]
fn an_authority_keeps_a_name_because_r4_wants_a_name_or_an_identifier() {
    let whole = to_value(&organization(&authority())).unwrap();
    for subset in [Subset::Text, elements(&["telecom"])] {
        let named = part(&subset, whole.clone());
        assert_eq!(named.get("name"), whole.get("name"), "{subset:?}");
    }
}

#[test]
fn a_text_is_the_narrative_and_what_r4_demands_and_data_is_all_but_the_narrative() {
    let text = part(&Subset::Text, a_flag());
    let kept = [
        "resourceType",
        "id",
        "meta",
        "text",
        "status",
        "code",
        "subject",
    ];
    assert_eq!(names(&text), kept);
    let data = part(&Subset::Data, a_flag());
    let whole = a_flag();
    let expected: Vec<&str> = names(&whole)
        .into_iter()
        .filter(|name| *name != "text")
        .collect();
    assert_eq!(names(&data), expected);
}

#[test]
fn named_elements_come_with_what_is_demanded_and_what_changes_their_meaning() {
    let named = part(&elements(&["period", "nonsense"]), a_flag());
    let kept = [
        "resourceType",
        "id",
        "meta",
        "status",
        "code",
        "subject",
        "period",
    ];
    assert_eq!(names(&named), kept);
    let patient = json!({
        "resourceType": "Patient",
        "id": "1",
        "implicitRules": "u:x",
        "modifierExtension": [{"url": "u:y", "valueBoolean": true}],
        "active": false,
        "birthDate": "2020-01-01",
        "_birthDate": {"id": "b"},
        "gender": "other",
        "deceasedBoolean": true,
    });
    let named = part(&elements(&["birthDate"]), patient);
    let kept = [
        "resourceType",
        "id",
        "implicitRules",
        "modifierExtension",
        "active",
        "birthDate",
        "_birthDate",
        "deceasedBoolean",
        "meta",
    ];
    assert_eq!(names(&named), kept);
}

#[test]
fn inside_a_demanded_element_a_summary_keeps_what_is_marked_there() {
    let event = json!({
        "resourceType": "AuditEvent",
        "type": {"code": "rest"},
        "agent": [{"name": "A", "who": {"display": "A"}, "requestor": true}],
        "source": {"site": "s", "observer": {"display": "o"}},
        "entity": [{"what": {"reference": "Patient/1"}}],
    });
    let summary = part(&Subset::Summary, event);
    assert_eq!(
        names(&summary),
        ["resourceType", "type", "agent", "source", "meta"]
    );
    let agent = json!([{"who": {"display": "A"}, "requestor": true}]);
    assert_eq!(summary.pointer("/agent"), Some(&agent));
    assert_eq!(
        summary.pointer("/source"),
        Some(&json!({"observer": {"display": "o"}}))
    );
}

#[test]
fn of_a_bundle_every_resource_is_summarised_but_only_of_matches_elements_are_named() {
    let author = json!({"resourceType": "Organization", "id": "o", "text": {}, "name": "n"});
    let outcome = json!({"resourceType": "OperationOutcome", "text": {}, "issue": []});
    let bundle = json!({"resourceType": "Bundle", "total": 1, "entry": [
        {"resource": a_flag(), "search": {"mode": "match"}},
        {"resource": author, "search": {"mode": "include"}},
        {"resource": outcome, "search": {"mode": "outcome"}},
    ]});
    let resource =
        |bundle: &Value, place| bundle.pointer(&format!("/entry/{place}/resource")).cloned();
    let summary = part(&Subset::Data, bundle.clone());
    assert!(resource(&summary, 0).unwrap().get("text").is_none());
    assert!(resource(&summary, 1).unwrap().get("text").is_none());
    assert_eq!(resource(&summary, 2), Some(outcome));
    assert_eq!(summary.get("total"), Some(&json!(1)));
    let named = part(&elements(&["code"]), bundle);
    assert!(resource(&named, 0).unwrap().get("period").is_none());
    assert_eq!(resource(&named, 1), Some(author));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(summary in any::<String>(), elements in any::<String>()) {
        let _ = Subset::read(&[&summary], &[&elements]);
        prop_assert!(Subset::read(&[&summary, &summary], &[]).is_err());
    }

    #[test]
    fn whichever_elements_are_named_a_flag_still_says_whose_it_is_and_what(
        named in proptest::collection::vec("[a-zA-Z]{1,12}", 1..5)
    ) {
        let flag = part(&Subset::Elements(named), a_flag());
        let whole = a_flag();
        for name in ["id", "status", "code", "subject"] {
            prop_assert_eq!(flag.get(name), whole.get(name));
        }
    }
}
