//! Which versions a caller holds already, so that they need not be sent again
//! (<https://hl7.org/fhir/R4/http.html#cread>, RFC 9110, 13.1.2 and 13.1.3).
//!
//! A condition that cannot be read is none: the caller is then sent the whole answer.

use std::time::SystemTime;

use actix_web::http::header::{HeaderMap, HttpDate, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use chrono::{DateTime, SubsecRound as _, Utc};

/// What must hold for an answer to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conditions {
    /// Nothing: it is sent.
    None,
    /// It has another version than these, by their opaque tags.
    NoneMatches(Vec<String>),
    /// There is no version of it at all.
    NothingIsThere,
    /// It has changed since.
    ModifiedSince(DateTime<Utc>),
}

impl Conditions {
    /// The conditions of a request's headers. `If-Modified-Since` counts only where there is no
    /// `If-None-Match`.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut tags = headers.get_all(IF_NONE_MATCH).peekable();
        if tags.peek().is_some() {
            let lists: Option<Vec<&str>> = tags.map(|value| value.to_str().ok()).collect();
            return lists.map_or(Self::None, |lists| Self::tags(&lists.join(",")));
        }
        let mut moments = headers.get_all(IF_MODIFIED_SINCE);
        let moment = moments.next().and_then(|value| value.to_str().ok());
        // Two moments are no moment.
        moment
            .filter(|_| moments.next().is_none())
            .and_then(|text| text.parse::<HttpDate>().ok())
            .map_or(Self::None, |date| {
                Self::ModifiedSince(DateTime::from(SystemTime::from(date)))
            })
    }

    /// The conditions of a batch's request (<https://hl7.org/fhir/R4/bundle.html>): tags as a
    /// header has them, and the moment as FHIR writes one.
    #[must_use]
    pub fn of_entry(if_none_match: Option<&str>, if_modified_since: Option<&str>) -> Self {
        match (if_none_match, if_modified_since) {
            (Some(tags), _) => Self::tags(tags),
            (None, Some(moment)) => DateTime::parse_from_rfc3339(moment)
                .map_or(Self::None, |moment| Self::ModifiedSince(moment.to_utc())),
            (None, None) => Self::None,
        }
    }

    fn tags(list: &str) -> Self {
        if list.trim() == "*" {
            return Self::NothingIsThere;
        }
        entity_tags(list).map_or(Self::None, Self::NoneMatches)
    }

    /// Whether the caller holds what would be sent: the version with this tag, or what has not
    /// changed since this moment.
    #[must_use]
    pub fn are_met_by(&self, etag: Option<&str>, last_modified: Option<DateTime<Utc>>) -> bool {
        match self {
            Self::None => false,
            Self::NothingIsThere => true,
            // Compared weakly: our own tags are weak.
            Self::NoneMatches(tags) => etag
                .and_then(entity_tags)
                .is_some_and(|own| own.iter().any(|tag| tags.contains(tag))),
            // HTTP tells moments to the second.
            Self::ModifiedSince(moment) => {
                last_modified.is_some_and(|modified| modified.trunc_subsecs(0) <= *moment)
            }
        }
    }
}

/// The opaque tags of a list of entity tags; none where it is no such list.
#[must_use]
pub fn entity_tags(list: &str) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches(is_between);
    while !rest.is_empty() {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (tag, after) = quoted.split_once('"')?;
        let is_opaque = tag.bytes().all(|byte| byte.is_ascii_graphic());
        let is_followed = after.trim_start_matches([' ', '\t']);
        if !is_opaque || !(is_followed.is_empty() || is_followed.starts_with(',')) {
            return None;
        }
        tags.push(tag.to_owned());
        rest = after.trim_start_matches(is_between);
    }
    (!tags.is_empty()).then_some(tags)
}

fn is_between(character: char) -> bool {
    matches!(character, ',' | ' ' | '\t')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use chrono::{DateTime, Utc};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{Conditions, entity_tags};

    fn asked(headers: &[(&'static str, &str)]) -> Conditions {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Conditions::of(&map)
    }

    fn noon() -> Option<DateTime<Utc>> {
        "2026-11-22T12:00:00.900Z".parse().ok()
    }

    fn is_held(headers: &[(&'static str, &str)]) -> bool {
        asked(headers).are_met_by(Some("W/\"2-1\""), noon())
    }

    #[test]
    fn a_version_that_is_held_is_known_however_its_tag_is_written() {
        for tags in [
            "W/\"2-1\"",
            "\"2-1\"",
            "W/\"1-1\", W/\"2-1\"",
            "\"1-1\",,\"2-1\"",
            "*",
        ] {
            assert!(is_held(&[("if-none-match", tags)]), "{tags}");
        }
        assert!(is_held(&[
            ("if-none-match", "\"1\""),
            ("if-none-match", "\"2-1\"")
        ]));
    }

    #[test]
    fn another_version_and_what_is_no_tag_are_not_held() {
        for tags in [
            "W/\"1-1\"",
            "2-1",
            "W/2-1",
            "\"2-1",
            "w/\"2-1\"",
            "\"2-1\"x",
            "",
            "*,*",
        ] {
            assert!(!is_held(&[("if-none-match", tags)]), "{tags}");
        }
    }

    #[test]
    fn a_moment_counts_to_the_second_and_only_beside_no_tag() {
        let same = ("if-modified-since", "Sun, 22 Nov 2026 12:00:00 GMT");
        let earlier = ("if-modified-since", "Sun, 22 Nov 2026 11:59:59 GMT");
        assert!(is_held(&[same]));
        assert!(!is_held(&[earlier]));
        assert!(!is_held(&[same, same]));
        assert!(!is_held(&[("if-modified-since", "2026-11-22T12:00:00Z")]));
        assert!(!is_held(&[same, ("if-none-match", "\"1\"")]));
        assert!(!is_held(&[same, ("if-none-match", "nonsense")]));
        assert!(is_held(&[earlier, ("if-none-match", "\"2-1\"")]));
    }

    #[test]
    fn a_request_of_a_batch_says_its_moment_as_an_instant() {
        let held =
            |tags, moment| Conditions::of_entry(tags, moment).are_met_by(Some("W/\"2-1\""), noon());
        assert!(held(Some("W/\"2-1\""), None));
        assert!(held(None, Some("2026-11-22T12:00:00Z")));
        assert!(held(None, Some("2026-11-22T13:00:00+01:00")));
        assert!(!held(None, Some("2026-11-22T11:59:59Z")));
        assert!(!held(None, Some("2026-11-22")));
        assert!(!held(Some("W/\"1\""), Some("2026-11-22T12:00:00Z")));
        assert!(!held(None, None));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_and_none_is_met_by_nothing(text in any::<String>()) {
            let conditions = Conditions::of_entry(Some(&text), None);
            let is_star = text.trim() == "*";
            prop_assert_eq!(conditions.are_met_by(None, None), is_star);
            prop_assert!(!Conditions::of_entry(None, Some(&text)).are_met_by(None, None));
        }

        #[test]
        fn whatever_tags_are_listed_are_read(
            tags in proptest::collection::vec("[!#-~]{0,10}", 1..5), weak: bool
        ) {
            let written: Vec<String> = tags
                .iter()
                .map(|tag| format!("{}\"{tag}\"", if weak { "W/" } else { "" }))
                .collect();
            prop_assert_eq!(entity_tags(&written.join(", ")), Some(tags));
        }
    }
}
