//! Every example is valid, and every fault of every rule is found where it is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

mod allowed;
mod mutations;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use serde_json::{Value, json};

use super::{Checked, UnknownProfile, Validator};
use crate::fhir::definitions::Definitions;
use crate::fhir::json::from_text;
use crate::fhir::reading::kind;
use crate::fhir::validation::fault::FAULTS_MAX;

/// The kinds of resource that have a profile, each with an example of `profiles/`.
const KINDS: [(&str, &str); 9] = [
    ("Flag", "looked-after-until-eighteen"),
    ("EpisodeOfCare", "active"),
    ("AuditEvent", "unscheduled-search"),
    ("CarePlan", "active"),
    ("CareTeam", "active"),
    ("Patient", "child"),
    ("Organization", "local-authority"),
    ("OperationOutcome", "invalid-nhs-number"),
    ("Bundle", "flag-with-its-author"),
];

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
    let statement = include_str!("../../../capability-statement.json");
    Definitions::of(&from_text(statement).unwrap()).unwrap()
});

fn example(kind: &str) -> Value {
    let (_, name) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
    let path = format!("profiles/{kind}/examples/{name}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    from_text(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_slice_without_a_most_is_told_without_one() {
    let mut flag = example("Flag");
    flag.as_object_mut().unwrap().remove("extension");
    let named = "https://cpis-fhir.invalid/StructureDefinition/patient-flag";
    let validator = Validator::of(&DEFINITIONS);
    let checked = validator.check(&flag, "Flag", Some(named)).unwrap();
    let mut words = checked.faults.iter().map(|fault| fault.words.as_str());
    let told = "what the profile calls detail is there 1 times at the least, and not 0";
    assert!(words.any(|words| words == told));
}

/// A role as it is answered.
fn a_role() -> Value {
    json!({
        "resourceType": "PractitionerRole",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "1"}],
        "practitioner": {
            "identifier": {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "2"},
            "display": "Dr A",
        },
        "organization": {
            "identifier": {
                "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RQX99",
            },
            "display": "A hospital",
        },
        "code": [{"coding": [{
            "system": "https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode", "code": "R8000",
        }]}],
    })
}

fn checked_as(of: &str, resource: &Value, named: Option<&str>) -> Result<Checked, UnknownProfile> {
    Validator::of(&DEFINITIONS).check(resource, of, named)
}

fn checked(resource: &Value) -> Checked {
    checked_as(kind(resource), resource, None).unwrap()
}

#[test]
fn every_example_is_valid_and_was_checked_against_its_profile() {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut many = 0;
    for folder in fs::read_dir(profiles).unwrap() {
        let Ok(files) = fs::read_dir(folder.unwrap().path().join("examples")) else {
            continue;
        };
        for file in files {
            let path = file.unwrap().path();
            let example = from_text(&fs::read_to_string(&path).unwrap()).unwrap();
            let checked = checked(&example);
            assert_eq!(checked.faults, [], "{}", path.display());
            assert_eq!(
                checked.against.len(),
                usize::from(has_profile_of_ours(&example)),
                "{}",
                path.display()
            );
            many += 1;
        }
    }
    assert!(many > 10, "the examples are missing");
    assert_eq!(checked(&a_role()).faults, []);
}

/// Whether the service has a profile for it. What subscriptions are and send is profiled by the
/// Backport guide, and the answer of a batch by nobody.
fn has_profile_of_ours(example: &Value) -> bool {
    let is_subscription = kind(example) == "Subscription";
    let is_other_bundle = ["batch-response", "transaction-response", "history"]
        .iter()
        .any(|other| example["type"] == *other);
    !is_subscription && !is_other_bundle
}

#[test]
fn every_definition_that_is_published_has_the_structure_of_r4() {
    for kind in crate::fhir::definitions::KINDS {
        for definition in DEFINITIONS.of_kind(kind) {
            let checked = checked(&definition.resource);
            assert_eq!(checked.faults, [], "{}", definition.text("url"));
        }
    }
}

#[test]
fn a_profile_is_named_by_its_url_with_its_version_or_none_and_r4s_own_is_one() {
    let url = "https://cpis-fhir.invalid/StructureDefinition/plan-flag";
    let base = "http://hl7.org/fhir/StructureDefinition/Flag";
    let bare = json!({
        "resourceType": "Flag", "status": "inactive", "code": {"text": "a"},
        "subject": {"display": "b"},
    });
    for (named, is_valid) in [
        (url.to_owned(), false),
        (format!("{url}|0.1.0"), false),
        (base.to_owned(), true),
        (format!("{base}|4.0.1"), true),
    ] {
        let checked = checked_as("Flag", &bare, Some(&named)).unwrap();
        assert_eq!(checked.faults.is_empty(), is_valid, "{named}");
    }
    for unknown in [
        format!("{url}|0.2.0"),
        format!("{base}|4.3.0"),
        "https://cpis-fhir.invalid/StructureDefinition/child".to_owned(),
        "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Flag".to_owned(),
        "9990000026".to_owned(),
    ] {
        let error = checked_as("Flag", &bare, Some(&unknown)).unwrap_err();
        let words = error.to_string();
        assert!(words.contains(url) && words.contains(base), "{words}");
        assert!(!words.contains("999"), "{words}");
    }
}

