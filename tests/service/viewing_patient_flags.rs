//! What NHS England's Patient Flags API asks: `search_patient_flags`, `read_flag`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const CODE: &str = "child-protection-information-system-flag";
const SYSTEM: &str = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient";

/// A child with the plans of two authorities.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().kind("CLA").from("2025-03-01").of("E90002")]);
    service
}

fn flags(service: &TestService, more: &[(&str, &str)]) -> Answer {
    let parameters: Vec<(&str, &str)> = [("patient", NUMBER)]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    service.get(&format!("PatientFlag?{}", form(&parameters)))
}

fn kinds(answer: &Answer, mode: &str) -> Vec<String> {
    let kind = |resource: Value| resource["resourceType"].as_str().unwrap().to_owned();
    answer.entries(mode).into_iter().map(kind).collect()
}

/// The paths of what the flag leads to.
fn details(flag: &Value) -> Vec<&str> {
    let details = flag["extension"].as_array().unwrap();
    details
        .iter()
        .map(|detail| detail["valueReference"]["reference"].as_str().unwrap())
        .collect()
}

#[test]
fn a_child_has_one_flag_however_many_plans_and_nothing_comes_along_unasked() {
    let service = service();
    let answer = flags(&service, &[]);
    assert_eq!(answer.total(), 1);
    assert!(answer.entries("include").is_empty());
    let flag = &answer.matches()[0];
    assert_eq!(flag["resourceType"], "Flag");
    assert_eq!(flag["status"], "active");
    assert_eq!(
        flag["code"]["coding"][0],
        json!({
            "system": SYSTEM,
            "code": CODE,
            "display": "Child Protection Information System Flag",
        })
    );
    assert_eq!(flag["subject"]["identifier"]["value"], NUMBER);
    assert_eq!(flag["period"], json!({ "start": "2025-03-01" }));
    assert_eq!(details(flag).len(), 2);
    for path in details(flag) {
        assert_eq!(service.get(path).json()["resourceType"], "CarePlan");
    }
}

#[test]
fn asked_for_by_its_code_the_flag_comes_with_its_plans_of_care_and_their_teams() {
    let service = service();
    let code = format!("{SYSTEM}|{CODE}");
    for code in [CODE, code.as_str()] {
        let answer = flags(&service, &[("code", code)]);
        assert_eq!(answer.total(), 1, "{code}");
        assert_eq!(kinds(&answer, "match"), ["Flag"]);
        assert_eq!(
            kinds(&answer, "include"),
            ["CarePlan", "CarePlan", "CareTeam", "CareTeam"]
        );
        let bundle = answer.json();
        let entries = bundle["entry"].as_array().unwrap();
        let urls: BTreeSet<String> = entries
            .iter()
            .map(|entry| entry["fullUrl"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(urls.len(), entries.len());
        let in_bundle = |path: &str| urls.contains(&format!("{}/{path}", service.base));
        assert!(details(&answer.matches()[0]).into_iter().all(in_bundle));
        for plan in &answer.entries("include")[..2] {
            assert!(in_bundle(
                plan["careTeam"][0]["reference"].as_str().unwrap()
            ));
        }
        // Whoever follows a URL finds what the bundle holds under it.
        for entry in entries {
            let read = service.get(entry["fullUrl"].as_str().unwrap());
            assert_eq!(read.json(), entry["resource"]);
        }
    }
}

#[test]
fn another_code_finds_nothing_and_the_look_is_recorded_and_told_all_the_same() {
    let service = service();
    for (looks, code) in [
        "female-genital-mutilation-flag",
        &format!("{SYSTEM}|national-reasonable-adjustment-flag"),
        &format!("http://snomed.info/sct|{CODE}"),
        "342191000000101",
        "no such code",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = flags(&service, &[("code", code)]);
        assert_eq!(answer.total(), 0, "{code}");
        assert!(answer.matches().is_empty());
        let said = &answer.entries("outcome")[0]["issue"][0];
        assert_eq!(said["severity"], "warning", "it must not read as no plan");
        assert_eq!(service.accesses(), i64::try_from(looks).unwrap() + 1);
        assert_eq!(service.notifications(), 2, "of one author once");
    }
    for total_alone in [("_summary", "count"), ("_count", "0")] {
        let answer = flags(&service, &[("code", "no such code"), total_alone]);
        assert_eq!(answer.total(), 0);
        assert!(answer.json()["entry"].is_null(), "{total_alone:?}");
    }
}

#[test]
fn a_child_without_a_plan_has_no_flag_and_no_child_is_a_refusal() {
    let service = service();
    for more in ["", &format!("&code={CODE}")] {
        let answer = service.get(&format!("PatientFlag?patient=9990000018{more}"));
        assert_eq!(answer.total(), 0);
        assert!(answer.json()["entry"].is_null());
    }
    assert_eq!((service.accesses(), service.notifications()), (2, 0));
    for search in ["", &format!("code={CODE}"), "patient="] {
        let answer = service.get(&format!("PatientFlag?{search}"));
        answer.refusal(400, "MISSING_VALUE");
    }
    let several = service.get("PatientFlag?patient=9990000018,9990000026");
    several.refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), 2);
}

