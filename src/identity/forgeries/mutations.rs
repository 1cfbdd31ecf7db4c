//! Genuine tokens changed blindly: none is taken, though the verifier remembers the genuine one.

use proptest::prelude::{any, proptest};

use super::{Forger, now, verifier};
use crate::identity::{Jwks, Verifier};

/// Every place of the token, each with another character put there, taken out, and put in.
#[test]
fn no_token_is_taken_with_any_one_character_changed() {
    let verifier = verifier();
    for forger in Forger::each() {
        let genuine = forger.genuine();
        assert!(verifier.verify(&genuine, now()).is_ok());
        for (place, old) in genuine.char_indices() {
            let (before, after) = genuine.split_at(place);
            let rest = after.get(1..).unwrap();
            for new in ["A", "B", "z", "_", ".", "=", "\0", "é"] {
                let put_in = format!("{before}{new}{after}");
                assert!(verifier.verify(&put_in, now()).is_err(), "{place}");
                if new != old.to_string() {
                    let exchanged = format!("{before}{new}{rest}");
                    assert!(verifier.verify(&exchanged, now()).is_err(), "{place}");
                }
            }
            assert!(
                verifier.verify(&format!("{before}{rest}"), now()).is_err(),
                "{place}"
            );
        }
    }
}

fn refuses(verifier: &Verifier, token: &str) -> bool {
    verifier.verify(token, now()).is_err()
}

proptest! {
    #[test]
    fn no_token_is_taken_with_any_run_of_it_exchanged(
        index in 0_usize..3,
        place in any::<proptest::sample::Index>(),
        length in 0_usize..8,
        new in "[A-Za-z0-9_.=-]{0,8}",
    ) {
        let genuine = Forger::each()[index].genuine();
        let place = place.index(genuine.len());
        let end = genuine.len().min(place + length);
        let changed = [&genuine[..place], &new, &genuine[end..]].concat();
        assert!(changed == genuine || refuses(&verifier(), &changed));
    }

    #[test]
    fn any_text_is_refused(text: String) {
        assert!(refuses(&verifier(), &text));
    }

    #[test]
    fn any_three_parts_are_refused(text in "([A-Za-z0-9_-]{1,80}\\.){2}[A-Za-z0-9_-]{1,80}") {
        assert!(refuses(&verifier(), &text));
    }

    #[test]
    fn any_bytes_under_a_genuine_signature_are_read_or_refused(claims: String) {
        let forger = &Forger::each()[2];
        let _ = verifier().verify(&forger.with_claims_spelled(&claims), now());
    }

    #[test]
    fn any_text_is_a_key_set_or_refused(text: String) {
        let _ = Jwks::from_json(&text);
    }
}
