//! A local authority's system subscribes, at the one endpoint that the operator registered, and is
//! sent a handshake, events and heartbeats: `create_subscription`, `read_subscription`,
//! `search_subscriptions`, `delete_subscription`, `subscription_status`.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use cpis_fhir::domain::channel::{Channel, RestHook};
use cpis_fhir::notifier::rest_hook::{Failure, RestHooks};
use cpis_fhir::outside::Reach;
use cpis_fhir::sandbox::role::SandboxRole::{
    LocalAuthority, NotifiedAuthority, SecondNotifiedAuthority,
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Answers, Received, Receiver, TestService, a_mailbox, a_plan, a_rest_hook,
    a_rest_hook_with, a_subscription, runtime, write_private,
};

const NUMBER: &str = "9990000026";

#[test]
fn a_subscription_begins_with_a_handshake_and_tells_events_in_full_with_their_numbers() {
    let (service, receiver) = (service(), Receiver::start());
    service.tell(&[a_plan()]);
    service.look(0, NUMBER);
    let made = service.subscribe(&receiver.url);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let location = format!("{}/Subscription/{id}", service.base);
    assert_eq!(made.header("location"), Some(location.as_str()));
    assert_eq!(made.json()["status"], "requested");
    service.look(1, NUMBER);
    service.work();
    let received = receiver.received();
    let occasions: Vec<&str> = received.iter().map(|one| one.occasion()).collect();
    assert_eq!(
        occasions,
        ["handshake", "event-notification", "event-notification"]
    );
    let numbers: Vec<&str> = received[1..].iter().map(|one| one.event_number()).collect();
    assert_eq!(numbers, ["1", "2"]);
    let sent = &received[1].bundle["entry"][1]["resource"];
    assert_eq!(sent["subject"]["identifier"]["value"], NUMBER);
    let pulled = service.pull(&format!("Communication/{}", sent["id"].as_str().unwrap()));
    assert_eq!(pulled.json()["about"], sent["about"]);
    let read = service.pull(&format!("Subscription/{id}"));
    assert_eq!(read.json()["status"], "active");
    let found = service.pull("Subscription?status=active");
    assert_eq!(found.matches(), [read.json()]);
    assert_eq!(service.pull("Subscription?status=error").total(), 0);
    let state = service.pull(&format!("Subscription/{id}/$status")).json();
    let parameters = state["entry"][0]["resource"]["parameter"]
        .as_array()
        .unwrap()
        .clone();
    let events = json!({ "name": "events-since-subscription-start", "valueString": "2" });
    assert!(parameters.contains(&events), "{state}");
}

#[test]
fn a_quiet_hour_is_told_by_a_heartbeat_and_a_busy_one_needs_none() {
    let (service, receiver) = (service(), Receiver::start());
    service.tell(&[a_plan()]);
    service.subscribe(&receiver.url);
    let heartbeats = || {
        let received = receiver.received();
        received
            .iter()
            .filter(|one| one.occasion() == "heartbeat")
            .count()
    };
    service.clock.advance(TimeDelta::seconds(3599));
    service.work();
    assert_eq!(heartbeats(), 0);
    service.clock.advance(TimeDelta::seconds(1));
    service.work();
    service.work();
    assert_eq!(heartbeats(), 1);
    service.clock.advance(TimeDelta::minutes(50));
    service.look(0, NUMBER);
    service.work();
    service.clock.advance(TimeDelta::minutes(50));
    service.work();
    assert_eq!(heartbeats(), 1);
    service.clock.advance(TimeDelta::minutes(10));
    service.work();
    assert_eq!(heartbeats(), 2);
}

#[test]
fn only_the_endpoint_that_the_operator_registered_can_be_subscribed_and_once() {
    let (service, receiver) = (service(), Receiver::start());
    let ask = |resource: &Value| service.post_as(NotifiedAuthority, "Subscription", resource);
    let refused = |answer: Answer| {
        let issue = answer.refusal(422, "INVALID_VALUE");
        assert_eq!(issue["expression"][0], "Subscription.channel.endpoint");
    };
    refused(ask(&a_subscription(&receiver.url)));
    service.set_channel("E90002", &a_rest_hook(&receiver.url));
    refused(ask(&a_subscription(&receiver.url)));
    service.set_channel("E90001", &a_mailbox("X26HC005"));
    refused(ask(&a_subscription(&receiver.url)));
    service.set_channel("E90001", &a_rest_hook(&receiver.url));
    for other in [
        "http://127.0.0.1:1/",
        "https://attacker.example/",
        "file:///etc/passwd",
    ] {
        refused(ask(&a_subscription(other)));
    }
    let upload = service.post_as(
        LocalAuthority,
        "Subscription",
        &a_subscription(&receiver.url),
    );
    upload.refusal(403, "ACCESS_DENIED");
    assert_eq!(service.number("select count(*) from subscriptions"), 0);
    assert_eq!(ask(&a_subscription(&receiver.url)).status, 201);
    ask(&a_subscription(&receiver.url)).refusal(409, "RESOURCE_VERSION_MISMATCH");
    let changes = "select kind || ' ' || changed_by from channel_changes order by id";
    assert_eq!(service.texts(changes).len(), 3);
}