#[test]
fn the_child_is_named_as_in_any_search_by_get_by_post_and_in_a_batch() {
    let service = service();
    let found = flags(&service, &[]).ids();
    let flag = found[0].clone();
    let child = flags(&service, &[]).matches()[0]["subject"]["reference"].clone();
    let id = child.as_str().unwrap().trim_start_matches("Patient/");
    for child in [
        format!("patient=Patient/{id}"),
        format!("patient={id}"),
        format!("subject={NUMBER}"),
        form(&[("patient:identifier", &nhs(NUMBER))]),
        form(&[("subject:Patient.identifier", &nhs(NUMBER))]),
        format!("_id={flag}"),
    ] {
        let by_get = service.get(&format!("PatientFlag?{child}"));
        assert_eq!(by_get.ids(), found, "{child}");
        let by_post = service.post_form("PatientFlag/_search", &child);
        assert_eq!(by_post.ids(), found, "{child}");
    }
    let urls = [
        format!("PatientFlag?patient={NUMBER}&code={CODE}"),
        format!("Patient/{id}/PatientFlag"),
        format!("PatientFlag/{flag}"),
    ];
    let entries = urls.map(|url| json!({ "request": { "method": "GET", "url": url } }));
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": entries });
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let entries = answer.json()["entry"].clone();
    assert_eq!(entries[0]["resource"]["entry"].as_array().unwrap().len(), 5);
    for refused in [1, 2] {
        assert_eq!(entries[refused]["response"]["status"], "400 Bad Request");
    }
}

#[test]
fn the_look_is_on_record_as_it_was_asked_and_the_answer_links_to_it() {
    let service = service();
    let answer = flags(&service, &[("code", CODE), ("nonsense", "1")]);
    let asked = format!("PatientFlag?patient={NUMBER}&code={CODE}");
    // The path names no kind of resource, so the link says which was searched.
    let link = format!("{}/{asked}&_type=Flag", service.base);
    assert_eq!(answer.link("self"), Some(link.clone()));
    assert_eq!(
        service.texts("select asked from accesses"),
        [format!("{asked}&nonsense=1")]
    );
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("prefer", "handling=strict"),
    ];
    let followed = service.ask("GET", &link, &headers, b"");
    assert_eq!(followed.link("self"), Some(link));
    assert_eq!(followed.matches().len(), 1);
}

