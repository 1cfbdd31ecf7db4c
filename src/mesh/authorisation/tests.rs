//! The header is what the specification's own example program makes of the same values; the
//! digests below were made by Python's `hmac`, as that program makes them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Credentials, Secret};
use crate::domain::channel;

fn credentials(mailbox: &str, password: &str, shared_key: &str) -> Credentials {
    Credentials {
        mailbox: channel::Mailbox::parse(mailbox).unwrap(),
        password: Secret::of_file(password).unwrap(),
        shared_key: Secret::of_file(shared_key).unwrap(),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn the_header_is_the_one_of_the_specification() {
    let nonce = Uuid::parse_str("bd0e2bd5-218e-41d0-83a9-73fdec414803").unwrap();
    let header = credentials("AMP01HC001", "password", "BackBone").signed(
        nonce,
        0,
        at("2020-05-04T13:05:59Z"),
    );
    assert_eq!(
        header.unwrap(),
        "NHSMESH AMP01HC001:bd0e2bd5-218e-41d0-83a9-73fdec414803:0:202005041305:\
         be8fb86cc4edae343895a1e5f3306b60dcfe47a36820638a8193a5f4862b8299"
    );
    let nonce = Uuid::parse_str("c1f2df9c-fe9e-4d11-ba78-49a8bc705eb4").unwrap();
    let header = credentials("X26ABC1", "pass word:with colon", "TestKey").signed(
        nonce,
        7,
        at("2026-11-27T15:30:00Z"),
    );
    assert_eq!(
        header.unwrap(),
        "NHSMESH X26ABC1:c1f2df9c-fe9e-4d11-ba78-49a8bc705eb4:7:202611271530:\
         ca8520a380d7a6cf3383397ad6c013a71edefbb88e12025055781384088a910a"
    );
}

#[test]
fn no_header_is_used_twice_and_none_shows_a_secret() {
    let credentials = credentials("X26ABC1", "sesame", "TestKey");
    let now = at("2026-11-27T15:30:00Z");
    let (one, other) = (
        credentials.header(now).unwrap(),
        credentials.header(now).unwrap(),
    );
    assert_ne!(one, other);
    assert!(!format!("{one}{credentials:?}").contains("sesame"));
    assert!(!format!("{one}{credentials:?}").contains("TestKey"));
}
