//! Bytes as a bearer token, as an id token and as a client's assertion, held to keys whose private
//! halves nobody has any more: whatever is taken and is not one of the honest tokens is forged, and
//! after their end nothing is taken at all. Either is a finding, and so is a panic.
//!
//! The folder `FUZZED_TOKENS` holds the keys and the honest tokens
//! (`src/identity/forgeries/seeds.rs`).
#![no_main]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::{env, fs};

use chrono::{DateTime, TimeDelta, Utc};
use cpis_fhir_tokens::identity::{
    AssuranceLevel, HeldKeys, Jwks, PresentedAssertion, TOKEN_LIFETIME_MAX, TokenError, Verifier,
    VerifierSettings,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// What a token is held to, and those that hold.
struct Doors {
    verifier: Verifier,
    keys: Jwks,
    client_id: String,
    endpoint: String,
    now: DateTime<Utc>,
    honest_tokens: HashSet<String>,
    honest_assertions: HashSet<String>,
}

/// The longest that any honest token is valid, and every difference of clocks.
const AFTER_ALL: TimeDelta = TimeDelta::hours(2);

static DOORS: LazyLock<Doors> = LazyLock::new(|| {
    let folder = PathBuf::from(env::var_os("FUZZED_TOKENS").expect("FUZZED_TOKENS is set"));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("the folder is whole");
    let held: Value = serde_json::from_str(&read("held-to.json")).expect("it is JSON");
    let text = |name: &str| held[name].as_str().expect("it is a text").to_owned();
    let keys = read("key-set.json");
    let key_set = || Jwks::from_json(&keys).expect("they are public keys");
    let now = held["now"].as_i64().expect("it is a number");
    Doors {
        verifier: Verifier::new(VerifierSettings {
            issuer: text("issuer"),
            audience: text("audience"),
            keys: Arc::new(HeldKeys::fixed(key_set())),
            leeway_seconds: 10,
            lifetime_max: TOKEN_LIFETIME_MAX,
            required_type: None,
            assurance_min: Some(AssuranceLevel::Two),
        }),
        keys: key_set(),
        client_id: text("client_id"),
        endpoint: text("endpoint"),
        now: DateTime::from_timestamp(now, 0).expect("it is a time"),
        honest_tokens: texts_in(&folder.join("honest-tokens")),
        honest_assertions: texts_in(&folder.join("honest-assertions")),
    }
    .with_the_honest_taken()
});

impl Doors {
    /// That they are taken shows that the doors open at all; the verifier remembers them.
    fn with_the_honest_taken(self) -> Self {
        for token in &self.honest_tokens {
            assert!(self.verifier.verify(token, self.now).is_ok());
        }
        for assertion in &self.honest_assertions {
            assert!(self.proven(assertion, self.now).is_ok());
        }
        assert!(!self.honest_tokens.is_empty() && !self.honest_assertions.is_empty());
        self
    }

    fn proven(&self, assertion: &str, now: DateTime<Utc>) -> Result<(), TokenError> {
        let presented = PresentedAssertion::read(assertion)?;
        let proven = presented.verify(&self.keys, &self.endpoint, now, 10)?;
        assert!(proven.expires_at > now - TimeDelta::seconds(10));
        Ok(())
    }
}

fn texts_in(folder: &Path) -> HashSet<String> {
    let files = fs::read_dir(folder).expect("the folder is whole");
    files
        .map(|file| fs::read_to_string(file.expect("it is listed").path()).expect("it is text"))
        .collect()
}

fuzz_target!(|input: &[u8]| {
    let doors = &*DOORS;
    // A header's value that is not text never comes as far as a verifier.
    let Ok(token) = std::str::from_utf8(input) else {
        return;
    };
    for now in [doors.now, doors.now + AFTER_ALL] {
        let is_honest = now == doors.now && doors.honest_tokens.contains(token);
        let access = doors.verifier.verify(token, now);
        assert!(is_honest || access.is_err(), "a forged token is taken");
        let identity = doors.verifier.verify_id_token(token, &doors.client_id, now);
        assert!(is_honest || identity.is_err(), "a forged id token is taken");
        let is_honest = now == doors.now && doors.honest_assertions.contains(token);
        let proven = doors.proven(token, now);
        assert!(is_honest || proven.is_err(), "a forged assertion is taken");
    }
});