#[test]
fn a_subscription_that_is_taken_away_or_whose_channel_is_gone_is_sent_nothing_and_owes_all() {
    let (service, receiver) = (service(), Receiver::start());
    service.tell(&[a_plan()]);
    let made = service.subscribe(&receiver.url).json();
    let path = format!("Subscription/{}", made["id"].as_str().unwrap());
    let delete = |role| {
        let bearer = format!("Bearer {}", service.token(role));
        service.ask("DELETE", &path, &[("authorization", &bearer)], b"")
    };
    service.set_channel("E90001", &Channel::Pull);
    service.look(0, NUMBER);
    assert_eq!(service.work(), 0);
    service.set_channel("E90001", &a_rest_hook(&receiver.url));
    assert_eq!(service.work(), 1);
    delete(SecondNotifiedAuthority).refusal(404, "RESOURCE_NOT_FOUND");
    assert_eq!(delete(NotifiedAuthority).status, 204);
    delete(NotifiedAuthority).refusal(404, "RESOURCE_NOT_FOUND");
    service.pull(&path).refusal(404, "RESOURCE_NOT_FOUND");
    service.look(1, NUMBER);
    assert_eq!(service.work(), 0);
    assert_eq!(service.pull("Communication?status=in-progress").total(), 1);
    assert_eq!(receiver.notifications().len(), 1);
    // A new one is sent what is owed, and counts its events from one.
    service.subscribe(&receiver.url);
    service.work();
    assert_eq!(receiver.received().last().unwrap().event_number(), "1");
}

#[test]
fn an_endpoint_is_opened_with_its_secret_and_without_one_that_is_named_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let service = TestService::with(|settings| {
        settings.sending.notifier_reaches_loopback = true;
        settings.sending.notifier_secrets_folder = Some(folder.path().to_owned());
    });
    service.set_channel("E90001", &a_rest_hook_with(&receiver.url, "northshire"));
    let made = service.post_as(
        NotifiedAuthority,
        "Subscription",
        &a_subscription(&receiver.url),
    );
    service.work();
    assert!(receiver.received().is_empty());
    let errors = "select error from subscriptions";
    assert_eq!(service.texts(errors), ["secret-missing"]);
    let secret = folder.path().join("northshire");
    write_private(&secret, "a-secret\n");
    fs::set_permissions(&secret, Permissions::from_mode(0o640)).unwrap();
    service.clock.advance(TimeDelta::minutes(1));
    service.work();
    assert!(receiver.received().is_empty());
    assert_eq!(service.texts(errors), ["secret-not-ours-alone"]);
    write_private(&secret, "a-secret\n");
    service.clock.advance(TimeDelta::minutes(1));
    service.work();
    let head = receiver.received()[0].head.clone();
    assert!(head.contains("authorization: bearer a-secret"), "{head}");
    assert!(!made.text.contains("secret"));
}

#[test]
fn an_endpoint_that_does_not_answer_the_handshake_is_told_as_an_error_and_tried_again() {
    let (service, receiver) = (service(), Receiver::start());
    receiver.answer(Answers::With(500));
    let made = service.subscribe(&receiver.url).json();
    let path = format!("Subscription/{}", made["id"].as_str().unwrap());
    let status = || {
        service.pull(&path).json()["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(status(), "requested");
    for _ in 0..2 {
        service.clock.advance(TimeDelta::minutes(15));
        service.work();
    }
    assert_eq!(status(), "error");
    assert_eq!(service.pull(&path).json()["error"], "server-error");
    // Nothing of a child goes to an endpoint that has not answered, however long it has not.
    service.tell(&[a_plan()]);
    service.flags(NUMBER);
    service.clock.advance(TimeDelta::minutes(15));
    service.work();
    receiver.answer(Answers::Well);
    service.clock.advance(TimeDelta::minutes(15));
    service.work();
    let received = receiver.received();
    let occasions: Vec<&str> = received.iter().map(Received::occasion).collect();
    let (event, handshakes) = occasions.split_last().unwrap();
    assert_eq!(*event, "event-notification");
    assert!(
        handshakes.iter().all(|one| *one == "handshake"),
        "{occasions:?}"
    );
    assert_eq!(status(), "active");
}

#[test]
fn no_address_but_a_public_one_is_spoken_to_and_no_redirect_is_followed() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let port = trap.local_addr().unwrap().port();
    let post = |url: &str, reach| {
        let Channel::RestHook(hook) = a_rest_hook(url) else {
            panic!("{url} is none");
        };
        post(&hook, reach)
    };
    for host in [
        "127.0.0.1",
        "localhost",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
    ] {
        let url = format!("https://{host}:{port}/");
        assert_eq!(
            post(&url, Reach::PUBLIC),
            Err(Failure("address-forbidden")),
            "{url}"
        );
    }
    let receiver = Receiver::start();
    for target in [
        format!("http://127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        receiver.answer(Answers::Moved(target.clone()));
        let ours = Reach {
            loopback: true,
            ..Reach::PUBLIC
        };
        let moved = post(&receiver.url, ours);
        assert_eq!(moved, Err(Failure("redirected")), "{target}");
    }
    assert!(trap.accept().is_err(), "somebody spoke to the trap");
}

fn post(hook: &RestHook, reach: Reach) -> Result<(), Failure> {
    let hooks = RestHooks {
        secrets: None,
        reach,
        timeout: std::time::Duration::from_secs(5),
    };
    runtime().block_on(hooks.post(hook, b"{}".to_vec()))
}

fn service() -> TestService {
    TestService::with(|settings| settings.sending.notifier_reaches_loopback = true)
}
