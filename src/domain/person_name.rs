//! A person's name as an authority or a register gives it: to compare by, and never to keep.

use std::fmt;

/// The longest family name or list of given names, in characters.
pub const NAME_CHARACTERS_MAX: usize = 200;

/// A family name and given names.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName {
    /// The family name.
    pub family: String,
    /// All given names, with a space between each two.
    pub given: String,
}

/// Written by hand, so that a name is not logged by mistake.
impl fmt::Debug for PersonName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PersonName").finish_non_exhaustive()
    }
}

/// Reads one part of a name: anything but nothing, and nothing that breaks a line.
#[must_use]
pub fn part(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
    }
    let is_short = name.chars().nth(NAME_CHARACTERS_MAX).is_none();
    (!name.is_empty() && is_short && !text.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{PersonName, part};

    #[test]
    fn a_name_is_never_shown_where_a_record_is_logged() {
        let name = PersonName {
            family: "Okonkwo".into(),
            given: "Ada".into(),
        };
        assert_eq!(format!("{name:?}"), "PersonName { .. }");
    }

    #[test]
    fn a_part_of_a_name_is_not_blank_not_endless_and_has_no_line_breaks() {
        assert_eq!(part("  Ada   Grace "), Some("Ada Grace".to_owned()));
        assert_eq!(part("O’Brien-Ōta"), Some("O’Brien-Ōta".to_owned()));
        for bad in ["", "  ", "\u{a0}", "Ada\nGrace", "Ada\tGrace", "a\u{7f}"] {
            assert_eq!(part(bad), None, "{bad:?}");
        }
        assert!(part(&"ж".repeat(200)).is_some());
        assert_eq!(part(&"ж".repeat(201)), None);
    }

    proptest! {
        #[test]
        fn a_part_reads_back_the_same(text in any::<String>()) {
            if let Some(read) = part(&text) {
                prop_assert_eq!(part(&read), Some(read.clone()));
                prop_assert!(!read.contains("  "));
            }
        }
    }
}
