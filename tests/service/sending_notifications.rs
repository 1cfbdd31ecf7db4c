//! What is owed is sent to the endpoint that the operator registered until it arrives, once in
//! effect, a child's in order, whatever the endpoint does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;

use crate::support::{Answers, Monitoring, Receiver, TestService, a_plan, runtime, work};

const NUMBER: &str = "9990000026";
const CHILDREN: [&str; 3] = ["9990000026", "9990000034", "9990000042"];

/// How many times the notifier is killed; a proof at full size is
/// `CPIS_KILLS=1000 cargo test --test service a_notifier_killed`.
const KILLS: u32 = 25;

#[test]
fn two_notifiers_side_by_side_send_each_notification_once() {
    let (service, receiver) = subscribed();
    for number in 0..30 {
        service.look(number, child(number));
    }
    thread::scope(|threads| {
        for _ in 0..2 {
            let notifier = Arc::clone(&service.notifier);
            threads.spawn(move || work(&notifier));
        }
    });
    let sent = receiver.notifications();
    let once: BTreeSet<&String> = sent.iter().collect();
    assert_eq!((sent.len(), once.len()), (30, 30));
    assert_in_order(&service, &receiver);
    assert_eq!(owed(&service), 0);
}

#[test]
fn a_notifier_killed_between_send_and_mark_sends_again_under_the_same_id_and_loses_nothing() {
    let kills = std::env::var("CPIS_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let (service, receiver) = subscribed();
    let lease = service.notifier.rule.lease;
    for kill in 0..kills {
        if kill % 2 == 0 {
            service.look(kill, child(kill));
        }
        runtime().block_on(async {
            let notifier = Arc::clone(&service.notifier);
            let before = receiver.received().len();
            let worker = tokio::spawn(async move { notifier.work().await });
            // The endpoint has the notification; that it answers is no longer heard.
            let arrived = async {
                while receiver.received().len() == before && !worker.is_finished() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            let in_time = tokio::time::timeout(Duration::from_secs(60), arrived);
            in_time.await.unwrap();
            worker.abort();
        });
        service.clock.advance(lease + TimeDelta::seconds(1));
    }
    service.work();
    let mut numbers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for received in receiver.received() {
        if let Some(id) = received.notification() {
            let number = received.event_number().to_owned();
            numbers.entry(id.to_owned()).or_default().insert(number);
        }
    }
    let queued = service.texts("select id::text from notifications order by 1");
    assert_eq!(numbers.keys().cloned().collect::<Vec<_>>(), queued);
    assert!(numbers.values().all(|numbers| numbers.len() == 1));
    let different: BTreeSet<&BTreeSet<String>> = numbers.values().collect();
    assert_eq!(
        different.len(),
        queued.len(),
        "event numbers are not used twice"
    );
    let sent = receiver.notifications().len();
    assert!(sent > queued.len(), "{sent} sendings of {}", queued.len());
    assert_eq!(owed(&service), 0);
    assert_in_order(&service, &receiver);
}

#[test]
fn an_endpoint_that_is_down_for_a_day_is_sent_everything_once_it_is_back() {
    let (service, receiver) = subscribed();
    let ways = [
        Answers::With(500),
        Answers::Cut,
        Answers::With(503),
        Answers::With(404),
        Answers::Moved("http://169.254.169.254/latest/meta-data".into()),
    ];
    for hour in 0..24 {
        receiver.answer(ways[hour % ways.len()].clone());
        let number = u32::try_from(hour).unwrap();
        service.look(number, CHILDREN[hour % CHILDREN.len()]);
        for _ in 0..4 {
            service.work();
            service.clock.advance(TimeDelta::minutes(15));
        }
    }
    assert_eq!(owed(&service), 24);
    assert_eq!(subscription_status(&service), "error");
    receiver.answer(Answers::Well);
    for _ in 0..4 {
        service.clock.advance(TimeDelta::minutes(15));
        service.work();
    }
    assert_eq!(owed(&service), 0);
    assert_eq!(subscription_status(&service), "active");
    let came: BTreeSet<String> = receiver.notifications().into_iter().collect();
    assert_eq!(came.len(), 24);
    assert_in_order(&service, &receiver);
}

#[test]
fn an_endpoint_that_answers_too_late_has_it_twice_under_one_id() {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| {
        settings.sending.notifier_reaches_loopback = true;
        settings.sending.notifier_timeout_seconds = 1;
    });
    service.tell(&[a_plan()]);
    service.subscribe(&receiver.url);
    service.look(0, NUMBER);
    receiver.answer(Answers::Late(Duration::from_millis(2500)));
    service.work();
    assert_eq!(owed(&service), 1);
    let failed = "select last_error from notifications";
    assert_eq!(service.texts(failed), ["timed-out"]);
    receiver.answer(Answers::Well);
    service.clock.advance(TimeDelta::minutes(1));
    service.work();
    let sent = receiver.notifications();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    assert_eq!(owed(&service), 0);
}

#[test]
fn whatever_an_endpoint_says_beside_its_status_is_not_looked_at_and_all_can_still_be_pulled() {
    let (service, receiver) = subscribed();
    receiver.answer(Answers::Garbage);
    service.look(0, NUMBER);
    service.work();
    assert_eq!(owed(&service), 0);
    let told = service.told();
    assert_eq!(told[0]["status"], "completed");
    assert_eq!(receiver.notifications(), [told[0]["id"].as_str().unwrap()]);
}

#[test]
fn a_later_notification_of_a_child_waits_for_the_earlier_and_another_childs_does_not() {
    let (service, receiver) = subscribed();
    service.look(0, NUMBER);
    receiver.answer(Answers::With(500));
    service.work();
    receiver.answer(Answers::Well);
    service.look(1, NUMBER);
    service.look(2, CHILDREN[1]);
    // The endpoint is tried again before the first notification is due again.
    service.execute(
        "update notifications set next_attempt_at = now() + interval '100 years' \
         where attempts > 0; update subscriptions set next_attempt_at = null",
    );
    service.work();
    let queued = service.texts("select id::text from notifications order by transaction_id, id");
    assert_eq!(
        receiver.notifications(),
        [queued[0].clone(), queued[2].clone()]
    );
    service.execute("update notifications set next_attempt_at = null");
    service.work();
    let sent = receiver.notifications();
    assert_eq!(sent[2..], [queued[0].clone(), queued[1].clone()]);
}

#[test]
fn what_is_given_up_is_seen_by_the_operator_lets_the_next_pass_and_is_sent_again_on_demand() {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| {
        settings.sending.notifier_reaches_loopback = true;
        settings.sending.notifier_attempts_max = 2;
    });
    service.tell(&[a_plan()]);
    service.subscribe(&receiver.url);
    service.look(0, NUMBER);
    service.look(1, NUMBER);
    receiver.answer(Answers::With(500));
    for _ in 0..2 {
        service.work();
        service.clock.advance(TimeDelta::minutes(15));
    }
    assert_eq!(owed(&service), 1);
    let told = Monitoring::of(&service).scrape();
    assert_eq!(told.told("cpis_notifications_given_up"), 1.0);
    assert_eq!(service.told()[0]["status"], "stopped");
    receiver.answer(Answers::Well);
    service.work();
    assert_eq!(owed(&service), 0);
    assert_eq!(service.told()[1]["status"], "completed");
    service.execute("update notifications set failed_at = null, attempts = 0");
    service.work();
    assert_eq!(service.told()[0]["status"], "completed");
}

