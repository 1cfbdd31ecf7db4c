//! A search that looks from one resource to another: chains, `_has`, and what is brought along:
//! `search_organizations`, `read_practitioner_role`.

use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, TestService, a_plan, nhs};

const NUMBER: &str = "9990000026";

/// A child with two plans of one authority.
fn service() -> TestService {
    let service = TestService::new();
    service.tell(&[
        a_plan().from("2026-01-01").until("2026-12-31"),
        a_plan().kind("CLA").from("2026-02-01").until("2026-06-01"),
    ]);
    service
}

fn totals(service: &TestService, kind: &str, table: &[(&str, &str, u64)]) {
    for (name, value, expected) in table {
        let answer = match kind {
            "Patient" => {
                let query = crate::support::form(&[("identifier", &nhs(NUMBER)), (name, value)]);
                service.get(&format!("Patient?{query}"))
            }
            _ => service.find(kind, NUMBER, &[(name, value)]),
        };
        assert_eq!(answer.status, 200, "{name}={value}: {}", answer.text);
        assert_eq!(answer.total(), *expected, "{name}={value}");
        let used = answer.link("self").unwrap();
        assert!(used.contains(&name.replace(':', "%3A")), "{used}");
    }
}

fn kinds_beside(answer: &Answer) -> Vec<String> {
    let beside = answer.entries("include");
    let kinds = beside
        .iter()
        .map(|found| found["resourceType"].as_str().unwrap().to_owned());
    kinds.collect()
}

#[test]
fn a_chain_asks_of_what_a_reference_leads_to() {
    totals(
        &service(),
        "Flag",
        &[
            ("author.name", "north", 2),
            ("author.name", "shire", 0),
            ("author.name:contains", "SHIRE", 2),
            ("author.name:exact", "northshire council", 0),
            ("author:Organization.type", "RO141", 2),
            ("author.active", "true", 2),
            ("author.identifier", "E90001", 2),
            ("author.identifier", "E90002", 0),
            ("patient.birthdate", "2015-04-01", 2),
            ("patient.birthdate", "gt2015-04-01", 0),
            ("subject:Patient.birthdate", "lt2016", 2),
        ],
    );
}

#[test]
fn has_asks_of_what_refers_to_the_child() {
    totals(
        &service(),
        "Patient",
        &[
            ("_has:Flag:patient:code", "764841000000100", 1),
            ("_has:Flag:patient:code", "818901000000100", 0),
            ("_has:EpisodeOfCare:patient:status", "active", 1),
            ("_has:EpisodeOfCare:patient:status:not", "active", 1),
            ("_has:EpisodeOfCare:patient:status", "planned", 0),
            ("_has:AuditEvent:patient:agent-name", "Dr", 1),
            ("_has:AuditEvent:patient:agent-name", "Nobody", 0),
        ],
    );
}

#[test]
fn what_is_missing_and_the_words_of_a_code_can_be_asked_for() {
    totals(
        &service(),
        "Flag",
        &[
            ("author:missing", "false", 2),
            ("author:missing", "true", 0),
            ("date:missing", "true", 0),
            ("code:text", "looked after", 1),
            ("code:text", "after", 0),
            ("_lastUpdated:missing", "false", 2),
            ("_tag:missing", "true", 2),
            ("_id:not", "1", 2),
        ],
    );
}

#[test]
fn who_looked_comes_along_with_the_access_and_can_be_read() {
    let service = service();
    let answer = service.find("AuditEvent", NUMBER, &[("_include", "AuditEvent:agent")]);
    assert_eq!(kinds_beside(&answer), ["PractitionerRole"]);
    let role = &answer.entries("include")[0];
    assert_eq!(role["practitioner"]["display"], "Dr Amina Clarke");
    let agent = &answer.matches()[0]["agent"][0]["who"];
    let reference = format!("PractitionerRole/{}", role["id"].as_str().unwrap());
    assert_eq!(agent["reference"], reference);
    let before = service.accesses();
    assert_eq!(service.get(&reference).json()["code"], role["code"]);
    assert_eq!(service.accesses(), before + 1);
    service
        .get("PractitionerRole/019371b8-1c00-7000-8000-000000000001")
        .refusal(404, "RESOURCE_NOT_FOUND");
}

#[test]
fn an_iterating_include_goes_on_from_what_was_brought_along() {
    let service = service();
    let ask = |more: &[(&str, &str)]| {
        let mut asked = vec![("identifier", nhs(NUMBER))];
        asked.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let asked: Vec<(&str, &str)> = asked.iter().map(|(n, v)| (*n, v.as_str())).collect();
        service.get(&format!("Patient?{}", crate::support::form(&asked)))
    };
    let flags = ("_revinclude", "Flag:patient");
    let authors = ("_include:iterate", "Flag:author");
    assert_eq!(kinds_beside(&ask(&[flags])), ["Flag", "Flag"]);
    assert_eq!(
        kinds_beside(&ask(&[flags, authors])),
        ["Flag", "Flag", "Organization"]
    );
    // Without the flags there is nothing to go on from.
    assert!(kinds_beside(&ask(&[authors])).is_empty());
    // An include that does not iterate starts from matches, and Patients have no author.
    let idle = ask(&[flags, ("_include", "Flag:author")]);
    assert_eq!(kinds_beside(&idle), ["Flag", "Flag"]);
    assert!(!idle.link("self").unwrap().contains("Flag%3Aauthor"));
}

