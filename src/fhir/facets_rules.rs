//! The rule of facets, as tests: they say what the built resource says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{Days, NaiveDate, TimeDelta};
use fhirbolt::serde::SerializeResource;
use serde_json::Value;
use uuid::Uuid;

use super::{Facets, Period, Target, Token};
use crate::domain::access::Interaction;
use crate::domain::calendar::start_of;
use crate::domain::care_setting::CareSetting;
use crate::domain::plan::PlanKind;
use crate::fhir::audit_event::audit_event;
use crate::fhir::episode_of_care::episode_of_care;
use crate::fhir::flag::flag;
use crate::fhir::patient::patient;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::samples::{SERVER, access, child, moment, plan};
use crate::fhir::{facets, terminology};

/// Where R4's SearchParameters, and ours, look for each parameter.
const TOKENS: [(&str, &str); 15] = [
    ("Flag.identifier", "/identifier"),
    ("Flag.status", "/status"),
    ("Flag.category", "/category/coding"),
    ("Flag.code", "/code/coding"),
    ("EpisodeOfCare.identifier", "/identifier"),
    ("EpisodeOfCare.status", "/status"),
    ("EpisodeOfCare.type", "/type/coding"),
    ("AuditEvent.type", "/type"),
    ("AuditEvent.subtype", "/subtype"),
    ("AuditEvent.action", "/action"),
    ("AuditEvent.outcome", "/outcome"),
    ("AuditEvent.altid", "/agent/altId"),
    ("AuditEvent.agent-role", "/agent/role/coding"),
    ("Patient.identifier", "/identifier"),
    ("_security", "/meta/security"),
];
const DATES: [(&str, &str); 4] = [
    ("Flag.date", "/period"),
    ("EpisodeOfCare.date", "/period"),
    ("AuditEvent.date", "/recorded"),
    ("Patient.birthdate", "/birthDate"),
];
const REFERENCES: [(&str, &str); 8] = [
    ("Flag.patient", "/subject"),
    ("Flag.subject", "/subject"),
    ("Flag.author", "/author"),
    ("EpisodeOfCare.patient", "/patient"),
    ("EpisodeOfCare.organization", "/managingOrganization"),
    ("AuditEvent.patient", "/entity/what"),
    ("AuditEvent.entity", "/entity/what"),
    ("AuditEvent.agent", "/agent/who"),
];

fn place(table: &[(&str, &'static str)], kind: &str, parameter: &str) -> &'static str {
    let full = format!("{kind}.{parameter}");
    let named = |(name, _): &&(&str, &str)| *name == full || *name == parameter;
    table.iter().find(named).unwrap().1
}

/// Everything at a path, through lists.
fn at<'a>(json: &'a Value, path: &str) -> Vec<&'a Value> {
    let step = |found: Vec<&'a Value>, name: &str| {
        let members = found.into_iter().filter_map(|value| value.get(name));
        members
            .flat_map(|member| match member {
                Value::Array(items) => items.iter().collect(),
                other => vec![other],
            })
            .collect()
    };
    path.split('/').skip(1).fold(vec![json], step)
}

fn word(json: &Value, name: &str) -> Option<String> {
    json.get(name)?.as_str().map(str::to_owned)
}

/// A plain code's system is the one R4 binds it to.
fn bound_system(kind: &str, parameter: &str) -> Option<String> {
    let system = match (kind, parameter) {
        ("Flag", "status") => terminology::FLAG_STATUS,
        ("EpisodeOfCare", "status") => terminology::EPISODE_STATUS,
        ("AuditEvent", "action") => terminology::AUDIT_ACTION,
        ("AuditEvent", "outcome") => terminology::AUDIT_OUTCOME,
        _ => return None,
    };
    Some(system.to_owned())
}

fn token(json: &Value, bound: Option<String>) -> Token {
    match json.as_str() {
        Some(code) => Token {
            system: bound,
            code: code.to_owned(),
        },
        None => Token {
            system: word(json, "system"),
            code: word(json, "code").or_else(|| word(json, "value")).unwrap(),
        },
    }
}

fn period(json: &Value) -> Period {
    let day = |text: &str| text.parse::<NaiveDate>();
    let (start, end) = match json.as_str() {
        Some(text) => (text.to_owned(), text.to_owned()),
        None => (word(json, "start").unwrap(), word(json, "end").unwrap()),
    };
    match (day(&start), day(&end)) {
        (Ok(start), Ok(end)) => Period {
            from: Some(start_of(start)),
            until: Some(start_of(end + Days::new(1))),
        },
        _ => Period {
            from: Some(moment(&start)),
            until: Some(moment(&end) + TimeDelta::milliseconds(1)),
        },
    }
}

fn target(json: &Value) -> Target {
    let kinds = [
        "PractitionerRole",
        "Device",
        "Patient",
        "Organization",
        "Flag",
    ];
    let named = word(json, "type").unwrap_or_default();
    let read = word(json, "reference").and_then(|asked| ResourceKind::asked_for(&asked));
    Target {
        kind: kinds.into_iter().find(|kind| *kind == named).unwrap_or(""),
        id: read.map(|(_, id)| id),
        identifier: json.get("identifier").map(|found| token(found, None)),
    }
}

