//! The rule of facets, as tests: they say what the resource says, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{Facets, Token};
use crate::domain::access::Interaction;
use crate::domain::care_setting::CareSetting;
use crate::domain::plan::PlanKind;
use crate::fhir::Resource;
use crate::fhir::audit_event::audit_event;
use crate::fhir::date_time::Period;
use crate::fhir::flag::flag;
use crate::fhir::samples::{SERVER, access, child, moment, plan};
use crate::fhir::terminology;

fn a_flag() -> Facets {
    let flag = flag(&plan(PlanKind::ChildProtection));
    Facets::of(&Resource::Flag(Box::new(flag))).unwrap()
}

fn an_access() -> Facets {
    let access = access(Interaction::Search, CareSetting::Unscheduled);
    let event = audit_event(&access, &child(), SERVER);
    Facets::of(&Resource::AuditEvent(Box::new(event))).unwrap()
}

fn codes(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.code.as_str()).collect()
}

#[test]
fn every_coding_of_every_concept_is_a_token_in_its_own_system() {
    let tokens = a_flag().tokens("category", None);
    let expected = [terminology::CPIS_FLAG, terminology::SAFETY];
    assert_eq!(codes(&tokens), expected.map(|term| term.code));
    let systems: Vec<&str> = tokens
        .iter()
        .filter_map(|token| token.system.as_deref())
        .collect();
    assert_eq!(systems, expected.map(|term| term.system));
}

#[test]
fn a_bare_code_is_in_the_system_its_element_is_bound_to_and_a_bare_text_in_none() {
    let status = a_flag().tokens("status", Some(terminology::FLAG_STATUS));
    assert_eq!(
        status.first().unwrap().system.as_deref(),
        Some(terminology::FLAG_STATUS)
    );
    let user = an_access().tokens("agent.altId", None);
    assert_eq!(user.first().unwrap().system, None);
}

#[test]
fn a_period_reaches_from_the_start_of_its_first_london_day_to_the_end_of_its_last() {
    let period = a_flag().periods("period");
    let expected = Period {
        from: Some(moment("2026-01-10T00:00:00Z")),
        until: Some(moment("2027-01-10T00:00:00Z")),
    };
    assert_eq!(period, [expected]);
}

#[test]
fn a_reference_leads_by_kind_and_id_and_by_identifier() {
    let targets = a_flag().targets("subject");
    let target = targets.first().unwrap();
    assert_eq!(target.kind, "Patient");
    assert_eq!(target.id, Some(child().id.to_string()));
    assert_eq!(target.identifier.as_ref().unwrap().code, "9990000026");
}

#[test]
fn several_paths_are_looked_at_in_their_order_and_through_lists() {
    let both = an_access().targets("agent.who | entity.what");
    assert!(both.iter().any(|target| target.kind == "Patient"));
    assert!(both.iter().any(|target| target.kind == "PractitionerRole"));
}

#[test]
fn what_is_not_there_is_nothing() {
    let flag = a_flag();
    assert!(!flag.has("encounter"));
    assert!(flag.tokens("encounter.status", None).is_empty());
    assert!(flag.periods("status").is_empty());
    assert!(flag.texts("period.nothing").is_empty());
}

#[test]
fn the_words_of_a_code_are_its_display_and_its_text() {
    let flag = a_flag();
    let words = flag.words("code");
    assert!(words.contains(&"Subject to child protection plan"));
}

#[test]
fn a_token_in_a_log_keeps_its_value_to_itself() {
    let token = Token {
        system: None,
        code: "9990000026".into(),
    };
    assert!(!format!("{token:?}").contains("999"));
}
