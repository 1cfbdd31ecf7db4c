//! Notes as others sign them, and every way to forge one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{NoteError, NoteKey, NoteKeyError, NoteVerifier};

/// The example that the first implementation of signed notes documents.
const PUBLISHED_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PUBLISHED_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd\
    ngotpRZb6KE6RyyBwJnAM=\n";

fn key(name: &str) -> NoteKey {
    NoteKey::from_pem(name, &NoteKey::generate().unwrap()).unwrap()
}

#[test]
fn a_published_note_is_verified_with_its_published_key() {
    let verifier = NoteVerifier::parse(PUBLISHED_KEY).unwrap();
    assert_eq!(verifier.to_string(), PUBLISHED_KEY);
    let text = verifier.text_of(PUBLISHED_NOTE).unwrap();
    assert!(text.starts_with("If you think") && text.ends_with("problem is.\n"));
    let changed = PUBLISHED_NOTE.replace("cryptography", "Cryptography");
    assert_eq!(verifier.text_of(&changed), Err(NoteError::Forged));
}

#[test]
fn a_note_is_believed_of_the_trusted_key_alone_whoever_else_signs_it() {
    let (ours, witness) = (key("cpis.example/accesses"), key("witness.example"));
    let note = ours.sign("a\n\nb\n").unwrap();
    assert_eq!(ours.verifier().text_of(&note), Ok("a\n\nb\n"));
    assert_eq!(witness.verifier().text_of(&note), Err(NoteError::NotSigned));
    let cosigned = witness.sign("a\n\nb\n").unwrap();
    let signature = cosigned.strip_prefix("a\n\nb\n\n").unwrap();
    for both in [
        format!("{note}{signature}"),
        format!("a\n\nb\n\n{signature}{}", {
            note.strip_prefix("a\n\nb\n\n").unwrap()
        }),
    ] {
        assert_eq!(ours.verifier().text_of(&both), Ok("a\n\nb\n"));
        assert_eq!(witness.verifier().text_of(&both), Ok("a\n\nb\n"));
    }
    let other = key("cpis.example/accesses").sign("a\n\nb\n").unwrap();
    assert_eq!(ours.verifier().text_of(&other), Err(NoteError::NotSigned));
}

#[test]
fn what_is_no_note_and_no_key_is_refused() {
    let ours = key("cpis.example");
    for wrong in [
        "",
        "a",
        "a\n",
        "a\n\n",
        "a\n\n\u{2014} cpis.example\n",
        "a\n\n\u{2014} cpis.example !\n",
        "a\n\n- cpis.example AAAAAAA=\n",
        "a\tb\n\n\u{2014} cpis.example AAAAAAA=\n",
        "a\n\n\u{2014} cpis.example AAAAAAA=",
    ] {
        assert_eq!(
            ours.verifier().text_of(wrong),
            Err(NoteError::NotANote),
            "{wrong:?}"
        );
    }
    for wrong in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc",
    ] {
        assert!(NoteVerifier::parse(wrong).is_none(), "{wrong}");
    }
    let pem = NoteKey::generate().unwrap();
    for name in ["", "a b", "a+b", "a\nb"] {
        let refused = NoteKey::from_pem(name, &pem);
        assert!(matches!(refused, Err(NoteKeyError::Name)), "{name:?}");
    }
    let rsa = openssl::rsa::Rsa::generate(2048)
        .unwrap()
        .private_key_to_pem()
        .unwrap();
    assert!(matches!(
        NoteKey::from_pem("a", &rsa),
        Err(NoteKeyError::Kind)
    ));
    assert!(matches!(
        NoteKey::from_pem("a", b"a"),
        Err(NoteKeyError::Pem(_))
    ));
}

#[test]
fn a_private_key_is_never_printed() {
    let ours = key("cpis.example");
    assert_eq!(format!("{ours:?}"), "NoteKey(cpis.example, hidden)");
}

proptest! {
    #[test]
    fn what_is_signed_is_read_back_and_not_with_one_byte_changed(
        text in "[a-z\n]{0,40}\n", place in any::<usize>(), change in 1_u8..=255,
    ) {
        let ours = key("cpis.example");
        let note = ours.sign(&text).unwrap();
        prop_assert_eq!(ours.verifier().text_of(&note), Ok(text.as_str()));
        let mut bytes = note.clone().into_bytes();
        let place = place % bytes.len();
        let byte = bytes.get_mut(place).unwrap();
        *byte ^= change;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(ours.verifier().text_of(&changed).is_err());
        }
    }

    #[test]
    fn any_text_is_refused_or_read(text in any::<String>()) {
        let verifier = NoteVerifier::parse(PUBLISHED_KEY).unwrap();
        prop_assert!(verifier.text_of(&text).is_err());
        let _ = NoteVerifier::parse(&text);
    }
}
