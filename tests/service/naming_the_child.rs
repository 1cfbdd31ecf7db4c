//! Clients name a child in ten ways, and each finds the same: `search_flags`, `search_patients`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use crate::support::{Answer, TestService, a_plan, form, nhs};

const NUMBER: &str = "9990000026";
const OTHER: &str = "9990000034";
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

/// What an answer holds, whatever it was asked with.
fn told(answer: &Answer) -> (u64, Vec<Value>) {
    (answer.total(), answer.matches())
}

#[test]
fn every_way_to_name_the_child_in_a_query_finds_the_same_flags() {
    let service = service();
    let (token, id) = (nhs(NUMBER), patient_id(&service, NUMBER));
    let reference = format!("Patient/{id}");
    let absolute = format!("{}/Patient/{id}", service.base);
    let alias = format!("Patient/{NUMBER}");
    let expected = told(&service.find("Flag", NUMBER, &[]));
    assert_eq!(expected.0, 2);
    for (name, value) in [
        ("patient:identifier", token.as_str()),
        ("patient:identifier", NUMBER),
        ("patient.identifier", &token),
        ("patient.identifier", NUMBER),
        ("subject:identifier", &token),
        ("subject.identifier", &token),
        ("subject:Patient.identifier", &token),
        ("patient:Patient.identifier", &token),
        ("subject:Patient.identifier", NUMBER),
        ("patient", &id),
        ("patient", &reference),
        ("patient", &absolute),
        ("patient:Patient", &id),
        ("subject", &id),
        ("subject", &reference),
        ("subject", &absolute),
        ("subject:Patient", &id),
        ("patient", NUMBER),
        ("patient", &alias),
        ("subject", NUMBER),
    ] {
        let query = form(&[(name, value)]);
        let got = service.get(&format!("Flag?{query}"));
        assert_eq!(told(&got), expected, "GET {name}");
        let posted = service.post_form("Flag/_search", &query);
        assert_eq!(told(&posted), expected, "POST {name}");
        let in_url = service.post_form(&format!("Flag/_search?{query}"), "");
        assert_eq!(told(&in_url), expected, "POST with {name} in the URL");
    }
}

#[test]
fn parameters_may_be_split_between_url_and_body() {
    let service = service();
    let child = form(&[("patient:identifier", &nhs(NUMBER))]);
    let kind = form(&[("code", "764841000000100")]);
    let expected = told(&service.find("Flag", NUMBER, &[("code", "764841000000100")]));
    assert_eq!(expected.0, 1);
    for (url, body) in [(&child, &kind), (&kind, &child)] {
        let answer = service.post_form(&format!("Flag/_search?{url}"), body);
        assert_eq!(told(&answer), expected);
    }
    let twice = service.post_form(&format!("Flag/_search?{child}"), &child);
    assert_eq!(twice.total(), 2, "the same child named twice is one child");
}

#[test]
fn a_search_in_the_childs_compartment_finds_the_same() {
    let service = service();
    let id = patient_id(&service, NUMBER);
    for kind in ["Flag", "EpisodeOfCare"] {
        let expected = told(&service.find(kind, NUMBER, &[]));
        assert_eq!(expected.0, 2);
        for child in [id.as_str(), NUMBER] {
            let answer = service.get(&format!("Patient/{child}/{kind}"));
            assert_eq!(told(&answer), expected, "{kind}");
            let posted = service.post_form(&format!("Patient/{child}/{kind}/_search"), "");
            assert_eq!(told(&posted), expected, "{kind} posted");
        }
    }
    let posted = service.post_form(
        &format!("Patient/{id}/Flag/_search"),
        "code=764841000000100",
    );
    assert_eq!(posted.total(), 1);
    let narrowed = service.get(&format!("Patient/{id}/Flag?code=764841000000100"));
    assert_eq!(narrowed.total(), 1);
    let link = narrowed.link("self").unwrap();
    let expected = format!("{}/Patient/{id}/Flag?code=764841000000100", service.base);
    assert_eq!(link, expected);
}

#[test]
fn however_a_client_encodes_its_query_it_is_the_same_query() {
    let service = service();
    for query in [
        format!("patient:identifier={SYSTEM}%7C{NUMBER}"),
        format!("patient%3Aidentifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C{NUMBER}"),
        format!("patient%3aidentifier=https%3a%2f%2ffhir.nhs.uk%2fId%2fnhs-number%7c{NUMBER}"),
        format!("patient%2Eidentifier={SYSTEM}%7C{NUMBER}"),
        format!("&&patient:identifier={SYSTEM}%7C{NUMBER}&"),
        "patient=%39%39%39%30%30%30%30%30%32%36".to_owned(),
    ] {
        assert_eq!(
            service.get(&format!("Flag?{query}")).total(),
            2,
            "{}",
            query.len()
        );
    }
}

#[test]
fn a_bar_that_a_client_left_unencoded_is_a_bar() {
    let service = service();
    let address = service.root.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /FHIR/R4/Flag?patient:identifier={SYSTEM}|{NUMBER} HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {}\r\nConnection: close\r\n\r\n",
        service.token(SandboxRole::Clinician)
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\"total\":2"));
}

#[test]
fn the_patient_found_by_nhs_number_leads_to_the_flags_by_id() {
    let service = service();
    let answer = service.find("Patient", NUMBER, &[]);
    assert_eq!(answer.total(), 1);
    let id = answer.ids().remove(0);
    assert!(!id.contains(NUMBER), "a Patient's id says nothing");
    assert_eq!(service.get(&format!("Flag?patient={id}")).total(), 2);
}
