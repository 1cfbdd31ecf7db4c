//! The versions that a change is for (<https://hl7.org/fhir/R4/http.html#concurrency>).

use actix_web::http::header::{HeaderMap, IF_MATCH};

use crate::api::conditions::entity_tags;
use crate::domain::plan_write::Condition;
use crate::fhir::episode_of_care::parse_version;

/// The condition of a request's headers.
#[must_use]
pub fn of(headers: &HeaderMap) -> Condition {
    let mut values = headers.get_all(IF_MATCH).peekable();
    if values.peek().is_none() {
        return Condition::None;
    }
    let lists: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    of_text(&lists.join(","))
}

/// The condition of a batch's request.
#[must_use]
pub fn of_entry(if_match: Option<&str>) -> Condition {
    if_match.map_or(Condition::None, of_text)
}

/// A condition that cannot be read names no version, and so holds of none: a change that was meant
/// for one version must not reach another.
fn of_text(list: &str) -> Condition {
    if list.trim() == "*" {
        return Condition::IsThere;
    }
    let tags = entity_tags(list).unwrap_or_default();
    Condition::IsOneOf(tags.iter().filter_map(|tag| parse_version(tag)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::of_entry;
    use crate::domain::plan::PlanPhase;
    use crate::domain::plan_write::{Condition, PlanVersion};

    #[test]
    fn a_version_is_named_by_its_tag_weak_or_not_and_a_star_names_any() {
        let version = |told| PlanVersion {
            told,
            described: 1,
            phase: PlanPhase::Active,
        };
        assert_eq!(of_entry(None), Condition::None);
        assert_eq!(of_entry(Some(" * ")), Condition::IsThere);
        let expected = Condition::IsOneOf(vec![version(1), version(2)]);
        assert_eq!(of_entry(Some("W/\"1-1-active\", \"2-1-active\"")), expected);
        for other in [
            "",
            "1-1-active",
            "W/\"1\"",
            "\"1-1-active",
            "W/\"1-1-over\"",
        ] {
            assert_eq!(
                of_entry(Some(other)),
                Condition::IsOneOf(Vec::new()),
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_or_lifts_the_condition(text in any::<String>()) {
            prop_assert!(of_entry(Some(&text)) != Condition::None);
        }
    }
}
