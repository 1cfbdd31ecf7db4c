//! What authorities are told beside accesses: of NHS numbers that are in use no longer, and of
//! plans whose end the service works out.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::notifier::rest_hook::Failure;
use cpis_fhir::notifier::sending::Notifier;
use cpis_fhir::notifier::windows::{Mailboxes, Window};
use cpis_fhir::sandbox::role::SandboxRole::{NotifiedAuthority, SecondNotifiedAuthority};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{
    Answers, Monitoring, Pds, Receiver, TestService, a_mailbox, a_plan, runtime, work,
};

pub const OLD: &str = "9990000026";
pub const NEW: &str = "9990000131";
const ADA: (&str, &[&str], &str) = ("Okonkwo", &["Ada", "Grace"], "2015-04-01");

/// A service with a plan of a child, whose number is traced again after eight days.
pub fn service_of(pds: &Pds) -> TestService {
    pds.knows(OLD, OLD, ADA);
    let service = TestService::with(|settings| {
        settings.matching = pds.settings();
        settings.sending.notifier_reaches_loopback = true;
    });
    service.tell(&[a_plan()]);
    service.clock.advance(TimeDelta::days(9));
    service
}

/// The child's number is replaced.
pub fn replace(service: &TestService, pds: &Pds) {
    pds.knows(OLD, NEW, ADA);
    pds.knows(NEW, NEW, ADA);
    assert_eq!(service.follow_numbers().unwrap().replaced, 1);
    service.settle();
}

fn topic(told: &Value) -> &str {
    told["topic"]["coding"][0]["code"].as_str().unwrap()
}

fn owed(service: &TestService) -> i64 {
    let owed =
        "select count(*) from notifications where delivered_at is null and failed_at is null";
    service.number(owed)
}

#[test]
fn a_replaced_number_is_pulled_with_the_new_one_read_and_acknowledged_like_any_notification() {
    let pds = Pds::new();
    let service = service_of(&pds);
    replace(&service, &pds);
    let told = service.told().remove(0);
    assert_eq!(topic(&told), "inactive-nhs-number");
    assert_eq!(told["subject"]["identifier"]["value"], OLD);
    assert!(told["subject"]["reference"].is_null());
    assert_eq!(told["about"][0]["identifier"]["value"], NEW);
    assert_eq!(told["about"][1]["identifier"]["value"], "H-1");
    let read = service.pull(&format!("Communication/{}", told["id"].as_str().unwrap()));
    assert_eq!(read.json(), told);
    let counted = Monitoring::of(&service).scrape();
    assert_eq!(counted.told("cpis_notifications_owed"), 1.0);
    service.acknowledge(NotifiedAuthority, &[&told]);
    assert_eq!(service.told()[0]["status"], "completed");
    assert_eq!(owed(&service), 0);
}

#[test]
fn a_number_that_no_other_replaced_is_told_without_one_and_leads_to_nobody() {
    let pds = Pds::new();
    let service = service_of(&pds);
    pds.has_invalidated(OLD);
    assert_eq!(service.follow_numbers().unwrap().inactive, 1);
    let told = service.told().remove(0);
    assert_eq!(topic(&told), "inactive-nhs-number");
    let about = told["about"].as_array().unwrap();
    let systems: Vec<&str> = about
        .iter()
        .map(|about| about["identifier"]["system"].as_str().unwrap())
        .collect();
    assert!(
        !systems.contains(&"https://fhir.nhs.uk/Id/nhs-number"),
        "{systems:?}"
    );
    let words = told["payload"][0]["contentString"].as_str().unwrap();
    assert!(!words.contains("999"), "{words}");
}

#[test]
fn a_rest_hook_is_sent_a_number_after_the_accesses_before_it_and_once() {
    let pds = Pds::new();
    let service = service_of(&pds);
    let receiver = Receiver::start();
    service.subscribe(&receiver.url);
    service.look(0, OLD);
    service.clock.advance(TimeDelta::seconds(1));
    replace(&service, &pds);
    service.work();
    let queued = service.texts("select id::text from notifications order by transaction_id, id");
    assert_eq!(receiver.notifications(), queued);
    assert_eq!(queued.len(), 2);
    assert_eq!(owed(&service), 0);
    assert_eq!(topic(&service.told()[1]), "inactive-nhs-number");
}

