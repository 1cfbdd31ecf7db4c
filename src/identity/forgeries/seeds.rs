//! The forgeries as files: where libFuzzer begins (`scripts/fuzz-tokens`).

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{AUDIENCE, Forger, ISSUER, KEYS, NOW, SigningKey, all, assertions};

/// The private keys end with the process: from then on, nobody can sign what is in the files.
#[test]
#[ignore = "writes files for scripts/fuzz-tokens into the folder FUZZED_TOKENS"]
fn every_forgery_is_where_a_fuzzer_begins() {
    let folder = std::env::var_os("FUZZED_TOKENS").unwrap();
    let folder = Path::new(&folder);
    let keys = KEYS.genuine.each_ref().map(SigningKey::jwk);
    let held_to = json!({
        "issuer": ISSUER, "audience": AUDIENCE, "client_id": "epr",
        "endpoint": assertions::ENDPOINT, "now": NOW,
    });
    fs::create_dir_all(folder).unwrap();
    fs::write(
        folder.join("key-set.json"),
        json!({ "keys": keys }).to_string(),
    )
    .unwrap();
    fs::write(folder.join("held-to.json"), held_to.to_string()).unwrap();

    let mut tokens = Vec::new();
    let mut asserted = Vec::new();
    let mut seeds = Vec::new();
    for by in Forger::each() {
        tokens.push(by.genuine());
        tokens.push(by.with_header("typ", "at+jwt".into()));
        tokens.push(by.signed(&by.header(), &Forger::system_claims()));
        asserted.push(assertions::genuine(&by));
        let forgeries = [&all(), assertions::ALL].concat();
        seeds.extend(forgeries.into_iter().map(|(_, _, forge)| forge(&by)));
    }
    seeds.extend_from_slice(&tokens);
    seeds.extend_from_slice(&asserted);
    keep(&folder.join("honest-tokens"), &tokens);
    keep(&folder.join("honest-assertions"), &asserted);
    keep(&folder.join("seeds").join("tokens"), &seeds);
    let claims: Vec<_> = seeds.iter().filter_map(|token| claims_of(token)).collect();
    keep(&folder.join("seeds").join("claims"), &claims);
}

/// What a token claims, where it has claims that are text.
fn claims_of(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    String::from_utf8(claims).ok()
}

fn keep(folder: &Path, texts: &[String]) {
    fs::create_dir_all(folder).unwrap();
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.join(index.to_string()), text).unwrap();
    }
}
