//! What is secret is of a type that is wiped when it is dropped and never shown: no field that is
//! named as a secret is plain bytes or plain text.

use crate::finding::Finding;
use crate::tree::{File, rust_in};

/// What the last word of a secret's name is.
const SECRET: [&str; 8] = [
    "bearer",
    "key",
    "passphrase",
    "password",
    "pem",
    "secret",
    "secrets",
    "token",
];

/// Types that are neither wiped nor hidden, as they are written.
const PLAIN: [&str; 3] = ["String", "Vec<u8>", "[u8"];

/// Fields that are named so and are no secret: by file and name.
const NO_SECRETS: [(&str, &str); 7] = [
    // Half of a pair, or a name.
    ("src/commands/audit.rs", "verifier_key"),
    ("src/commands/retirement.rs", "verifier_key"),
    ("src/commands/channel.rs", "secret"),
    // By what looks are tallied.
    ("src/domain/look_finding.rs", "key"),
    ("src/store/look_findings.rs", "key"),
    ("src/store/look_patterns.rs", "key"),
    ("src/store/look_tallies.rs", "key"),
];

/// Each field of a secret's name has a type that keeps it.
pub fn are_kept(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in rust_in(files, &["src/"]) {
        for (line, text) in (1..).zip(file.text.lines()) {
            let Some((name, is_of)) = field(text) else {
                continue;
            };
            if is_secret(name) && is_plain(is_of) && !is_let_be(&file.path, name) {
                let wrong = format!("`{name}` is plain");
                let instead = "make it a SecretKey, SecretText or Zeroizing of src/secrets/";
                found.push(Finding::new(&file.path, line, wrong, instead));
            }
        }
    }
    found
}

/// A field of a structure, or a structure of one field: its name and its type.
fn field(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let text = text.strip_prefix("pub ").unwrap_or(text);
    let text = text.strip_prefix("pub(super) ").unwrap_or(text);
    if let Some(of_one) = text.strip_prefix("struct ") {
        let (name, is_of) = of_one.split_once('(')?;
        return Some((name, is_of.strip_suffix(");")?));
    }
    let (name, is_of) = text.strip_suffix(',')?.split_once(": ")?;
    let is_name = name
        .chars()
        .all(|sign| sign.is_ascii_lowercase() || sign == '_');
    is_name.then_some((name, is_of))
}

/// Of `bearer_key` and of `BearerKey` alike.
fn is_secret(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    let capital = last.rfind(|sign: char| sign.is_ascii_uppercase());
    let last = capital.map_or(last, |place| &last[place..]);
    SECRET.contains(&last.to_lowercase().as_str())
}

fn is_plain(is_of: &str) -> bool {
    let is_of = is_of.strip_prefix("Option<").unwrap_or(is_of);
    let is_of = is_of.strip_prefix("pub ").unwrap_or(is_of);
    PLAIN.iter().any(|plain| is_of.starts_with(plain))
}

fn is_let_be(path: &str, name: &str) -> bool {
    NO_SECRETS.contains(&(path, name))
}

#[cfg(test)]
mod tests {
    use super::are_kept;
    use crate::tree::File;

    #[test]
    fn a_secret_that_is_plain_is_found() {
        for text in [
            "    key: [u8; KEY_BYTES],",
            "    pub password: String,",
            "    access_token: Option<String>,",
            "    tls_pem: Vec<u8>,",
            "pub struct RowKey([u8; 32]);",
            "struct Secret(String);",
        ] {
            let tree = [File::of("src/a.rs", text)];
            assert_eq!(are_kept(&tree).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_secret_that_is_kept_and_what_is_none_are_left_alone() {
        for text in [
            "    key: SecretKey,",
            "    bearer: SecretText,",
            "    pem: Zeroizing<Vec<u8>>,",
            "    key_id: String,",
            "    pub token_keys_file: Option<PathBuf>,",
            "pub struct PemKey(Zeroizing<String>);",
            "    let key: String = a;",
        ] {
            let tree = [File::of("src/a.rs", text)];
            assert!(are_kept(&tree).is_empty(), "{text}");
        }
    }
}