#[test]
fn a_notifier_killed_between_sending_a_number_and_marking_it_sends_it_again_under_the_same_id() {
    let pds = Pds::new();
    let service = service_of(&pds);
    let receiver = Receiver::start();
    service.subscribe(&receiver.url);
    replace(&service, &pds);
    let before = receiver.received().len();
    // Long enough for the worker to be lost before it hears the answer.
    receiver.answer(Answers::Late(Duration::from_secs(2)));
    runtime().block_on(async {
        let notifier = Arc::clone(&service.notifier);
        let worker = tokio::spawn(async move { notifier.work().await });
        let arrived = async {
            while receiver.received().len() == before && !worker.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), arrived)
            .await
            .unwrap();
        worker.abort();
    });
    receiver.answer(Answers::Well);
    assert_eq!(owed(&service), 1);
    // Nobody else sends it while the lost worker may still be at it.
    service.work();
    assert_eq!(receiver.notifications().len(), 1);
    let lease = service.notifier.rule.lease;
    service.clock.advance(lease + TimeDelta::seconds(1));
    service.work();
    let sent = receiver.notifications();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    assert_eq!(owed(&service), 0);
}

/// A transport that takes everything.
#[derive(Default)]
struct Kept(Mutex<Vec<Window>>);

impl Mailboxes for Kept {
    fn send(&self, window: &Window) -> Result<Uuid, Failure> {
        self.0.lock().unwrap().push(window.clone());
        Ok(Uuid::nil())
    }
}

#[test]
fn a_mailbox_is_told_of_a_number_in_the_window_in_which_it_was_noticed() {
    let pds = Pds::new();
    let service = service_of(&pds);
    service.set_channel("E90001", &a_mailbox("X26HC005"));
    replace(&service, &pds);
    let kept = Arc::new(Kept::default());
    let mut notifier = Notifier::clone(&service.notifier);
    notifier.mailboxes = Some(kept.clone());
    service.clock.advance(TimeDelta::minutes(15));
    assert_eq!(work(&notifier), 1);
    let windows = kept.0.lock().unwrap().clone();
    let ids: Vec<String> = windows[0]
        .notifications
        .iter()
        .map(|told| told.id.to_string())
        .collect();
    assert_eq!(ids, service.texts("select id::text from notifications"));
    assert_eq!(owed(&service), 0);
}

#[test]
fn a_plan_that_ends_because_the_child_is_eighteen_is_told_once_in_however_many_processes() {
    let service = TestService::new();
    let born = "2008-11-24";
    service.tell(&[
        a_plan().born(born),
        a_plan().born(born).kind("CLA").until("2026-11-23"),
        a_plan()
            .child("9990000042")
            .local_id("H-2")
            .kind("UCPP")
            .born(born)
            .until("2026-11-24"),
        a_plan()
            .child("9990000034")
            .local_id("H-3")
            .born("2008-11-25"),
    ]);
    service.clock.advance(TimeDelta::days(1));
    assert_eq!(service.tell_of_ends(), 0);
    // Half past midnight in London, where it is the birthday.
    service.clock.set("2026-11-24T00:30:00Z".parse().unwrap());
    let told: usize = thread::scope(|threads| {
        let processes = [(); 3].map(|()| threads.spawn(|| service.tell_of_ends()));
        processes
            .into_iter()
            .map(|process| process.join().unwrap())
            .sum()
    });
    assert_eq!(told, 1);
    service.clock.advance(TimeDelta::hours(6));
    assert_eq!(service.tell_of_ends(), 0);
    let told = service.told().remove(0);
    assert_eq!(
        (topic(&told), told["sent"].as_str()),
        ("plan-ended", Some("2026-11-24T00:30:00.000Z"))
    );
    let plan = &told["contained"][0];
    assert_eq!(plan["period"]["end"], "2026-11-24");
    assert_eq!(plan["type"][0]["coding"][0]["code"], "342191000000101");
    let shown = service.flags(OLD);
    let held = told["about"][0]["reference"].as_str().unwrap();
    let held = held.strip_prefix("EpisodeOfCare/").unwrap();
    assert!(shown.iter().any(|flag| flag["id"] == held), "{held}");
}