/// One of the children, by turns.
fn child(turn: u32) -> &'static str {
    CHILDREN[usize::try_from(turn).unwrap() % CHILDREN.len()]
}

/// A service whose first authority has subscribed, with children to look at.
fn subscribed() -> (TestService, Receiver) {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| settings.sending.notifier_reaches_loopback = true);
    let plans = CHILDREN.map(|child| a_plan().child(child).local_id(child));
    service.tell(&plans);
    service.subscribe(&receiver.url);
    (service, receiver)
}

fn owed(service: &TestService) -> i64 {
    service.number(
        "select count(*) from notifications where delivered_at is null and failed_at is null",
    )
}

fn subscription_status(service: &TestService) -> String {
    service.texts("select status from subscriptions").remove(0)
}

/// Of no child was a notification first received after a later one.
fn assert_in_order(service: &TestService, receiver: &Receiver) {
    let sent = receiver.notifications();
    let first = |id: &str| sent.iter().position(|sent| sent == id).unwrap();
    for child in CHILDREN {
        let queued = service.texts(&format!(
            "select id::text from notifications where nhs_number = {child} \
             order by transaction_id, id"
        ));
        let places: Vec<usize> = queued.iter().map(|id| first(id)).collect();
        assert!(places.is_sorted(), "{child}: {places:?}");
    }
}
