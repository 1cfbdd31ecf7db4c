//! Public keys that are had from a URL: they are followed as they change, for no longer than they
//! are trusted, and on nobody's word but the operator's.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use cpis_fhir::domain::channel::Endpoint;
use cpis_fhir::domain::client::ClientKeys;
use cpis_fhir::identity::{Algorithm, SigningKey};
use rustix::net::sockopt::set_socket_linger;
use serde_json::json;

use crate::support::{
    Answer, KeyServer, Monitoring, Published, TestService, a_client, key_set, runtime, wait_until,
};

const SEARCH: &str = "Flag?patient=9990000018";

/// A service that follows the keys at a URL.
fn following(url: &str, reaches_loopback: bool) -> TestService {
    let url = Endpoint::parse(url).unwrap();
    TestService::with(|settings| {
        settings.token_keys_file = None;
        settings.key_sets.token_keys_url = Some(url);
        settings.key_sets.key_sets_timeout_seconds = 1;
        settings.sending.notifier_reaches_loopback = reaches_loopback;
    })
}

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

fn look(service: &TestService, key: &SigningKey) -> Answer {
    let token = key.token(&service.doctors_claims()).unwrap();
    service.get_as(&token, SEARCH)
}

fn refresh(service: &TestService) {
    let now = service.now();
    runtime().block_on(service.within.key_sets.refresh(now));
}

#[test]
fn a_key_that_is_new_is_taken_at_its_first_token_and_one_that_is_taken_back_is_refused_at_once() {
    let (first, second) = (key(), key());
    let server = KeyServer::of(&[&first]);
    let service = following(&server.url, true);
    assert_eq!(server.asked(), 0);
    let seen = first.token(&service.doctors_claims()).unwrap();
    assert_eq!(service.get_as(&seen, SEARCH).status, 200);
    assert_eq!(server.asked(), 1);
    server.publish(Published::Words(key_set(&[&first, &second])));
    service.clock.advance(TimeDelta::seconds(31));
    assert_eq!(look(&service, &second).status, 200);
    assert_eq!(service.get_as(&seen, SEARCH).status, 200);
    assert_eq!(server.asked(), 2);
    // What was proven by the old key counts no more, though its token was seen and has not expired.
    server.publish(Published::Words(key_set(&[&second])));
    service.clock.advance(TimeDelta::minutes(6));
    refresh(&service);
    service.get_as(&seen, SEARCH).refusal(401, "ACCESS_DENIED");
    look(&service, &first).refusal(401, "ACCESS_DENIED");
    assert_eq!(look(&service, &second).status, 200);
}

#[test]
fn whoever_sends_unknown_keys_makes_the_issuer_be_asked_no_oftener_than_every_half_minute() {
    let genuine = key();
    let server = KeyServer::of(&[&genuine]);
    let service = following(&server.url, true);
    assert_eq!(look(&service, &genuine).status, 200);
    for _ in 0..20 {
        look(&service, &key()).refusal(401, "ACCESS_DENIED");
    }
    assert_eq!(server.asked(), 1);
    service.clock.advance(TimeDelta::seconds(30));
    for _ in 0..20 {
        look(&service, &key()).refusal(401, "ACCESS_DENIED");
    }
    assert_eq!(server.asked(), 2);
    assert_eq!(look(&service, &genuine).status, 200);
}

