//! Endpoints that lie, tear and drip, or are down for long: nothing is lost, and nothing is taken
//! for delivered that was not (`notifier`).

use std::time::Duration;

use chrono::TimeDelta;
use cpis_fhir::sandbox::role::SandboxRole::NotifiedAuthority;

use crate::support::{Answers, Receiver, TestService, a_plan};

const CHILDREN: [&str; 2] = ["9990000026", "9990000034"];

fn subscribed() -> (TestService, Receiver) {
    let receiver = Receiver::start();
    let service = TestService::with(|settings| {
        settings.sending.notifier_reaches_loopback = true;
        settings.sending.notifier_timeout_seconds = 1;
    });
    service.tell(&CHILDREN.map(|child| a_plan().child(child).local_id(child)));
    service.subscribe(&receiver.url);
    (service, receiver)
}

fn owed(service: &TestService) -> i64 {
    service.number(
        "select count(*) from notifications where delivered_at is null and failed_at is null",
    )
}

#[test]
fn by_default_a_notification_outlasts_an_endpoint_that_is_down_over_a_long_weekend() {
    let (service, receiver) = subscribed();
    receiver.answer(Answers::With(503));
    service.look(0, CHILDREN[0]);
    for _ in 0..3 * 24 * 4 {
        service.work();
        service.clock.advance(TimeDelta::minutes(15));
    }
    assert!(receiver.notifications().len() > 100);
    assert_eq!(owed(&service), 1);
    receiver.answer(Answers::Well);
    service.clock.advance(TimeDelta::minutes(15));
    service.work();
    assert_eq!(owed(&service), 0);
    assert_eq!(service.pull("Communication?status=completed").total(), 1);
}

#[test]
fn every_success_and_nothing_else_is_taken_for_delivered() {
    let (service, receiver) = subscribed();
    let mut looks = 0..;
    for status in [200, 201, 202, 204, 299] {
        receiver.answer(Answers::With(status));
        service.look(looks.next().unwrap(), CHILDREN[0]);
        service.work();
        assert_eq!(owed(&service), 0, "{status}");
    }
    service.look(looks.next().unwrap(), CHILDREN[0]);
    for status in [300, 304, 307, 399, 400, 401, 410, 429, 500, 599] {
        receiver.answer(Answers::With(status));
        service.clock.advance(TimeDelta::minutes(16));
        service.work();
        assert_eq!(owed(&service), 1, "{status}");
    }
}

#[test]
fn an_answer_that_is_torn_counts_only_where_its_status_was_a_success() {
    let (service, receiver) = subscribed();
    service.look(0, CHILDREN[0]);
    for torn in [
        &["HTTP/1.1 20"][..],
        &["HTTP/1.1 200 A\r\ncontent-le"],
        &["HTTP/1.1 100 Continue\r\n\r\n"],
        &["200 A\r\n\r\n"],
        &["\u{0}\u{1}\u{2}\r\n\r\n"],
        &[],
    ] {
        receiver.answer(Answers::Bit(torn, Duration::ZERO));
        service.clock.advance(TimeDelta::minutes(16));
        service.work();
        assert_eq!(owed(&service), 1, "{torn:?}");
    }
    let torn = &["HTTP/1.1 200 A\r\ncontent-length: 900\r\n\r\nThis is"];
    receiver.answer(Answers::Bit(torn, Duration::ZERO));
    service.clock.advance(TimeDelta::minutes(16));
    service.work();
    assert_eq!(owed(&service), 0);
    let sent = receiver.notifications();
    assert!(sent.iter().all(|id| *id == sent[0]), "{sent:?}");
}

#[test]
fn an_answer_that_drips_is_left_after_its_time_and_holds_up_no_other_child_for_long() {
    let (service, receiver) = subscribed();
    service.look(0, CHILDREN[0]);
    service.look(1, CHILDREN[1]);
    let drips = &[
        "H", "T", "T", "P", "/", "1", ".", "1", " ", "2", "0", "0", " ",
    ];
    receiver.answer(Answers::Bit(drips, Duration::from_millis(400)));
    service.work();
    let failed = "select distinct last_error from notifications where last_error is not null";
    assert_eq!(service.texts(failed), ["timed-out"]);
    assert_eq!(owed(&service), 2);
    receiver.answer(Answers::Well);
    service.clock.advance(TimeDelta::minutes(16));
    service.work();
    assert_eq!(owed(&service), 0);
}

#[test]
fn what_an_endpoint_took_and_forgot_can_be_pulled_whole_and_in_order() {
    let (service, receiver) = subscribed();
    for number in 0..6 {
        service.look(number, CHILDREN[usize::try_from(number).unwrap() % 2]);
    }
    service.work();
    assert_eq!(owed(&service), 0);
    let queued = service.texts("select id::text from notifications order by transaction_id, id");
    assert_eq!(service.pull("Communication").ids(), queued);
    let mut sent = receiver.notifications();
    sent.sort_unstable();
    let mut all = queued;
    all.sort_unstable();
    assert_eq!(sent, all);
}

#[test]
fn an_endpoint_in_error_is_found_well_again_though_nothing_happens() {
    let (service, receiver) = subscribed();
    service.execute("update subscriptions set heartbeat_seconds = null");
    receiver.answer(Answers::Cut);
    service.look(0, CHILDREN[0]);
    for _ in 0..3 {
        service.clock.advance(TimeDelta::minutes(15));
        service.work();
    }
    let status = || service.texts("select status from subscriptions").remove(0);
    assert_eq!(status(), "error");
    let told = service.told();
    service.acknowledge(NotifiedAuthority, &[&told[0]]);
    receiver.answer(Answers::Well);
    service.clock.advance(TimeDelta::minutes(15));
    service.work();
    assert_eq!(status(), "active");
}
