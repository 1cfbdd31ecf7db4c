//! Tokens that are wrong before they are read.

use super::{Forger, Forgery};
use crate::identity::TokenError::{ClaimsNotJson, NotCompact, NotSigned, TooLong};

pub const ALL: &[Forgery] = &[
    ("nothing", NotCompact, |_| String::new()),
    ("two full stops", NotCompact, |_| "..".to_owned()),
    ("one part", NotCompact, |by| by.genuine().replace('.', "")),
    ("two parts", NotCompact, |by| cut(&by.genuine(), '.')),
    ("two parts and a full stop", NotSigned, |by| {
        cut(&by.genuine(), '.') + "."
    }),
    ("four parts", NotCompact, |by| by.genuine() + ".AAAA"),
    ("five parts, as of an encrypted token", NotCompact, |by| {
        by.genuine() + ".AAAA.AAAA"
    }),
    ("a full stop behind", NotCompact, |by| by.genuine() + "."),
    ("a full stop before", NotCompact, |by| {
        ".".to_owned() + &by.genuine()
    }),
    ("no header", NotCompact, |by| {
        by.genuine().split_once('.').unwrap().1.to_owned()
    }),
    ("an empty header", NotCompact, |by| {
        format!(".{}", by.genuine().split_once('.').unwrap().1)
    }),
    ("empty claims", NotCompact, |by| {
        part(by, 1, |_| String::new())
    }),
    ("a line end behind", NotCompact, |by| by.genuine() + "\n"),
    ("a carriage return and line end behind", NotCompact, |by| {
        by.genuine() + "\r\n"
    }),
    ("a space behind", NotCompact, |by| by.genuine() + " "),
    ("a space before", NotCompact, |by| {
        " ".to_owned() + &by.genuine()
    }),
    ("a NUL behind", NotCompact, |by| by.genuine() + "\0"),
    ("a line end within", NotCompact, |by| {
        part(by, 1, |claims| claims.replacen('i', "i\n", 1))
    }),
    ("the scheme before it", NotCompact, |by| {
        "Bearer ".to_owned() + &by.genuine()
    }),
    ("quotation marks around", NotCompact, |by| {
        format!("\"{}\"", by.genuine())
    }),
    ("padding of the signature", NotCompact, |by| {
        by.genuine() + "=="
    }),
    ("padding of the header", NotCompact, |by| {
        part(by, 0, |header| header.to_owned() + "=")
    }),
    ("stray bits behind the signature", NotCompact, |by| {
        part(by, 2, with_stray_bits)
    }),
    ("the alphabet of plain base64", NotCompact, |by| {
        part(by, 2, |signature| {
            "+/".to_owned() + signature.get(2..).unwrap()
        })
    }),
    ("percent encoding", NotCompact, |by| {
        by.genuine().replacen('.', "%2e", 1)
    }),
    ("letters that look alike", NotCompact, |by| {
        part(by, 1, |claims| claims.replacen('e', "е", 1))
    }),
    ("JWS in its JSON form", NotCompact, json_form),
    ("more than 16 KiB", TooLong, |by| {
        by.genuine() + &"A".repeat(16 * 1024)
    }),
    ("16 KiB of full stops", NotCompact, |_| {
        ".".repeat(16 * 1024)
    }),
    ("another token as the claims", ClaimsNotJson, |by| {
        by.with_claims_spelled(&by.genuine())
    }),
    ("another token as a JSON text", ClaimsNotJson, |by| {
        by.with_claims_spelled(&format!("\"{}\"", by.genuine()))
    }),
];

fn cut(token: &str, at: char) -> String {
    token.rsplit_once(at).unwrap().0.to_owned()
}

/// The genuine token with one part changed after it was signed.
pub fn part(by: &Forger, index: usize, change: impl Fn(&str) -> String) -> String {
    let genuine = by.genuine();
    let mut parts: Vec<_> = genuine.split('.').map(str::to_owned).collect();
    parts[index] = change(&parts[index]);
    parts.join(".")
}

/// Signatures of 64 and of 256 octets leave four bits over in their last character.
fn with_stray_bits(signature: &str) -> String {
    let (rest, last) = signature.split_at(signature.len() - 1);
    let stray = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        "w" => "x",
        _ => unreachable!("the last character holds two bits"),
    };
    rest.to_owned() + stray
}

fn json_form(by: &Forger) -> String {
    let genuine = by.genuine();
    let parts: Vec<_> = genuine.split('.').collect();
    serde_json::json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]})
        .to_string()
}
