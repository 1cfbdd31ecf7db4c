//! The rules of what mailboxes are told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{NotificationWorkflows, WorkflowId};
use crate::domain::channel::Mailbox;
use crate::domain::notification::Notification;
use crate::fhir::samples::{
    BASE, authority, moment, notification, notification_of_end, notification_of_number,
};
use crate::notifier::windows::Window;

fn workflows() -> NotificationWorkflows {
    NotificationWorkflows {
        accesses: WorkflowId::of("CPIS_ASN"),
        numbers: WorkflowId::of("CPIS_INACTIVE_NHS_NUMBER"),
        plan_ends: WorkflowId::of("CPIS_PLAN_END"),
    }
}

fn window(notifications: Vec<Notification>) -> Window {
    Window {
        authority: authority(),
        mailbox: Mailbox::parse("X26HC005").unwrap(),
        from: moment("2026-11-22T21:00:00Z"),
        until: moment("2026-11-22T21:15:00Z"),
        notifications,
    }
}

#[test]
fn each_kind_goes_in_its_own_message_and_nothing_of_a_kind_in_none_but_that_of_accesses() {
    let all = window(vec![
        notification(),
        notification_of_number(),
        notification_of_end(),
    ]);
    let workflows = workflows();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let accesses = text(&workflows.of_accesses(&all).bytes);
    assert!(
        accesses.contains("pertinentTotalReturnedRecords><value value=\"1\""),
        "{accesses}"
    );
    let numbers = workflows.of_numbers(&all).unwrap();
    assert_eq!(numbers.workflow.as_str(), "CPIS_INACTIVE_NHS_NUMBER");
    let said = text(&numbers.bytes);
    assert_eq!(said.matches("<pDSInactivePatient>").count(), 1, "{said}");
    assert!(
        said.contains("9990000026") && said.contains("9990000034"),
        "{said}"
    );
    let ends = workflows.of_plan_ends(&all, BASE).unwrap().unwrap();
    assert_eq!(ends.workflow.as_str(), "CPIS_PLAN_END");
    let said: serde_json::Value = serde_json::from_slice(&ends.bytes).unwrap();
    assert_eq!(said.pointer("/type").unwrap(), "collection");
    let resources = said.pointer("/entry").unwrap().as_array().unwrap().len();
    assert_eq!(resources, 1);
    let quiet = window(Vec::new());
    let accesses = text(&workflows.of_accesses(&quiet).bytes);
    assert!(accesses.contains("value value=\"0\""), "{accesses}");
    assert!(workflows.of_numbers(&quiet).is_none());
    assert!(workflows.of_plan_ends(&quiet, BASE).unwrap().is_none());
}

#[test]
fn what_is_told_again_has_the_same_id_and_whatever_else_is_told_has_another() {
    let workflows = workflows();
    let id = |told: Vec<Notification>| workflows.of_numbers(&window(told)).unwrap().id;
    let first = id(vec![notification_of_number()]);
    assert_eq!(id(vec![notification(), notification_of_number()]), first);
    let both = vec![notification_of_number(), notification_of_number()];
    assert_ne!(id(both), first);
    let all = window(vec![notification_of_number()]);
    assert_ne!(workflows.of_accesses(&all).id, first);
}

#[test]
fn the_same_window_sent_later_is_the_same_message_and_in_another_mailbox_it_is_another() {
    let workflows = workflows();
    let id = |window: &Window| workflows.of_accesses(window).id;
    let first = window(vec![notification()]);
    let later = Window {
        until: moment("2026-11-22T21:30:00Z"),
        ..first.clone()
    };
    assert_eq!(id(&later), id(&first));
    let next = Window {
        from: moment("2026-11-22T21:15:00Z"),
        ..first.clone()
    };
    let elsewhere = Window {
        mailbox: Mailbox::parse("X26HC006").unwrap(),
        ..first.clone()
    };
    for other in [next, elsewhere] {
        assert_ne!(id(&other), id(&first));
    }
}