#[test]
fn an_include_written_many_times_brings_what_it_brings_once_and_is_shown_as_written() {
    let service = service();
    let include = ("_revinclude:iterate", "AuditEvent:*");
    let once = service.find("Flag", NUMBER, &[include]);
    let often = service.find("Flag", NUMBER, &[include; 45]);
    assert_eq!(often.matches(), once.matches());
    assert_eq!(kinds_beside(&often), kinds_beside(&once));
    let used = often.link("self").unwrap();
    assert_eq!(used.matches("AuditEvent").count(), 45, "{used}");
}

#[test]
fn a_search_that_brings_along_in_too_many_ways_is_refused_and_is_no_access() {
    let service = service();
    let values: Vec<String> = ["Flag", "EpisodeOfCare", "CareTeam"]
        .iter()
        .flat_map(|kind| ["*", "patient", "*:Patient"].map(|what| format!("{kind}:{what}")))
        .collect();
    let ways: Vec<(&str, &str)> = ["_include:iterate", "_revinclude:iterate"]
        .iter()
        .flat_map(|name| values.iter().map(|value| (*name, value.as_str())))
        .collect();
    let before = service.accesses();
    let refused = service.find("Flag", NUMBER, &ways[..17]);
    refused.refusal(400, "INVALID_SEARCH_DATA");
    assert_eq!(service.accesses(), before);
    let answer = service.find("Flag", NUMBER, &ways[..16]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let used = answer.link("self").unwrap();
    assert_eq!(used.matches("iterate").count(), 16, "{used}");
}

#[test]
fn what_comes_along_of_each_page_comes_with_that_page() {
    let service = service();
    let shape = [("_count", "1"), ("_include", "*"), ("_sort", "-code")];
    let first = service.find("Flag", NUMBER, &shape);
    assert_eq!(first.matches().len(), 1);
    assert_eq!(kinds_beside(&first), ["Patient", "Organization"]);
    let next = first.link("next").unwrap();
    let second = service.get(next.rsplit_once("/FHIR/R4/").unwrap().1);
    assert_eq!(second.matches().len(), 1);
    assert_eq!(kinds_beside(&second), ["Patient", "Organization"]);
    let code = |answer: &Answer| answer.matches()[0]["code"]["coding"][0]["code"].clone();
    assert_eq!(code(&first), "764841000000100");
    assert_eq!(code(&second), "342191000000101");
}

#[test]
fn authorities_are_found_by_code_and_name_by_who_may_look_or_upload_and_it_is_no_access() {
    let service = service();
    let all = service.get("Organization");
    assert!(all.total() >= 2, "{}", all.text);
    for (query, expected) in [
        ("identifier=E90001", 1),
        (
            "identifier=https://fhir.nhs.uk/Id/ods-organization-code|E90001",
            1,
        ),
        ("identifier=https://example.org|E90001", 0),
        ("name=NORTH", 1),
        ("name:exact=north", 0),
        ("_id=E90001", 0),
    ] {
        assert_eq!(
            service.get(&format!("Organization?{query}")).total(),
            expected,
            "{query}"
        );
    }
    let page = service.get("Organization?_count=1&_sort=name");
    let next = page.link("next").unwrap();
    let next = service.get(next.rsplit_once("/FHIR/R4/").unwrap().1);
    assert_eq!(next.matches().len(), 1);
    assert_ne!(next.matches(), page.matches());
    let uploader = format!("Bearer {}", service.token(SandboxRole::LocalAuthority));
    let asked = service.ask(
        "GET",
        "Organization?name=n",
        &[("authorization", &uploader)],
        b"",
    );
    assert_eq!(asked.status, 200);
    let receptionist = format!("Bearer {}", service.token(SandboxRole::NoActivity));
    let refused = service.ask(
        "GET",
        "Organization",
        &[("authorization", &receptionist)],
        b"",
    );
    refused.refusal(403, "ACCESS_DENIED");
    service
        .ask("GET", "Organization", &[], b"")
        .refusal(401, "ACCESS_DENIED");
    assert_eq!(service.accesses(), 0);
}

#[test]
fn what_is_true_or_false_has_no_system_and_nothing_else_is_sought() {
    let service = service();
    let all = service.get("Organization").total();
    for (query, expected) in [
        ("active=true", all),
        ("active=false", 0),
        ("active:not=true", 0),
    ] {
        let found = service.get(&format!("Organization?{query}"));
        assert_eq!(found.total(), expected, "{query}");
    }
    for wrong in ["http://x|true", "|true", "maybe", "TRUE", "true,1"] {
        let refused = service.get(&format!("Organization?active={wrong}"));
        let issue = refused.refusal(400, "INVALID_SEARCH_DATA");
        assert_eq!(issue["expression"][0], "active");
    }
}