#[test]
fn a_date_of_birth_that_one_authority_corrects_moves_the_ends_of_anothers_plans_at_once() {
    let pds = Pds::new();
    pds.knows(OLD, OLD, ADA);
    let service = TestService::with(|settings| settings.matching = pds.settings());
    let theirs = a_plan().of("E90002").local_id("S-1");
    service.tell(&[
        theirs.clone(),
        theirs.clone().kind("CLA").until("2026-12-31"),
    ]);
    service.clock.advance(TimeDelta::days(60));
    let corrected = ("Okonkwo", &["Ada", "Grace"][..], "2009-02-01");
    pds.knows(OLD, OLD, corrected);
    service.tell(&[a_plan().born("2009-02-01").from("2026-12-01")]);
    let ends = "select a.code || ' ' || p.kind || ' ' || p.version || ' ' || p.effective_end_date \
                from plans p join authorities a on a.id = p.authority_id order by 1";
    let moved = [
        "E90001 CPP 1 2027-02-01",
        "E90002 CLA 1 2026-12-31",
        "E90002 CPP 2 2027-02-01",
    ];
    assert_eq!(service.texts(ends), moved);
    let kept = "select effective_end_date::text from plan_versions";
    assert_eq!(service.texts(kept), ["2033-04-01"]);
    service.settle();
    let told = |role| {
        let answer = service.get_as(&service.token(role), "Communication");
        answer.matches()
    };
    assert!(told(NotifiedAuthority).is_empty());
    let [moved] = <[Value; 1]>::try_from(told(SecondNotifiedAuthority)).unwrap();
    assert_eq!(topic(&moved), "plan-end-moved");
    assert_eq!(moved["contained"][0]["period"]["end"], "2027-02-01");
    assert_eq!(moved["about"][2]["identifier"]["value"], "S-1");
    // The same file again moves nothing, and the birthday itself is told when it comes.
    service.tell(&[a_plan().born("2009-02-01").from("2026-12-01")]);
    service.clock.set("2027-02-01T12:00:00Z".parse().unwrap());
    assert_eq!(service.tell_of_ends(), 2);
}

#[test]
fn a_corrected_date_of_birth_before_which_anothers_plan_ended_ends_it_where_it_began() {
    let pds = Pds::new();
    pds.knows(OLD, OLD, ADA);
    let service = TestService::with(|settings| settings.matching = pds.settings());
    service.tell(&[a_plan().of("E90002").local_id("S-1").from("2026-11-01")]);
    service.clock.advance(TimeDelta::days(60));
    let corrected = ("Okonkwo", &["Ada", "Grace"][..], "2008-06-01");
    pds.knows(OLD, OLD, corrected);
    service.tell(&[a_plan().born("2008-06-01")]);
    let ends = "select p.effective_end_date::text from plans p order by p.start_date";
    assert_eq!(service.texts(ends), ["2026-06-01", "2026-11-01"]);
}

#[test]
fn an_authority_is_told_of_its_own_plans_that_its_file_moved_without_naming_them() {
    let service = TestService::new();
    service.tell(&[a_plan(), a_plan().kind("CLA").local_id("H-9")]);
    service.tell(&[a_plan().born("2009-02-01")]);
    let told = service.told();
    let named: Vec<(&str, &Value)> = told
        .iter()
        .map(|told| (topic(told), &told["about"][2]["identifier"]["value"]))
        .collect();
    assert_eq!(named, [("plan-end-moved", &Value::from("H-9"))]);
}
