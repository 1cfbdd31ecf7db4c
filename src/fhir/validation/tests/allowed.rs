//! What R4 and the profiles allow is no fault.

use serde_json::{Value, json};

use super::{checked, example};

#[test]
fn what_r4_allows_is_no_fault() {
    let mut flag = example("Flag");
    let note = json!({"extension": [{"url": "u:x", "valueDecimal": 1.5}], "id": "a"});
    flag["_status"] = note.clone();
    flag["period"]["_start"] = note.clone();
    flag["meta"]["_profile"] = json!([null, note]);
    flag["language"] = json!("en-GB");
    flag["contained"] = json!([{"resourceType": "Basic", "id": "b", "code": {"text": "c"}}]);
    assert_eq!(checked(&flag).faults, []);
    let mut patient = example("Patient");
    patient["deceasedDateTime"] = json!("2026");
    assert_eq!(checked(&patient).faults, []);
    let absent = json!({"extension": [{"url": "u:absent", "valueCode": "unknown"}]});
    patient["_gender"] = absent;
    let faults = checked(&patient).faults;
    assert_eq!(
        faults.len(),
        1,
        "our profile has no gender, and R4 no fault: {faults:?}"
    );
    let mut pair = example("Flag");
    pair["period"]["extension"][0]["valueString"] = json!("a");
    let places = |resource: &Value| -> Vec<String> {
        let faults = checked(resource).faults;
        faults.into_iter().map(|fault| fault.at).collect()
    };
    assert!(places(&pair).contains(&"Flag.period.extension[0].value".to_owned()));
}

#[test]
fn what_a_profile_leaves_open_is_no_fault() {
    let mut flag = example("Flag");
    let other = json!({"coding": [{"system": "u:x", "code": "a"}]});
    flag["category"].as_array_mut().unwrap().push(other);
    let tag = json!({"system": "u:x", "code": "a"});
    flag["meta"]["security"].as_array_mut().unwrap().push(tag);
    let extension = json!({"url": "u:x", "valueCode": "a"});
    flag["extension"].as_array_mut().unwrap().push(extension);
    flag["subject"]["reference"] = json!("urn:uuid:019371b8-1c00-7000-8000-000000000001");
    flag["author"]["reference"] = json!("#a");
    let faults = checked(&flag).faults;
    assert_eq!(faults, []);
}

#[test]
fn a_resource_inside_a_bundle_is_held_to_what_it_names_itself() {
    let mut bundle = example("Bundle");
    let flag: &mut Value = bundle.pointer_mut("/entry/0/resource").unwrap();
    flag["status"] = json!("inactive");
    let places = |bundle: &Value| -> Vec<String> {
        checked(bundle)
            .faults
            .into_iter()
            .map(|fault| fault.at)
            .collect()
    };
    assert_eq!(places(&bundle), ["Bundle.entry[0].resource.status"]);
    bundle.pointer_mut("/entry/0/resource").unwrap()["meta"] = json!({"versionId": "1"});
    assert_eq!(places(&bundle), Vec::<String>::new());
}