#[test]
fn a_resource_that_names_no_profile_is_held_to_that_of_its_type() {
    let mut flag = example("Flag");
    flag.as_object_mut().unwrap().remove("meta");
    let checked = checked(&flag);
    assert_eq!(
        checked.against,
        ["https://cpis-fhir.invalid/StructureDefinition/plan-flag"]
    );
    let places: Vec<&str> = checked
        .faults
        .iter()
        .map(|fault| fault.at.as_str())
        .collect();
    assert_eq!(places, ["Flag.meta"]);
    assert!(!checked.names_others);
}

#[test]
fn the_profile_of_a_type_is_the_one_the_capability_statement_says() {
    for (kind, _) in KINDS {
        let mut resource = example(kind);
        resource["meta"] = json!({"versionId": "1"});
        let statement = DEFINITIONS.of_kind("CapabilityStatement").next().unwrap();
        let types = statement.resource.pointer("/rest/0/resource").unwrap();
        let mut types = types.as_array().unwrap().iter();
        let stated = types.find(|one| one["type"] == kind).unwrap();
        let against = checked(&resource).against;
        assert_eq!(against, [stated["profile"].as_str().unwrap()], "{kind}");
    }
}

#[test]
fn a_resource_of_another_type_is_told_at_once() {
    let checked = checked_as("Patient", &example("Flag"), None).unwrap();
    let places: Vec<&str> = checked
        .faults
        .iter()
        .map(|fault| fault.at.as_str())
        .collect();
    assert_eq!(places, ["Patient"]);
}

#[test]
fn no_more_faults_are_told_than_can_be_read() {
    let tag = |many: usize| vec![json!({"colour": 1}); many];
    let mut flag = example("Flag");
    for (many, is_cut) in [(FAULTS_MAX, false), (FAULTS_MAX + 1, true), (20_000, true)] {
        flag["meta"]["tag"] = Value::from(tag(many));
        let checked = checked(&flag);
        assert_eq!((checked.faults.len(), checked.is_cut), (FAULTS_MAX, is_cut));
    }
}

#[test]
fn a_fault_repeats_no_value_and_no_name_that_might_be_one() {
    let mut flag = example("Flag");
    flag["9990000026"] = json!("9990000026");
    flag["period"]["9990000026"] = json!(1);
    flag["_9990000026"] = json!({});
    flag["status"] = json!("9990000026");
    flag["meta"]["profile"][1] = json!("urn:9990000026 ");
    flag["extension"][0]["url"] = json!("urn:9990000026");
    flag["colour"] = json!("9990000026");
    let checked = checked(&flag);
    assert!(checked.faults.len() > 5);
    for fault in &checked.faults {
        assert!(!format!("{fault:?}").contains("999"), "{fault:?}");
    }
    assert!(checked.faults.iter().any(|fault| fault.at == "Flag.colour"));
}

/// A JSON of any kind, made of the names that resources are made of.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("resourceType".to_owned()),
        Just("extension".to_owned()),
        Just("_status".to_owned()),
        Just("meta".to_owned()),
        Just("profile".to_owned()),
        Just("coding".to_owned()),
        Just("entry".to_owned()),
        Just("resource".to_owned()),
        Just("contained".to_owned()),
        Just("subject".to_owned()),
        Just("valueBoolean".to_owned()),
        Just("agent".to_owned()),
        Just("type".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("Flag")),
        Just(json!("Bundle")),
        Just(json!(
            "https://cpis-fhir.invalid/StructureDefinition/plan-flag"
        )),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_the_validator_panic(
        members in proptest::collection::vec((any::<proptest::sample::Index>(), any_json()), 0..8),
        place in 0_usize..9
    ) {
        let (kind, _) = KINDS[place];
        let mut resource = example(kind);
        for (name, value) in members {
            let names: Vec<String> = resource.as_object().unwrap().keys().cloned().collect();
            let name = names[name.index(names.len())].clone();
            if name != "resourceType" {
                resource[name] = value;
            }
        }
        let checked = checked(&resource);
        prop_assert!(checked.faults.len() <= FAULTS_MAX);
        let is_of_it = checked.faults.iter().all(|fault| fault.at.starts_with(kind));
        prop_assert!(is_of_it);
        let any = checked_as("Flag", &resource, None);
        prop_assert!(any.is_ok());
    }
}
