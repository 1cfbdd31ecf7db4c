//! What names no one child is refused, because an empty answer would read as "no plan":
//! `search_flags`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const OTHER: &str = "9990000034";
const NO_PLAN: &str = "9990000018";
const SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// A service with a child of two plans, and another child.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[
        a_plan(),
        a_plan().kind("CLA").from("2026-02-01"),
        a_plan().child(OTHER).local_id("H-2"),
    ]);
    service
}

fn patient_id(service: &TestService, number: &str) -> String {
    service.find("Patient", number, &[]).ids()[0].clone()
}

#[test]
fn what_is_no_nhs_number_is_refused_with_the_parameter_at_fault() {
    let service = service();
    for bad in [
        "9990000027",
        "999000002",
        "99900000260",
        "999 000 0026",
        "999000002x",
        "9912003890",
        "-990000026",
        "０９９０００００２６",
        "9990000026\0",
        "9990000026 ",
    ] {
        for name in [
            "patient:identifier",
            "patient.identifier",
            "subject:Patient.identifier",
        ] {
            let query = form(&[(name, &nhs(bad))]);
            let issue = service
                .get(&format!("Flag?{query}"))
                .refusal(400, "INVALID_SEARCH_DATA");
            assert_eq!(issue["expression"][0], name);
            let words = issue["diagnostics"].as_str().unwrap();
            assert!(words.starts_with("Invalid NHS number"), "{words}");
            assert!(!words.contains("000"), "a refusal repeats no value");
        }
    }
    service
        .get("Flag?patient=9990000027")
        .refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn another_identifier_system_could_only_find_nothing_and_is_refused() {
    let service = service();
    for system in [
        "https://fhir.nhs.uk/Id/local-patient",
        "http://fhir.nhs.uk/Id/nhs-number",
        "https://fhir.nhs.uk/Id/nhs-number/",
        "",
    ] {
        let query = form(&[("patient:identifier", &format!("{system}|{NUMBER}"))]);
        service
            .get(&format!("Flag?{query}"))
            .refusal(400, "INVALID_IDENTIFIER_SYSTEM");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn another_servers_patient_or_no_patient_at_all_is_refused() {
    let service = service();
    let id = patient_id(&service, NUMBER);
    let looks = service.accesses();
    for value in [
        format!("https://other.example/FHIR/R4/Patient/{id}"),
        format!("Group/{id}"),
        format!("Patient/{id}/Flag"),
        format!("{SYSTEM}/{NUMBER}"),
    ] {
        for name in ["patient", "subject"] {
            let query = form(&[(name, &value)]);
            let issue = service
                .get(&format!("Flag?{query}"))
                .refusal(400, "INVALID_SEARCH_DATA");
            assert_eq!(issue["expression"][0], name);
        }
    }
    assert_eq!(service.accesses(), looks);
}

#[test]
fn a_search_that_names_several_children_is_refused() {
    let service = service();
    let (token, other) = (nhs(NUMBER), nhs(OTHER));
    let both = format!("{token},{other}");
    for parameters in [
        vec![("patient:identifier", both.as_str())],
        vec![
            ("patient:identifier", &token),
            ("patient:identifier", &other),
        ],
        vec![("patient", NUMBER), ("subject", OTHER)],
    ] {
        let query = form(&parameters);
        service
            .get(&format!("Flag?{query}"))
            .refusal(400, "INVALID_SEARCH_DATA");
    }
    let split = service.post_form(
        &format!("Flag/_search?{}", form(&[("patient:identifier", &token)])),
        &form(&[("patient:identifier", &other)]),
    );
    split.refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_number_and_an_id_of_different_children_are_refused_and_never_answered_as_no_plan() {
    let service = service();
    let (id, other) = (patient_id(&service, NUMBER), patient_id(&service, OTHER));
    for (child, expected) in [(&id, Some(2)), (&other, None)] {
        let query = form(&[("patient:identifier", &nhs(NUMBER)), ("patient", child)]);
        let number = form(&[("patient:identifier", &nhs(NUMBER))]);
        for path in [
            format!("Flag?{query}"),
            format!("Patient/{child}/Flag?{number}"),
        ] {
            let answer = service.get(&path);
            match expected {
                Some(total) => assert_eq!(answer.total(), total),
                None => drop(answer.refusal(400, "INVALID_SEARCH_DATA")),
            }
        }
    }
}

#[test]
fn a_number_without_a_plan_and_the_id_of_another_child_are_refused_everywhere() {
    let service = service();
    let id = patient_id(&service, NUMBER);
    let number = form(&[("patient.identifier", NO_PLAN)]);
    for path in [
        format!("Flag?{number}&patient={id}"),
        format!("Flag/_history?{number}&patient={id}"),
        format!("EpisodeOfCare?{number}&patient={id}"),
        format!("CareTeam?{number}&patient={id}"),
        format!("PatientFlag?{number}&patient={id}"),
        format!("AuditEvent?{number}&patient={id}"),
        format!("Patient/{id}/Flag?{number}"),
        format!("Patient?identifier={NO_PLAN}&_id={id}"),
        format!("Patient?identifier={OTHER}&_id={id}"),
    ] {
        let refused = service.get(&path);
        refused.refusal(400, "INVALID_SEARCH_DATA");
    }
    let same = service.get(&format!("Patient?identifier={NUMBER}&_id={id}"));
    assert_eq!(same.ids(), [id]);
}

#[test]
fn an_id_is_the_services_own_in_every_letter_and_a_base_url_ends_before_a_slash() {
    let service = service();
    let flag = service.find("Flag", NUMBER, &[]).ids()[0].clone();
    let before = service.accesses();
    for id in [
        flag.to_uppercase(),
        flag.replace('-', ""),
        format!("{{{flag}}}"),
        format!("urn:uuid:{flag}"),
    ] {
        for path in [format!("Flag/{id}"), format!("Flag/{id}/_history")] {
            service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
        }
    }
    let patient = patient_id(&service, NUMBER);
    let glued = format!("Flag?patient={}Patient/{patient}", service.base);
    service.get(&glued).refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), before + 1, "the search for the Patient");
}

#[test]
fn an_id_that_is_nobodys_finds_nothing_and_says_that_it_means_nothing() {
    let service = service();
    for id in ["abc", "019371b8-1c00-7000-8000-000000000001", "12345"] {
        for path in [
            format!("Flag?patient={id}"),
            format!("Flag?subject=Patient/{id}"),
            format!("Patient/{id}/Flag"),
            format!("Flag?_id={id}"),
        ] {
            let answer = service.get(&path);
            assert_eq!(answer.total(), 0, "{path}");
            let outcome = &answer.entries("outcome")[0];
            assert_eq!(outcome["resourceType"], "OperationOutcome");
            assert_eq!(outcome["issue"][0]["severity"], "warning");
        }
    }
    assert_eq!(service.accesses(), 0, "there is no child to record it for");
}

#[test]
fn modifiers_that_would_not_name_one_child_are_refused() {
    let service = service();
    for name in [
        "patient:not",
        "patient:exact",
        "patient:Group",
        "patient.name",
        "patient:identifier:not",
        "subject:Group.identifier",
        "subject:identifier.value",
    ] {
        let query = form(&[(name, NUMBER)]);
        let issue = service
            .get(&format!("Flag?{query}"))
            .refusal(400, "UNSUPPORTED_SERVICE");
        assert_eq!(issue["expression"][0], name);
    }
    for asks_without_naming in ["patient:missing=false", "patient.birthdate=2015"] {
        let answer = service.get(&format!("Flag?{asks_without_naming}"));
        answer.refusal(400, "MISSING_VALUE");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_caller_without_the_activity_is_refused_however_the_child_is_named() {
    let service = service();
    let receptionist = service.token(SandboxRole::NoActivity);
    for path in [
        format!("Flag?{}", form(&[("patient:identifier", &nhs(NUMBER))])),
        format!("Patient/{NUMBER}/Flag"),
    ] {
        service
            .get_as(&receptionist, &path)
            .refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.accesses(), 0);
}
