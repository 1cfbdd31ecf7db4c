//! What a search can ask of a resource (<https://hl7.org/fhir/R4/searchparameter-registry.html>):
//! its tokens, dates and references by parameter, so that nobody need look into the resource.
//!
//! `status`, `category` and `code` of a `Flag` are not R4's own parameters but NHS England's.

use std::fmt;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction};
use crate::domain::calendar::start_of;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::plan::{Child, Plan};
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::terminology::{self, Term};
use crate::fhir::{audit_event, episode_of_care, flag};

/// All that a search can ask of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facets {
    /// The resource's id.
    pub id: Uuid,
    /// `meta.lastUpdated`.
    pub last_updated: DateTime<Utc>,
    /// Codes and identifiers, by parameter.
    pub tokens: Vec<(&'static str, Vec<Token>)>,
    /// Dates and periods, by parameter.
    pub dates: Vec<(&'static str, Period)>,
    /// References, by parameter.
    pub references: Vec<(&'static str, Vec<Target>)>,
}

/// A code or an identifier. Its `Debug` keeps the value to itself: it may be an NHS number.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The system, where there is one.
    pub system: Option<String>,
    /// The code or the identifier's value.
    pub code: String,
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// A stretch of time, without its last moment. A day is a day in London, an instant a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment; none for a stretch without beginning.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after it; none for a stretch without end.
    pub until: Option<DateTime<Utc>>,
}

impl Period {
    /// A moment, as the millisecond it is in.
    #[must_use]
    pub fn of_moment(moment: DateTime<Utc>) -> Self {
        let until = moment.checked_add_signed(TimeDelta::milliseconds(1));
        Self {
            from: Some(moment),
            until,
        }
    }
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The kind of resource; empty where the reference does not say.
    pub kind: &'static str,
    /// The id, where it is one of ours.
    pub id: Option<Uuid>,
    /// The identifier, where the reference has one.
    pub identifier: Option<Token>,
}

/// What can be asked of a plan's `Flag`.
#[must_use]
pub fn flag(plan: &Plan) -> Facets {
    // NHS England's Patient Flags API asks for these flags by their category, under `code`.
    let code = [terminology::plan_kind(plan.kind), terminology::CPIS_FLAG].map(term);
    let category = [terminology::CPIS_FLAG, terminology::SAFETY].map(term);
    Facets {
        id: plan.id,
        last_updated: flag::last_updated(plan),
        tokens: vec![
            ("identifier", vec![local_identifier(plan)]),
            (
                "status",
                vec![token(terminology::FLAG_STATUS, flag::STATUS)],
            ),
            ("category", category.into()),
            ("code", code.into()),
            ("_security", labels(terminology::plan_labels(plan.kind))),
        ],
        dates: vec![("date", plan_period(plan))],
        references: vec![
            ("patient", vec![child_target(&plan.child)]),
            ("subject", vec![child_target(&plan.child)]),
            ("author", vec![authority_target(&plan.authority)]),
        ],
    }
}

/// What can be asked of a plan's `EpisodeOfCare` at a moment.
#[must_use]
pub fn episode_of_care(plan: &Plan, now: DateTime<Utc>) -> Facets {
    let status = episode_of_care::status(plan.phase(now));
    Facets {
        id: plan.id,
        last_updated: episode_of_care::last_updated(plan, now),
        tokens: vec![
            ("identifier", vec![local_identifier(plan)]),
            ("status", vec![token(terminology::EPISODE_STATUS, status)]),
            ("type", vec![term(terminology::plan_kind(plan.kind))]),
            ("_security", labels(terminology::plan_labels(plan.kind))),
        ],
        dates: vec![("date", plan_period(plan))],
        references: vec![
            ("patient", vec![child_target(&plan.child)]),
            ("organization", vec![authority_target(&plan.authority)]),
        ],
    }
}

/// What can be asked of an access's `AuditEvent`. The server is in all of them alike, so that it
/// is no target of `agent` here.
#[must_use]
pub fn audit_event(access: &Access, child: &Child) -> Facets {
    let recorded = Period::of_moment(access.at);
    Facets {
        id: access.id,
        last_updated: access.at,
        tokens: audit_tokens(access),
        dates: vec![("date", recorded)],
        references: vec![
            ("patient", vec![child_target(child)]),
            ("entity", entities(access, child)),
            ("agent", agents(access)),
        ],
    }
}

/// What can be asked of a child's `Patient`.
#[must_use]
pub fn patient(child: &Child) -> Facets {
    Facets {
        id: child.id,
        last_updated: child.updated_at,
        tokens: vec![
            ("identifier", vec![nhs_number(child)]),
            ("_security", labels(&[terminology::RESTRICTED])),
        ],
        dates: vec![("birthdate", days(child.birth_date, child.birth_date))],
        references: Vec::new(),
    }
}

fn audit_tokens(access: &Access) -> Vec<(&'static str, Vec<Token>)> {
    let practitioner = &access.viewer.practitioner;
    let action = audit_event::action(access.interaction);
    let subtype = vec![
        token(terminology::INTERACTION, access.interaction.code()),
        term(terminology::care_setting(access.viewer.care_setting)),
    ];
    let user = Token {
        system: None,
        code: practitioner.user_id.clone(),
    };
    let job_role = token(terminology::SDS_JOB_ROLE, &practitioner.job_role_code);
    let outcome = token(terminology::AUDIT_OUTCOME, terminology::OUTCOME_SUCCESS);
    vec![
        ("type", vec![term(terminology::REST)]),
        ("subtype", subtype),
        ("action", vec![token(terminology::AUDIT_ACTION, action)]),
        ("outcome", vec![outcome]),
        ("altid", vec![user]),
        ("agent-role", vec![job_role]),
        ("_security", labels(&[terminology::RESTRICTED])),
    ]
}

fn agents(access: &Access) -> Vec<Target> {
    let viewer = &access.viewer;
    let profile = &viewer.practitioner.role_profile_id;
    [
        (
            "PractitionerRole",
            terminology::SDS_ROLE_PROFILE,
            profile.as_str(),
        ),
        (
            "Organization",
            terminology::ODS_CODE,
            viewer.organisation.as_str(),
        ),
        ("Device", terminology::CLIENT, viewer.client_id.as_str()),
    ]
    .map(|(kind, system, value)| Target {
        kind,
        id: None,
        identifier: Some(token(system, value)),
    })
    .into()
}

fn entities(access: &Access, child: &Child) -> Vec<Target> {
    let read = match access.interaction {
        Interaction::Search => None,
        Interaction::Read => ResourceKind::asked_for(&access.asked),
    };
    let request = Target {
        kind: "",
        id: None,
        identifier: Some(token(terminology::REQUEST, &access.request_id.to_string())),
    };
    let mut targets = vec![child_target(child)];
    targets.extend(read.map(|(kind, id)| Target {
        kind: kind.name(),
        id: Some(id),
        identifier: None,
    }));
    targets.push(request);
    targets
}

fn child_target(child: &Child) -> Target {
    Target {
        kind: ResourceKind::Patient.name(),
        id: Some(child.id),
        identifier: Some(nhs_number(child)),
    }
}

fn authority_target(authority: &LocalAuthority) -> Target {
    Target {
        kind: ResourceKind::Organization.name(),
        id: Some(authority.id),
        identifier: Some(token(terminology::ODS_CODE, authority.code.as_str())),
    }
}

fn plan_period(plan: &Plan) -> Period {
    days(plan.start, plan.end.day)
}

/// From the beginning of one London day to the end of another.
fn days(first: NaiveDate, last: NaiveDate) -> Period {
    Period {
        from: Some(start_of(first)),
        until: last.checked_add_days(Days::new(1)).map(start_of),
    }
}

fn local_identifier(plan: &Plan) -> Token {
    token(
        &terminology::local_child(&plan.authority.code),
        &plan.local_id,
    )
}

fn nhs_number(child: &Child) -> Token {
    token(terminology::NHS_NUMBER, &child.nhs_number.reveal())
}

fn labels(labels: &[Term]) -> Vec<Token> {
    labels.iter().copied().map(term).collect()
}

fn term(term: Term) -> Token {
    token(term.system, term.code)
}

fn token(system: &str, code: &str) -> Token {
    Token {
        system: Some(system.to_owned()),
        code: code.to_owned(),
    }
}

#[cfg(test)]
#[path = "facets_rules.rs"]
mod rules;