fn targets(json: &Value, kind: &str, parameter: &str) -> Vec<Target> {
    let found = at(json, place(&REFERENCES, kind, parameter));
    let wanted = |target: &Target| match (kind, parameter) {
        ("AuditEvent", "patient") => target.kind == "Patient",
        // The server is an agent of every access, and no target.
        ("AuditEvent", "agent") => {
            let system = target
                .identifier
                .as_ref()
                .and_then(|token| token.system.as_deref());
            system != Some(terminology::URI)
        }
        _ => true,
    };
    found.into_iter().map(target).filter(wanted).collect()
}

fn agree<R: SerializeResource>(resource: R, facets: &Facets) {
    let json = fhirbolt::json::to_json_value(resource, None).unwrap();
    let kind = word(&json, "resourceType").unwrap();
    assert_eq!(
        word(&json, "id").unwrap().parse::<Uuid>().unwrap(),
        facets.id
    );
    let updated = word(json.get("meta").unwrap(), "lastUpdated").unwrap();
    assert_eq!(moment(&updated), facets.last_updated, "{kind}._lastUpdated");
    for (parameter, tokens) in &facets.tokens {
        let bound = bound_system(&kind, parameter);
        let mut said = at(&json, place(&TOKENS, &kind, parameter));
        if (kind.as_str(), *parameter) == ("Flag", "code") {
            // Clients of the Patient Flags API ask for a flag by its first category.
            said.extend(at(&json, "/category/coding").into_iter().take(1));
        }
        let said: Vec<Token> = said
            .into_iter()
            .map(|json| token(json, bound.clone()))
            .collect();
        assert!(said == *tokens && !said.is_empty(), "{kind}.{parameter}");
    }
    for (parameter, date) in &facets.dates {
        let said = at(&json, place(&DATES, &kind, parameter));
        assert_eq!(
            said.into_iter().map(period).collect::<Vec<_>>(),
            [*date],
            "{kind}.{parameter}"
        );
    }
    for (parameter, expected) in &facets.references {
        assert_eq!(
            targets(&json, &kind, parameter),
            *expected,
            "{kind}.{parameter}"
        );
    }
}

fn parameters(facets: &Facets) -> Vec<&'static str> {
    let tokens = facets.tokens.iter().map(|(parameter, _)| *parameter);
    let dates = facets.dates.iter().map(|(parameter, _)| *parameter);
    let references = facets.references.iter().map(|(parameter, _)| *parameter);
    tokens.chain(dates).chain(references).collect()
}

#[test]
fn a_search_sees_a_flag_as_its_reader_does() {
    for kind in PlanKind::ALL {
        let mut plan = plan(kind);
        plan.authority.updated_at = moment("2026-10-25T01:30:00.001Z");
        agree(flag(&plan), &facets::flag(&plan));
    }
}

#[test]
fn a_search_sees_an_episode_as_its_reader_does_in_every_phase() {
    for kind in PlanKind::ALL {
        for now in [
            "2020-01-01T00:00:00Z",
            "2026-11-22T21:00:00Z",
            "2040-01-01T00:00:00Z",
        ] {
            let (plan, now) = (plan(kind), moment(now));
            agree(
                episode_of_care(&plan, now),
                &facets::episode_of_care(&plan, now),
            );
        }
    }
}

#[test]
fn a_search_sees_an_access_as_its_reader_does() {
    for interaction in [Interaction::Search, Interaction::Read] {
        for care_setting in [CareSetting::Unscheduled, CareSetting::Scheduled] {
            let access = access(interaction, care_setting);
            let event = audit_event(&access, &child(), SERVER);
            agree(event, &facets::audit_event(&access, &child()));
        }
    }
}

#[test]
fn a_search_sees_a_patient_as_its_reader_does() {
    agree(patient(&child()), &facets::patient(&child()));
}

#[test]
fn what_can_be_asked_is_a_closed_list() {
    let (plan, now) = (
        plan(PlanKind::ChildProtection),
        moment("2026-11-22T21:00:00Z"),
    );
    let access = access(Interaction::Search, CareSetting::Scheduled);
    let asked = [
        parameters(&facets::flag(&plan)),
        parameters(&facets::episode_of_care(&plan, now)),
        parameters(&facets::audit_event(&access, &child())),
        parameters(&facets::patient(&child())),
    ]
    .map(|parameters| parameters.join(" "));
    assert_eq!(
        asked,
        [
            "identifier status category code _security date patient subject author",
            "identifier status type _security date patient organization",
            "type subtype action outcome altid agent-role _security date patient entity agent",
            "identifier _security birthdate",
        ]
    );
}

#[test]
fn a_token_does_not_show_an_nhs_number_in_debug_output() {
    let shown = format!("{:?}", facets::patient(&child()));
    assert!(!shown.contains("9990000026"), "{shown}");
}
