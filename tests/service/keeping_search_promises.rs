//! Every search parameter and include that the capability statement promises is used and finds:
//! `search_flags`, `search_episodes_of_care`, `search_care_teams`, `search_care_plans`,
//! `search_audit_events`, `search_patients`.

use std::collections::BTreeSet;

use cpis_fhir::api::search::search_parameter::OF_EVERY_RESOURCE;
use cpis_fhir::api::searchables::SEARCHABLES;
use cpis_fhir::fhir::definitions::KINDS;
use cpis_fhir::sandbox::role::SandboxRole;

use crate::support::{Answer, Ids, TestService, a_plan, list, resources, statement};

const NUMBER: &str = "9990000026";
/// The kinds of what only local authorities' systems are told.
const OF_NOTIFIED: [&str; 2] = ["Communication", "Subscription"];

#[test]
fn every_promised_search_parameter_is_used_and_finds() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    let ids = Ids::of(&service);
    for resource in resources(&statement(&service)) {
        let kind = resource["type"].as_str().unwrap();
        // Definitions are no child's: their chapter is publishing_definitions; and what authorities
        // are told is theirs: pulling_notifications.
        if KINDS.contains(&kind) || OF_NOTIFIED.contains(&kind) {
            continue;
        }
        for parameter in list(&resource["searchParam"]) {
            let name = parameter["name"].as_str().unwrap();
            let value = value_of(&ids, kind, name);
            let child = ids.criterion(kind);
            let search = match name {
                "patient" | "subject" | "entity" => format!("{kind}?{name}={value}"),
                "identifier" if kind == "Patient" => format!("{kind}?{name}={value}"),
                // The service itself is named by identifier, and is no resource here.
                "source" => format!("{kind}?{child}&source:identifier={value}"),
                // What no resource of a kind has can only be asked for as missing.
                "_tag" | "_source" => format!("{kind}?{child}&{name}:missing=true"),
                "_security" if kind == "Organization" => {
                    format!("{kind}?{child}&{name}:missing=true")
                }
                _ => format!("{kind}?{child}&{name}={value}"),
            };
            let answer = strictly(&service, &search);
            assert!(answer.total() > 0, "{search} finds nothing");
            let used = answer.link("self").unwrap();
            let parameters: Vec<&str> = used.split(['?', '&']).skip(1).collect();
            let is_used = parameters
                .iter()
                .any(|parameter| parameter.starts_with(name));
            assert!(is_used, "{search}: {used}");
        }
    }
}

#[test]
fn every_parameter_that_a_search_takes_is_promised() {
    let service = TestService::new();
    let promised = resources(&statement(&service));
    for searchable in SEARCHABLES.all() {
        let kind = searchable.kind.name();
        let resource = promised.iter().find(|resource| resource["type"] == kind);
        let listed = list(&resource.unwrap()["searchParam"]);
        let promised: BTreeSet<&str> = listed
            .iter()
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let taken: BTreeSet<&str> = searchable
            .parameters
            .iter()
            .chain(&OF_EVERY_RESOURCE)
            .map(|parameter| parameter.name)
            .collect();
        assert_eq!(promised, taken, "{kind}");
    }
}

#[test]
fn every_promised_include_is_used_and_brings_what_it_names() {
    let service = TestService::new();
    service.tell(&[a_plan().child(NUMBER)]);
    for resource in resources(&statement(&service)) {
        let kind = resource["type"].as_str().unwrap();
        if list(&resource["searchParam"]).is_empty() || OF_NOTIFIED.contains(&kind) {
            continue;
        }
        let ways = [
            ("searchInclude", "_include"),
            ("searchRevInclude", "_revinclude"),
        ];
        for (promised, parameter) in ways {
            for include in list(&resource[promised]) {
                let include = include.as_str().unwrap();
                let child = Ids::default().criterion(kind);
                let answer = strictly(&service, &format!("{kind}?{child}&{parameter}={include}"));
                assert!(answer.total() > 0);
                let used = answer.link("self").unwrap();
                assert!(used.contains(&format!("{parameter}=")), "{used}");
                let brought = answer.entries("include");
                let brings = brings(kind, include);
                let is_brought = brought.iter().any(|found| found["resourceType"] == brings);
                assert!(is_brought, "{parameter}={include}");
            }
        }
    }
}

/// What an include or a reverse include brings to a search of a kind.
fn brings<'a>(searched: &str, include: &'a str) -> &'a str {
    match include.split_once(':') {
        Some((kind, _)) if kind != searched => kind,
        Some((_, "author" | "organization" | "participant")) => "Organization",
        Some((_, "care-team")) => "CareTeam",
        Some((_, "agent")) => "PractitionerRole",
        _ => "Patient",
    }
}

/// A value of a parameter by which what is held is found.
fn value_of(ids: &Ids, kind: &str, name: &str) -> String {
    match (kind, name) {
        (_, "patient" | "subject" | "entity") | ("Patient", "identifier") => NUMBER.into(),
        (_, "_id") => ids.id(kind).into(),
        (_, "_lastUpdated" | "date") => "ge2020-01-01".into(),
        (_, "start") => "2026-01-10".into(),
        (_, "birthdate") => "2015-04-01".into(),
        (_, "_security") => "R".into(),
        (_, "author" | "organization" | "participant") => {
            format!("Organization/{}", ids.organization)
        }
        (_, "status") => "active".into(),
        ("Flag", "code") | ("EpisodeOfCare", "type") | ("CareTeam" | "CarePlan", "category") => {
            "342191000000101".into()
        }
        ("CarePlan", "care-team") => format!("CareTeam/{}", ids.id(kind)),
        ("CarePlan", "intent") => "plan".into(),
        ("Flag", "category") => "child-protection-information-system-flag".into(),
        ("Organization", "identifier") => "E90001".into(),
        (_, "identifier") => "H-1".into(),
        ("AuditEvent", "type") => "rest".into(),
        ("AuditEvent", "subtype") => "search-type".into(),
        ("AuditEvent", "action") => "E".into(),
        ("AuditEvent", "outcome") => "0".into(),
        ("AuditEvent", "agent-role") => "S8000:G8000:R8000".into(),
        ("AuditEvent", "altid") => "555000000101".into(),
        ("AuditEvent", "agent") => format!("PractitionerRole/{}", ids.id(kind)),
        ("AuditEvent", "agent-name") => "Dr".into(),
        ("AuditEvent", "entity-type") => "1".into(),
        ("AuditEvent", "entity-role") => "24".into(),
        ("AuditEvent", "address") => "http".into(),
        ("AuditEvent", "source") => ids.base.clone(),
        (_, "_profile") => format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{kind}"),
        (_, "_tag" | "_source") => String::new(),
        ("Organization", "name") => "North".into(),
        ("Organization", "active") => "true".into(),
        ("Organization", "type") => "RO141".into(),
        _ => panic!("{kind}.{name} is promised, and no value for it is known here"),
    }
}

/// A search by a clinician who wants to hear of every parameter that is not known.
fn strictly(service: &TestService, path: &str) -> Answer {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let headers = [
        ("authorization", bearer.as_str()),
        ("prefer", "handling=strict"),
    ];
    service.ask("GET", path, &headers, b"")
}
