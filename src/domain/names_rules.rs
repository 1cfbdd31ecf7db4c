//! Which names are the same, and which never are.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::{NameStep, first_names_agree, folded, same_family_name};

fn given(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn case_accents_hyphens_spaces_and_apostrophes_tell_no_family_names_apart() {
    for (told, registered) in [
        ("O'Brien", "OBRIEN"),
        ("O\u{2019}Brien", "o brien"),
        ("Smith-Jones", "Smith Jones"),
        ("Núñez", "NUNEZ"),
        ("Nu\u{301}n\u{303}ez", "Núñez"),
        ("Strauß", "Strauss"),
        ("Łukasz", "Lukasz"),
        ("Ægir", "Aegir"),
        ("Çağlayan", "Caglayan"),
        ("St. John", "St John"),
    ] {
        assert!(same_family_name(told, registered), "{told} {registered}");
    }
    for (told, registered) in [
        ("Smith", "Smyth"),
        ("Smith", "Smith-Jones"),
        ("-", "'"),
        ("", ""),
    ] {
        assert!(!same_family_name(told, registered), "{told} {registered}");
    }
}

#[test]
fn first_names_are_compared_in_four_steps() {
    for (told, registered, step) in [
        ("Jane Adele", &["Jane", "Adele"][..], NameStep::AllNames),
        ("John Paul", &["John Paul"], NameStep::AllNames),
        ("Anne-Marie", &["Anne", "Marie"], NameStep::AllNames),
        ("JANE", &["Jane", "Adele"], NameStep::FirstName),
        ("Jane Rose", &["Jane", "Adele"], NameStep::FirstName),
        ("Adele", &["Jane", "Adele"], NameStep::AnyName),
        ("Adele Jane", &["Jane", "Adele"], NameStep::AnyName),
        ("Anne", &["Anne-Marie", "Rose"], NameStep::LeadingParts),
        (
            "Anne-Marie",
            &["Anne", "Marie", "Rose"],
            NameStep::LeadingParts,
        ),
        ("Anne-Marie Rose", &["Anne"], NameStep::LeadingParts),
    ] {
        assert_eq!(
            first_names_agree(told, &given(registered)),
            Some(step),
            "{told}"
        );
    }
}

#[test]
fn first_names_that_could_be_a_twins_do_not_agree() {
    for (told, registered) in [
        ("A", &["Adam"][..]),
        ("Aaron", &["A"]),
        ("Anne-Marie", &["Anne-Louise"]),
        ("Jan", &["Jane"]),
        ("Marie", &["Anne-Marie"]),
        ("-", &["Jane"]),
        ("Jane", &[]),
        ("", &[""]),
    ] {
        assert_eq!(first_names_agree(told, &given(registered)), None, "{told}");
    }
}

/// A name as people have them: letters, with or without accents, of a few scripts.
fn a_name() -> impl Strategy<Value = String> {
    "[A-Za-zÀ-ÖØ-öø-ÿĀ-žА-я]{2,12}"
}

proptest! {
    #[test]
    fn a_name_agrees_with_itself_however_it_is_written(name in a_name(), place in 1_usize..10) {
        let marks = ["-", "'", " ", "\u{2019}", "\u{301}"];
        for mark in marks {
            let mut letters: Vec<char> = name.chars().collect();
            letters.splice(place.min(letters.len())..place.min(letters.len()), mark.chars());
            let written: String = letters.into_iter().collect();
            prop_assert!(same_family_name(&written, &name));
            prop_assert!(same_family_name(&name.to_uppercase(), &written));
        }
    }

    #[test]
    fn all_given_names_told_in_their_order_agree_by_the_first_step(names in vec(a_name(), 1..5)) {
        prop_assert_eq!(first_names_agree(&names.join(" "), &names), Some(NameStep::AllNames));
        let last = names.last().map_or("", String::as_str);
        prop_assert!(first_names_agree(last, &names).is_some());
    }

    #[test]
    fn first_names_that_share_no_part_never_agree(told in "[a-m]{2,9}( [a-m]{2,9})?",
        registered in vec("[n-z]{2,9}(-[n-z]{2,9})?", 1..4)) {
        prop_assert_eq!(first_names_agree(&told, &registered), None);
    }

    #[test]
    fn folding_ends_with_one_fold_and_never_panics(text in any::<String>()) {
        let once = folded(&text);
        prop_assert_eq!(folded(&once), once);
        let _ = first_names_agree(&text, std::slice::from_ref(&text));
    }
}
