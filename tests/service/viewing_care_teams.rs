//! Plans as NHS England's draft of a CP-IS FHIR API asks for them, and who looked:
//! `search_care_teams`, `read_care_team`, `search_audit_events`.

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use crate::support::{Answer, TestService, a_doctor, a_plan, file, form, nhs, say};

const NUMBER: &str = "9990000026";
/// The draft's own way to ask for who looked, which is no include of R4's.
const DRAFTED: &str =
    "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|ASSIGNED";

/// A child with a plan that is over, one that counts and one that has not begun, of an authority
/// with an office.
fn service() -> TestService {
    let service = TestService::new();
    let plans = [
        a_plan().from("2025-01-01").until("2026-11-21"),
        a_plan().kind("CLA").from("2026-11-22").until("2026-11-22"),
        a_plan().from("2026-11-23"),
    ];
    let told = file(1, &plans).replace("01632 960001,\n", "01632 960001,01632 960002\n");
    let answer = service.upload_as(SandboxRole::LocalAuthority, told.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    service
}

/// As a client of the draft asks.
fn ask(service: &TestService, path: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let mut headers = headers.to_vec();
    headers.push(("authorization", &bearer));
    service.ask("GET", path, &headers, b"")
}

fn statuses(resources: &[Value]) -> Vec<&str> {
    resources
        .iter()
        .map(|resource| resource["status"].as_str().unwrap())
        .collect()
}

#[test]
fn a_plan_is_found_as_the_team_to_telephone_with_what_it_is_and_from_when_until_when() {
    let service = service();
    let answer = ask(
        &service,
        &format!("CareTeam?patient:identifier={}", nhs(NUMBER)),
        &[("traceid", "T-1"), ("isunscheduledaccessevent", "true")],
    );
    assert_eq!(answer.total(), 3);
    assert_eq!(answer.header("traceid"), Some("T-1"));
    let team = &answer.matches()[1];
    assert_eq!(
        team["category"][0]["coding"][0],
        json!({
            "system": "http://snomed.info/sct",
            "code": "764841000000100",
            "display": "Looked after child",
        })
    );
    assert_eq!(team["name"], "Northshire Council (E90001)");
    assert_eq!(
        team["telecom"],
        json!([
            { "system": "phone", "value": "01632960002", "use": "work" },
            { "system": "phone", "value": "01632960001", "use": "mobile" },
        ])
    );
    assert_eq!(
        team["period"],
        json!({ "start": "2026-11-22", "end": "2026-11-22" })
    );
    assert_eq!(team["subject"]["identifier"]["value"], NUMBER);
    let child = team["subject"]["reference"].as_str().unwrap();
    assert_eq!(service.get(child).status, 200);
    let authority = &team["managingOrganization"][0];
    assert_eq!(authority["identifier"]["value"], "E90001");
    let authority = authority["reference"].as_str().unwrap();
    assert_eq!(service.get(authority).status, 200);
}

#[test]
fn a_search_by_get_by_post_in_the_childs_compartment_and_in_a_batch_find_the_same_teams() {
    let service = service();
    let by_get = service.find_as(&service.token(SandboxRole::Clinician), "CareTeam", NUMBER);
    let teams = by_get.matches();
    assert_eq!(statuses(&teams), ["inactive", "active", "proposed"]);
    assert_eq!(service.find("CareTeam", NUMBER, &[]).matches(), teams);
    let child = teams[0]["subject"]["reference"].as_str().unwrap();
    assert_eq!(service.get(&format!("{child}/CareTeam")).matches(), teams);
    let in_xml = service.get(&format!("CareTeam?patient={NUMBER}&_format=xml"));
    assert_eq!(in_xml.text.matches("<CareTeam").count(), 3);
    assert_eq!(service.accesses(), 4);
    let url = format!("CareTeam?patient={NUMBER}");
    let entry = json!({ "request": { "method": "GET", "url": url } });
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry] });
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/fhir+json"),
    ];
    let answer = service.ask("POST", "", &headers, batch.to_string().as_bytes());
    let found = &answer.json()["entry"][0]["resource"];
    assert_eq!(found["total"], 3, "{}", answer.text);
    assert_eq!(service.accesses(), 5);
}

#[test]
fn a_child_without_a_plan_has_no_team_and_the_look_is_on_record_as_it_was_asked() {
    let service = service();
    let answer = service.find("CareTeam", "9990000018", &[]);
    assert_eq!(answer.total(), 0);
    assert!(answer.entries("outcome").is_empty());
    assert_eq!(
        service.texts("select asked from accesses"),
        ["CareTeam?patient%3Aidentifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9990000018"]
    );
    assert_eq!(service.notifications(), 0);
}

#[test]
fn a_client_of_the_draft_is_refused_by_the_drafts_three_codes() {
    let service = service();
    for kind in ["CareTeam", "AuditEvent", "PatientFlag"] {
        let search = format!("{kind}?patient:identifier={}", nhs("9990000019"));
        let issue = ask(&service, &search, &[]).refusal(400, "INVALID_SEARCH_DATA");
        let words = issue["diagnostics"].as_str().unwrap();
        assert!(words.starts_with("Invalid NHS number"), "{words}");
        let search = format!("{kind}?patient:identifier={}", nhs(NUMBER));
        let unclear = [("isunscheduledaccessevent", "perhaps")];
        ask(&service, &search, &unclear).refusal(400, "PRECONDITION_FAILED");
        let nobody = service.token(SandboxRole::NoActivity);
        service
            .get_as(&nobody, &search)
            .refusal(403, "ACCESS_DENIED");
    }
    assert_eq!(service.accesses(), 0);
}

