//! What we answer, byte for byte, as in `profiles/*/examples`: for readers, and for every other
//! test to compare with. `UPDATE_EXAMPLES=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fhirbolt::model::r4::Resource;
use uuid::uuid;

use crate::domain::access::Interaction;
use crate::domain::care_setting::CareSetting;
use crate::domain::notification::Notification;
use crate::domain::plan::PlanKind;
use crate::fhir::audit_event::audit_event;
use crate::fhir::bundle::{BatchAnswer, SearchMode, Searchset, batch_response};
use crate::fhir::care_plan::care_plan;
use crate::fhir::care_team::care_team;
use crate::fhir::communication::communication;
use crate::fhir::episode_of_care::episode_of_care;
use crate::fhir::flag::flag;
use crate::fhir::json::{to_text, to_value};
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, operation_outcome};
use crate::fhir::organization::organization;
use crate::fhir::patient::patient;
use crate::fhir::patient_flag::patient_flag;
use crate::fhir::samples::{self, BASE, SERVER, access, child, moment};
use crate::fhir::subscription::subscription;
use crate::fhir::subscription_notification::{Occasion, subscription_notification};
use crate::fhir::xml::Layout;

fn profiles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles")
}

fn a_flag(kind: PlanKind) -> Resource {
    Resource::Flag(Box::new(flag(&samples::plan(kind))))
}

fn an_episode(kind: PlanKind, now: &str) -> Resource {
    Resource::EpisodeOfCare(Box::new(episode_of_care(&samples::plan(kind), moment(now))))
}

fn a_care_team(kind: PlanKind, now: &str) -> Resource {
    Resource::CareTeam(Box::new(care_team(&samples::plan(kind), moment(now))))
}

fn a_care_plan(kind: PlanKind, now: &str) -> Resource {
    Resource::CarePlan(Box::new(care_plan(&samples::plan(kind), moment(now))))
}

fn a_patient_flag(kinds: &[PlanKind]) -> Resource {
    let plans: Vec<_> = kinds.iter().map(|kind| samples::plan(*kind)).collect();
    Resource::Flag(Box::new(patient_flag(&child(), &plans)))
}

fn an_access(interaction: Interaction, care_setting: CareSetting) -> Resource {
    let event = audit_event(&access(interaction, care_setting), &child(), SERVER);
    Resource::AuditEvent(Box::new(event))
}

fn an_authority() -> Resource {
    Resource::Organization(Box::new(organization(&samples::authority())))
}

fn told(notification: &Notification) -> Resource {
    Resource::Communication(Box::new(communication(notification, SERVER)))
}

fn a_subscription() -> Resource {
    Resource::Subscription(Box::new(subscription(&samples::subscription())))
}

fn sent(occasion: Occasion<'_>) -> Resource {
    let at = (
        uuid!("019aab3c-a168-7f01-8c66-5e7f8a9b0c01"),
        moment("2026-11-22T21:04:06.678Z"),
    );
    let made = samples::subscription();
    Resource::Bundle(Box::new(subscription_notification(
        &made, occasion, BASE, at,
    )))
}

fn a_subscription_event() -> Resource {
    let mut told = samples::notification();
    told.event_number = Some(42);
    sent(Occasion::Event(&told))
}

fn a_heartbeat() -> Resource {
    sent(Occasion::Heartbeat)
}

fn an_invalid_nhs_number() -> Resource {
    Resource::OperationOutcome(Box::new(operation_outcome(&[Issue {
        severity: Severity::Error,
        code: IssueType::Value,
        spine_code: Some(("INVALID_NHS_NUMBER", "Invalid NHS number")),
        diagnostics: "an NHS number is ten digits, of which the last checks the other nine".into(),
        expression: vec!["patient:identifier".into()],
    }])))
}

fn a_search_for_patient_flags(now: &str) -> Resource {
    let kind = PlanKind::ChildProtection;
    let page = Searchset {
        self_link: format!(
            "{BASE}/PatientFlag?patient=9990000026\
             &code=child-protection-information-system-flag&_type=Flag"
        ),
        next: None,
        total: 1,
        entries: vec![
            (SearchMode::Match, a_patient_flag(&[kind])),
            (SearchMode::Include, a_care_plan(kind, now)),
            (SearchMode::Include, a_care_team(kind, now)),
        ],
    };
    Resource::Bundle(Box::new(page.bundle(BASE)))
}

fn a_search(entries: Vec<(SearchMode, Resource)>, total: u32) -> Resource {
    let asked = "Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990000026";
    let page = Searchset {
        self_link: format!("{BASE}/{asked}&_include=Flag:author"),
        next: None,
        total,
        entries,
    };
    Resource::Bundle(Box::new(page.bundle(BASE)))
}