#[test]
fn the_flag_is_read_under_an_id_of_its_own_and_is_none_of_the_flags_of_plans() {
    let service = service();
    let flag = flags(&service, &[]).matches()[0].clone();
    let id = flag["id"].as_str().unwrap();
    let child = flag["subject"]["reference"].as_str().unwrap();
    assert_ne!(child, format!("Patient/{id}"));
    let read = service.get(&format!("Flag/{id}"));
    assert_eq!(read.json(), flag);
    assert_eq!((service.accesses(), service.notifications()), (2, 2));
    let of_plans = service.find("Flag", NUMBER, &[]);
    assert_eq!(of_plans.total(), 2);
    assert!(!of_plans.ids().iter().any(|plan| plan == id));
    let patients = child.replace("Patient", "Flag");
    service.get(&patients).refusal(404, "RESOURCE_NOT_FOUND");
    for other in ["EpisodeOfCare", "CareTeam", "CarePlan", "Patient"] {
        let none = service.get(&format!("{other}/{id}"));
        none.refusal(404, "RESOURCE_NOT_FOUND");
    }
}

#[test]
fn the_flag_changes_with_its_plans_and_is_gone_with_the_last() {
    let service = service();
    let id = flags(&service, &[]).ids()[0].clone();
    let path = format!("Flag/{id}");
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let ask = |name: &str, value: &str| {
        let headers = [("authorization", bearer.as_str()), (name, value)];
        service.ask("GET", &path, &headers, b"")
    };
    let read = service.get(&path);
    let etag = read.header("etag").unwrap();
    assert_eq!(ask("if-none-match", etag).status, 304);
    let version = etag.trim_start_matches("W/\"").trim_end_matches('"');
    service.clock.advance(TimeDelta::minutes(1));
    let version = service.get(&format!("{path}/_history/{version}"));
    assert_eq!(version.json(), read.json(), "one version is one content");
    assert_eq!(service.get(&format!("{path}/_history")).json()["total"], 1);
    service.clock.advance(TimeDelta::seconds(2));
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    let changed = ask("if-none-match", etag);
    assert_eq!(changed.status, 200);
    assert_eq!(details(&changed.json()).len(), 1);
    // That a plan has gone, no moment of the plans that are left tells.
    assert_eq!(read.header("last-modified"), None);
    let moment = "Fri, 01 Jan 2100 00:00:00 GMT";
    assert_eq!(ask("if-modified-since", moment).status, 200);
    let last = a_plan().kind("CLA").from("2025-03-01").of("E90002");
    service.tell(&[last.withdrawn("2026-11-22")]);
    service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
    assert_eq!(flags(&service, &[]).total(), 0);
}

#[test]
fn the_answer_is_shaped_as_any_searchs() {
    let service = service();
    let code = ("code", CODE);
    let counted = flags(&service, &[code, ("_summary", "count")]);
    assert_eq!(counted.total(), 1);
    assert!(counted.json()["entry"].is_null());
    let text = flags(&service, &[code, ("_summary", "text")]);
    assert_eq!(kinds(&text, "match"), ["Flag"]);
    assert!(kinds(&text, "include").is_empty());
    let of_the_flag = flags(&service, &[code, ("_elements", "status")]);
    assert_eq!(of_the_flag.entries("include").len(), 4);
    let asked = flags(
        &service,
        &[("_include", "Flag:detail"), ("_include", "Flag:patient")],
    );
    assert_eq!(
        kinds(&asked, "include"),
        ["CarePlan", "CarePlan", "Patient"]
    );
    let not = flags(&service, &[("code:not", "female-genital-mutilation-flag")]);
    assert_eq!(not.total(), 1);
    let in_xml = flags(&service, &[code, ("_format", "xml")]);
    assert_eq!(in_xml.text.matches("<CarePlan").count(), 2);
}

#[test]
fn a_link_to_a_page_of_the_flags_of_plans_is_none_of_this_search() {
    let service = service();
    let link = service
        .find("Flag", NUMBER, &[("_count", "1")])
        .link("next");
    let elsewhere = link.unwrap().replace("/Flag?", "/PatientFlag?");
    service.get(&elsewhere).refusal(410, "INVALID_SEARCH_DATA");
}