#[test]
fn a_team_can_be_asked_for_by_all_that_it_says() {
    let service = service();
    let local = "https://cpis-fhir.invalid/Id/local-authority-child-id/E90001|H-1";
    for (name, value, total) in [
        ("status", "active", 1),
        ("status", "http://hl7.org/fhir/care-team-status|proposed", 1),
        ("status:not", "active", 2),
        ("category", "342191000000101", 2),
        ("category", "http://snomed.info/sct|764841000000100", 1),
        ("category:text", "looked", 1),
        ("date", "eb2026-11-22", 1),
        ("date", "sa2026-11-22", 1),
        ("participant:identifier", "E90001", 3),
        ("participant:identifier", "E90002", 0),
        ("participant.name", "north", 3),
        ("identifier", local, 3),
        ("_lastUpdated", "ge2026-11-22", 3),
    ] {
        let answer = service.find("CareTeam", NUMBER, &[(name, value)]);
        assert_eq!(answer.total(), total, "{name}={value}");
    }
    let first = service.find("CareTeam", NUMBER, &[("_sort", "-date"), ("_count", "1")]);
    assert_eq!(statuses(&first.matches()), ["proposed"]);
    let second = service.get(&first.link("next").unwrap());
    assert_eq!(statuses(&second.matches()), ["active"]);
    let summary = service.find("CareTeam", NUMBER, &[("_summary", "true")]);
    assert!(summary.matches()[0]["telecom"].is_null());
    assert_eq!(
        service
            .find("CareTeam", NUMBER, &[("_summary", "count")])
            .total(),
        3
    );
}

#[test]
fn a_team_is_read_at_its_id_with_its_version_and_of_no_other_version() {
    let service = service();
    let team = service.find("CareTeam", NUMBER, &[]).matches()[0].clone();
    let path = format!("CareTeam/{}", team["id"].as_str().unwrap());
    let read = service.get(&path);
    assert_eq!(read.json(), team);
    assert_eq!(read.header("etag"), Some("W/\"1-2-inactive\""));
    assert_eq!(service.accesses(), 2);
    let held = [("if-none-match", "W/\"1-2-inactive\"")];
    assert_eq!(ask(&service, &path, &held).status, 304);
    assert_eq!(service.accesses(), 3);
    for none in ["_history", "_history/1-2-inactive"] {
        let none = service.get(&format!("{path}/{none}"));
        none.refusal(404, "UNSUPPORTED_SERVICE");
    }
    service.clock.advance(TimeDelta::days(365));
    service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn the_system_of_the_author_of_a_withdrawn_plan_is_told_so_whichever_form_it_reads() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let id = service.find("CareTeam", NUMBER, &[]).ids()[0].clone();
    service.tell(&[a_plan().withdrawn("2026-11-22")]);
    let author = service.token(SandboxRole::LocalAuthority);
    for kind in ["Flag", "EpisodeOfCare", "CareTeam", "CarePlan"] {
        let path = format!("{kind}/{id}");
        service
            .get_as(&author, &path)
            .refusal(410, "RESOURCE_NOT_FOUND");
        service.get(&path).refusal(404, "RESOURCE_NOT_FOUND");
    }
}

#[test]
fn who_looked_comes_along_however_a_client_of_the_draft_asks_for_it() {
    let service = service();
    let doctor = service.token_saying(a_doctor(7));
    assert_eq!(service.find_as(&doctor, "CareTeam", NUMBER).total(), 3);
    service.clock.advance(TimeDelta::minutes(1));
    for include in [DRAFTED, "AuditEvent:agent"] {
        let search = form(&[("patient:identifier", &nhs(NUMBER)), ("_include", include)]);
        let strictly = [("prefer", "handling=strict"), ("traceid", "T-2")];
        let answer = ask(&service, &format!("AuditEvent?{search}"), &strictly);
        assert_eq!(answer.total(), 2);
        assert_eq!(answer.header("traceid"), Some("T-2"));
        let roles = answer.entries("include");
        assert_eq!(roles.len(), 2, "{include}");
        for (event, role) in answer.matches().iter().zip(&roles) {
            assert_eq!(role["resourceType"], "PractitionerRole");
            let who = event["agent"][0]["who"]["reference"].as_str().unwrap();
            let id = role["id"].as_str().unwrap();
            assert_eq!(who, format!("PractitionerRole/{id}"));
        }
        let role = &roles[1];
        assert_eq!(role["practitioner"]["display"], "Dr Number 7");
        assert_eq!(role["organization"]["identifier"]["value"], "RQX99");
        assert!(role["code"][0]["coding"][0]["display"].is_string());
    }
    let other = "AuditEvent:entity-type=http://terminology.hl7.org/CodeSystem/v3-RoleClass|OTHER";
    let answer = service.find("AuditEvent", NUMBER, &[("_include", other)]);
    assert!(answer.entries("include").is_empty());
}

#[test]
fn a_client_of_the_draft_may_write_its_url_with_nothing_encoded() {
    let service = service();
    let search = format!("patient:identifier={}&_include={DRAFTED}", nhs(NUMBER));
    let token = service.token(SandboxRole::Clinician);
    let bytes = format!(
        "GET /FHIR/R4/AuditEvent?{search} HTTP/1.1\r\nhost: cpis\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    let answer = say(&service, bytes.as_bytes()).unwrap();
    assert_eq!(answer.total(), 1);
    assert_eq!(answer.entries("include").len(), 1);
}