fn a_batch() -> Resource {
    let read = BatchAnswer {
        status: "200 OK".into(),
        resource: Some(a_flag(PlanKind::ChildProtection)),
        etag: Some("W/\"1\"".into()),
        last_modified: Some(moment("2026-01-12T06:30:00.250Z")),
        location: None,
    };
    let refused = BatchAnswer {
        status: "400 Bad Request".into(),
        resource: Some(an_invalid_nhs_number()),
        etag: None,
        last_modified: None,
        location: None,
    };
    Resource::Bundle(Box::new(batch_response(BASE, vec![read, refused])))
}

/// What local authorities are told.
fn examples_of_notified() -> [(&'static str, Resource); 6] {
    use samples::{notification, notification_of_end, notification_of_number};
    [
        ("Communication/access-to-service", told(&notification())),
        (
            "Communication/inactive-nhs-number",
            told(&notification_of_number()),
        ),
        ("Communication/plan-ended", told(&notification_of_end())),
        ("Subscription/rest-hook", a_subscription()),
        ("Bundle/subscription-event", a_subscription_event()),
        ("Bundle/subscription-heartbeat", a_heartbeat()),
    ]
}

fn examples() -> Vec<(&'static str, Resource)> {
    let of_children = examples_of_children().into_iter();
    of_children.chain(examples_of_notified()).collect()
}

fn examples_of_children() -> Vec<(&'static str, Resource)> {
    use PlanKind::{ChildProtection, LookedAfter, UnbornChildProtection};
    let found = vec![
        (SearchMode::Match, a_flag(ChildProtection)),
        (SearchMode::Include, an_authority()),
    ];
    let an_hour = "2026-11-22T21:00:00Z";
    vec![
        ("Flag/child-protection-plan", a_flag(ChildProtection)),
        ("Flag/looked-after-until-eighteen", a_flag(LookedAfter)),
        (
            "Flag/unborn-child-protection-plan",
            a_flag(UnbornChildProtection),
        ),
        (
            "EpisodeOfCare/planned",
            an_episode(UnbornChildProtection, "2026-09-30T12:00:00Z"),
        ),
        ("EpisodeOfCare/active", an_episode(LookedAfter, an_hour)),
        (
            "EpisodeOfCare/finished",
            an_episode(ChildProtection, "2027-02-01T12:00:00Z"),
        ),
        ("Flag/patient-flag", a_patient_flag(&PlanKind::ALL)),
        ("CareTeam/active", a_care_team(ChildProtection, an_hour)),
        (
            "CareTeam/inactive",
            a_care_team(ChildProtection, "2027-02-01T12:00:00Z"),
        ),
        (
            "CarePlan/draft",
            a_care_plan(UnbornChildProtection, "2026-09-30T12:00:00Z"),
        ),
        ("CarePlan/active", a_care_plan(LookedAfter, an_hour)),
        (
            "Bundle/patient-flag-with-its-plans",
            a_search_for_patient_flags(an_hour),
        ),
        (
            "AuditEvent/unscheduled-search",
            an_access(Interaction::Search, CareSetting::Unscheduled),
        ),
        (
            "AuditEvent/scheduled-read",
            an_access(Interaction::Read, CareSetting::Scheduled),
        ),
        (
            "Patient/child",
            Resource::Patient(Box::new(patient(&child()))),
        ),
        ("Organization/local-authority", an_authority()),
        ("Bundle/flag-with-its-author", a_search(found, 1)),
        ("Bundle/no-plan", a_search(Vec::new(), 0)),
        ("Bundle/batch-response", a_batch()),
        (
            "OperationOutcome/invalid-nhs-number",
            an_invalid_nhs_number(),
        ),
    ]
}

fn path(name: &str) -> PathBuf {
    let (folder, file) = name.split_once('/').unwrap();
    profiles()
        .join(folder)
        .join("examples")
        .join(format!("{file}.json"))
}

fn pretty(resource: &Resource) -> Vec<u8> {
    to_text(&to_value(resource).unwrap(), Layout::Pretty).unwrap()
}

#[test]
fn what_we_answer_is_what_the_examples_show() {
    for (name, resource) in examples() {
        let mut written = pretty(&resource);
        written.push(b'\n');
        let path = path(name);
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &written).unwrap();
        }
        let shown = fs::read(&path).unwrap_or_default();
        assert!(
            shown == written,
            "{name} differs: look at it after UPDATE_EXAMPLES=1 cargo test"
        );
    }
}

#[test]
fn every_example_is_one_we_answer() {
    let answered: BTreeSet<PathBuf> = examples().iter().map(|(name, _)| path(name)).collect();
    for resource in fs::read_dir(profiles()).unwrap() {
        let folder = resource.unwrap().path().join("examples");
        for example in fs::read_dir(folder).into_iter().flatten() {
            let example = example.unwrap().path();
            assert!(
                answered.contains(&example),
                "nothing answers {}",
                example.display()
            );
        }
    }
}

#[test]
fn whatever_we_answer_reads_back_the_same() {
    for (name, resource) in examples() {
        let written = pretty(&resource);
        let read: Resource = fhirbolt::json::from_slice(&written, None).unwrap();
        assert!(read == resource, "{name}");
    }
}