#[test]
fn whoever_asks_with_an_unknown_key_and_goes_does_not_keep_the_keys_from_being_followed() {
    let (first, second) = (key(), key());
    let server = KeyServer::of(&[&first]);
    let url = Endpoint::parse(&server.url).unwrap();
    let service = TestService::with(|settings| {
        settings.token_keys_file = None;
        settings.key_sets.token_keys_url = Some(url);
        settings.sending.notifier_reaches_loopback = true;
    });
    refresh(&service);
    service.clock.advance(TimeDelta::seconds(31));
    let together = Arc::new(Barrier::new(2));
    let set = key_set(&[&second]);
    server.publish(Published::Together(Arc::clone(&together), set));
    let token = key().token(&service.doctors_claims()).unwrap();
    let head = format!(
        "GET /FHIR/R4/{SEARCH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    wait_until(|| server.asked() == 2);
    // Without time to linger, a connection that is closed is reset.
    set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
    thread::sleep(Duration::from_millis(300));
    together.wait();
    wait_until(|| look(&service, &second).status == 200);
    look(&service, &first).refusal(401, "ACCESS_DENIED");
    assert_eq!(server.asked(), 2);
}

#[test]
fn the_last_good_set_stands_for_a_day_while_the_issuer_is_down_and_no_longer() {
    let genuine = key();
    let server = KeyServer::of(&[&genuine]);
    let service = following(&server.url, true);
    refresh(&service);
    server.publish(Published::Status(500));
    for hours in [1, 22] {
        service.clock.advance(TimeDelta::hours(hours));
        refresh(&service);
        assert_eq!(look(&service, &genuine).status, 200);
    }
    service.clock.advance(TimeDelta::hours(1));
    let refused = look(&service, &genuine);
    let issue = refused.refusal(401, "ACCESS_DENIED");
    let words = issue["diagnostics"].as_str().unwrap();
    assert!(words.contains("not known at present"), "{words}");
    server.publish(Published::Words(key_set(&[&genuine])));
    service.clock.advance(TimeDelta::seconds(31));
    assert_eq!(look(&service, &genuine).status, 200);
}

#[test]
fn an_answer_that_is_no_key_set_moves_drips_or_never_ends_changes_nothing() {
    let (genuine, forged) = (key(), key());
    let elsewhere = KeyServer::of(&[&forged]);
    let server = KeyServer::of(&[&genuine]);
    let service = following(&server.url, true);
    refresh(&service);
    let private = json!({ "keys": [forged.jwk(), { "kty": "EC", "kid": "a", "d": "AQAB" }] });
    let twice = json!({ "keys": [forged.jwk(), forged.jwk()] });
    let of_another_use = json!({ "keys": [{ "kty": "RSA", "kid": "a", "alg": "RS256" }] });
    let long = format!("{}{}", " ".repeat(300 * 1024), key_set(&[&forged]));
    for published in [
        Published::Words(String::new()),
        Published::Words("<html>".to_owned()),
        Published::Words("{\"keys\": []}".to_owned()),
        Published::Words(private.to_string()),
        Published::Words(twice.to_string()),
        Published::Words(of_another_use.to_string()),
        Published::Words(long),
        Published::Moved(elsewhere.url.clone()),
        Published::Status(404),
        Published::Drips(Duration::from_millis(200)),
    ] {
        let asked = server.asked();
        server.publish(published.clone());
        service.clock.advance(TimeDelta::seconds(31));
        let began = Instant::now();
        look(&service, &forged).refusal(401, "ACCESS_DENIED");
        assert!(began.elapsed() < Duration::from_secs(10), "{published:?}");
        assert_eq!(server.asked(), asked + 1);
        assert_eq!(look(&service, &genuine).status, 200);
    }
    assert_eq!(elsewhere.asked(), 0);
    // Keys for other uses beside those that can be used are left out.
    let beside = json!({ "keys": [forged.jwk(), { "kty": "RSA", "kid": "a", "alg": "RS256" }] });
    server.publish(Published::Words(beside.to_string()));
    service.clock.advance(TimeDelta::seconds(31));
    assert_eq!(look(&service, &forged).status, 200);
}

#[test]
fn what_a_token_says_of_where_its_keys_are_is_refused_and_never_asked() {
    let (genuine, forged) = (key(), key());
    let elsewhere = KeyServer::of(&[&forged]);
    let server = KeyServer::of(&[&genuine]);
    let service = following(&server.url, true);
    refresh(&service);
    let claims = service.doctors_claims().to_string();
    for (member, value) in [
        ("jku", json!(elsewhere.url)),
        ("x5u", json!(elsewhere.url)),
        ("jwk", forged.jwk()),
    ] {
        let header = json!({ "alg": "ES256", "kid": forged.key_id(), member: value });
        let token = forged.token_of(&header.to_string(), &claims).unwrap();
        service.get_as(&token, SEARCH).refusal(401, "ACCESS_DENIED");
    }
    assert_eq!((elsewhere.asked(), server.asked()), (0, 1));
    assert_eq!(service.refused_for("token-header"), 3);
}

#[test]
fn a_url_that_leads_to_this_machine_is_asked_only_where_that_is_set() {
    let genuine = key();
    let server = KeyServer::of(&[&genuine]);
    let service = following(&server.url, false);
    look(&service, &genuine).refusal(401, "ACCESS_DENIED");
    refresh(&service);
    assert_eq!(server.asked(), 0);
    assert_eq!(service.refused_for("token-key"), 1);
    for url in [
        "http://keys.example/",
        "ftp://127.0.0.1/",
        "https://a@b.example/",
        "keys",
    ] {
        assert!(Endpoint::parse(url).is_err(), "{url}");
    }
}

#[test]
fn a_clients_keys_at_its_own_url_are_followed_as_the_issuers_are() {
    let (first, second) = (key(), key());
    let server = KeyServer::of(&[&first]);
    let service = following(&server.url, true);
    let mut client = a_client("la", &["E90001"], &["plans.upload"]);
    client.keys = Some(ClientKeys::At(Endpoint::parse(&server.url).unwrap()));
    service.register_client(&client);
    let asked = |key: &SigningKey, token_id: &str| {
        let assertion = key
            .token(&service.assertion_claims("la", token_id))
            .unwrap();
        service.ask_for_token(&assertion, &[]).status
    };
    assert_eq!(asked(&first, "1"), 200);
    assert_eq!(asked(&second, "2"), 401);
    server.publish(Published::Words(key_set(&[&second])));
    assert_eq!((asked(&second, "3"), server.asked()), (401, 1));
    service.clock.advance(TimeDelta::seconds(31));
    assert_eq!(asked(&second, "4"), 200);
    assert_eq!(asked(&first, "5"), 401);
    assert_eq!(server.asked(), 2);
}

#[test]
fn no_url_waits_for_another_to_answer() {
    let keys = [key(), key(), key()];
    // None of them answers before all are asked.
    let all = Arc::new(Barrier::new(keys.len()));
    let servers = keys.each_ref().map(|key| KeyServer::of(&[key]));
    for (server, key) in servers.iter().zip(&keys) {
        let words = key_set(&[key]);
        server.publish(Published::Together(Arc::clone(&all), words));
    }
    let service = following(&servers[0].url, true);
    let followed = servers.each_ref().map(|server| {
        let url = Endpoint::parse(&server.url).unwrap();
        service.within.key_sets.follow(&url)
    });
    refresh(&service);
    for keys in followed {
        assert!(keys.held.current(service.now()).is_some());
    }
    assert_eq!(look(&service, &keys[0]).status, 200);
}

#[test]
fn monitoring_is_told_how_long_a_url_has_not_answered_and_of_how_many_no_key_is_trusted() {
    let server = KeyServer::of(&[&key()]);
    let other = KeyServer::of(&[&key()]);
    other.publish(Published::Status(500));
    let service = following(&server.url, true);
    let monitoring = Monitoring::of(&service);
    let told = |of: &str| {
        let scrape = monitoring.scrape();
        ["", "_untrusted", "_age_seconds"]
            .map(|name| scrape.value(&format!("cpis_key_sets{name}{{of=\"{of}\"}}")))
    };
    assert_eq!(told("issuer"), [Some(1.0), Some(1.0), None]);
    assert_eq!(told("clients"), [Some(0.0), Some(0.0), None]);
    refresh(&service);
    service.clock.advance(TimeDelta::minutes(6));
    assert_eq!(told("issuer"), [Some(1.0), Some(0.0), Some(360.0)]);
    let url = Endpoint::parse(&other.url).unwrap();
    let _held = service.within.key_sets.follow(&url);
    refresh(&service);
    assert_eq!(told("issuer"), [Some(1.0), Some(0.0), Some(0.0)]);
    assert_eq!(told("clients"), [Some(1.0), Some(1.0), None]);
    server.publish(Published::Status(500));
    service.clock.advance(TimeDelta::hours(23));
    refresh(&service);
    assert_eq!(told("issuer"), [Some(1.0), Some(0.0), Some(82_800.0)]);
    service.clock.advance(TimeDelta::hours(1));
    assert_eq!(told("issuer"), [Some(1.0), Some(1.0), Some(86_400.0)]);
}
