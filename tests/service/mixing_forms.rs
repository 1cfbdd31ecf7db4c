//! What one form told is read, changed and notified of like what another told: files, and plans
//! written one by one.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use cpis_fhir::notifier::rest_hook::Failure;
use cpis_fhir::notifier::sending::Notifier;
use cpis_fhir::notifier::windows::{Mailboxes, Window};
use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Receiver, TestService, a_mailbox, a_plan, file, work};

const NUMBER: &str = "9990000026";

#[test]
fn a_plan_that_was_written_by_itself_is_read_back_and_compared_like_one_of_a_file() {
    let service = TestService::new();
    service.tell(&[a_plan().local_id("H-1")]);
    service.created(&a_plan().child("9990000034").local_id("H-2"));
    let held = service.ask_as(LocalAuthority, "GET", "$held-plans", "");
    assert_eq!(held.status, 200, "{}", held.text);
    let numbers: Vec<(String, String)> = held
        .csv()
        .into_iter()
        .skip(1)
        .map(|line| (line[2].clone(), line[13].clone()))
        .collect();
    let told = |local_id: &str, number: &str| (local_id.to_owned(), number.to_owned());
    assert_eq!(numbers, [told("H-1", "1"), told("H-2", "")]);
    let whole = file(2, &[a_plan().local_id("H-1")]);
    let compared = service.ask_as(LocalAuthority, "POST", "$compare-plans", &whole);
    assert_eq!(compared.status, 200, "{}", compared.text);
    assert_eq!(compared.csv().len(), 3, "{}", compared.text);
}

#[test]
fn a_look_at_a_plan_that_was_written_by_itself_is_pulled_with_the_id_of_its_upload() {
    let service = TestService::new();
    service.created(&a_plan());
    service.flags(NUMBER);
    let told = service.told();
    assert_eq!(told.len(), 1);
    let about = told[0]["about"].as_array().unwrap();
    assert_eq!(about.len(), 4, "{about:?}");
    let upload = service.texts("select id::text from uploads").remove(0);
    let named = about[3]["identifier"]["value"].as_str();
    assert_eq!(named, Some(upload.as_str()));
}

#[test]
fn a_look_at_a_plan_that_was_written_by_itself_is_sent_to_its_authority_and_holds_up_no_other() {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| settings.sending.notifier_reaches_loopback = true);
    service.created(&a_plan());
    service.tell(&[a_plan().child("9990000034").local_id("H-2")]);
    service.subscribe(&receiver.url);
    service.look(0, NUMBER);
    service.look(1, "9990000034");
    service.work();
    assert_eq!(receiver.notifications().len(), 2);
    let owed = "select count(*) from notifications where delivered_at is null";
    assert_eq!(service.number(owed), 0);
}

/// A transport that keeps what it is given.
#[derive(Default)]
struct Kept(Mutex<Vec<Window>>);

impl Mailboxes for Kept {
    fn send(&self, window: &Window) -> Result<Uuid, Failure> {
        self.0.lock().unwrap().push(window.clone());
        Ok(Uuid::nil())
    }
}

#[test]
fn a_look_at_a_plan_that_was_written_by_itself_is_told_to_its_authoritys_mailbox() {
    let service = TestService::new();
    service.created(&a_plan());
    service.set_channel("E90001", &a_mailbox("X26HC005"));
    let kept = Arc::new(Kept::default());
    let mut notifier = Notifier::clone(&service.notifier);
    notifier.mailboxes = Some(kept.clone());
    service.look(0, NUMBER);
    service.clock.advance(TimeDelta::minutes(15));
    assert_eq!(work(&notifier), 1);
    let windows = kept.0.lock().unwrap();
    assert_eq!(windows[0].notifications.len(), 1);
    assert_eq!(windows[0].notifications[0].upload_sequence, None);
}

#[test]
fn an_authority_finds_what_it_wrote_by_itself_among_what_is_held_for_it() {
    let service = TestService::new();
    service.created(&a_plan());
    let found = service.ask_as(
        LocalAuthority,
        "GET",
        "EpisodeOfCare?organization:identifier=E90001",
        "",
    );
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(
        found.matches().first().map(|one| &one["status"]),
        Some(&Value::from("active"))
    );
}
