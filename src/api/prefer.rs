//! What a caller would rather have: the `Prefer` headers, read as RFC 7240 has them, and
//! `Preference-Applied` for what was honoured (<https://hl7.org/fhir/R4/http.html#prefer>).
//!
//! Of a search `handling` counts, of a write `return`; every other preference is read and left
//! alone.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::api::search::SearchRefusal;
use crate::api::search::searchable::Handling;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preference that the headers state of a search, if they do.
///
/// # Errors
/// [`SearchRefusal::Handling`] where it is neither strict nor lenient, or the headers cannot be
/// read: a caller who wants to be told of mistakes must not be taken for one who does not.
pub fn handling(headers: &HeaderMap) -> Result<Option<Handling>, SearchRefusal> {
    let mut stated = None;
    for header in headers.get_all("prefer") {
        let text = header.to_str().ok().ok_or(SearchRefusal::Handling)?;
        let preferences = preferences(text).ok_or(SearchRefusal::Handling)?;
        let named = preferences
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("handling"));
        // Of a preference that is stated more than once only the first counts (RFC 7240, 2).
        stated = stated.or(named.map(|(_, value)| value));
    }
    match stated.as_deref() {
        None => Ok(None),
        Some("strict") => Ok(Some(Handling::Strict)),
        Some("lenient") => Ok(Some(Handling::Lenient)),
        Some(_) => Err(SearchRefusal::Handling),
    }
}

/// What a caller would rather have back of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Nothing.
    Minimal,
    /// What was written.
    Representation,
    /// What became of it.
    Outcome,
}

impl Returned {
    /// The preference that the headers state, where they state one that is known. A caller who
    /// cannot be understood is answered as one who states none.
    #[must_use]
    pub fn stated(headers: &HeaderMap) -> Option<Self> {
        let texts = headers
            .get_all("prefer")
            .filter_map(|header| header.to_str().ok());
        let (_, value) = texts
            .filter_map(preferences)
            .flatten()
            .find(|(name, _)| name.eq_ignore_ascii_case("return"))?;
        match value.as_str() {
            "minimal" => Some(Self::Minimal),
            "representation" => Some(Self::Representation),
            "OperationOutcome" => Some(Self::Outcome),
            _ => None,
        }
    }

    /// The header that says it was honoured.
    #[must_use]
    pub fn applied(self) -> (HeaderName, HeaderValue) {
        let applied = match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
            Self::Outcome => "return=OperationOutcome",
        };
        (PREFERENCE_APPLIED, HeaderValue::from_static(applied))
    }
}

/// Says in a response that the stated handling was honoured.
#[must_use]
pub fn with_applied(mut response: HttpResponse, handling: Option<Handling>) -> HttpResponse {
    if let Some(handling) = handling {
        let applied = match handling {
            Handling::Strict => "handling=strict",
            Handling::Lenient => "handling=lenient",
        };
        response
            .headers_mut()
            .insert(PREFERENCE_APPLIED, HeaderValue::from_static(applied));
    }
    response
}

/// The names and values of a header's preferences, without their parameters; none where it is no
/// list of preferences.
fn preferences(text: &str) -> Option<Vec<(String, String)>> {
    let mut preferences = Vec::new();
    for preference in split(text, ',')? {
        // A list may have empty places.
        if preference.trim().is_empty() {
            continue;
        }
        let stated = split(preference, ';')?;
        let (name, value) = match stated.first()?.split_once('=') {
            Some((name, value)) => (name.trim(), word(value.trim())?),
            None => (stated.first()?.trim(), String::new()),
        };
        preferences.push((is_token(name).then(|| name.to_owned())?, value));
    }
    Some(preferences)
}

/// The pieces between separators that stand in no quotation; none where a quotation has no end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let pieces = text
        .split(|character: char| {
            let was_escaped = std::mem::take(&mut is_escaped);
            match character {
                '\\' if is_quoted && !was_escaped => is_escaped = true,
                '"' if !was_escaped => is_quoted = !is_quoted,
                _ => {}
            }
            character == separator && !is_quoted
        })
        .collect();
    (!is_quoted).then_some(pieces)
}

/// A word: a token, or a quotation without its marks.
fn word(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else {
        return (text.is_empty() || is_token(text)).then(|| text.to_owned());
    };
    let quoted = quoted.strip_suffix('"')?;
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?),
            '"' => return None,
            other => value.push(other),
        }
    }
    Some(value)
}

fn is_token(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_sign)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Handling, Returned, handling, preferences};

    fn asked(values: &[&str]) -> Option<Option<Handling>> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(HeaderName::from_static("prefer"), value);
        }
        handling(&headers).ok()
    }

    #[test]
    fn a_preference_is_read_in_every_way_it_may_be_written() {
        for strict in [
            "handling=strict",
            "handling = \"strict\"",
            "HANDLING=strict;a=b",
            "return=minimal, handling=strict",
            ", ,respond-async; x=\"a,handling=lenient\" , handling=\"st\\rict\"",
            "handling=strict, handling=lenient",
        ] {
            assert!(
                matches!(asked(&[strict]), Some(Some(Handling::Strict))),
                "{strict}"
            );
        }
        for lenient in [
            &["handling=lenient"][..],
            &["return=minimal", "handling=lenient"],
        ] {
            assert!(matches!(asked(lenient), Some(Some(Handling::Lenient))));
        }
    }

    #[test]
    fn other_preferences_say_nothing_of_the_search() {
        for other in [
            "",
            "return=representation",
            "return=OperationOutcome",
            "wait=10; handling=x",
        ] {
            assert!(matches!(asked(&[other]), Some(None)), "{other}");
        }
    }

    #[test]
    fn what_is_to_be_returned_of_a_write_is_stated_in_three_ways() {
        let stated = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.append(
                HeaderName::from_static("prefer"),
                HeaderValue::from_str(value).unwrap(),
            );
            Returned::stated(&headers)
        };
        assert_eq!(stated("return=minimal"), Some(Returned::Minimal));
        assert_eq!(
            stated("a, RETURN=\"representation\""),
            Some(Returned::Representation)
        );
        assert_eq!(stated("return=OperationOutcome"), Some(Returned::Outcome));
        for other in [
            "",
            "return",
            "return=all",
            "handling=strict",
            "return=\"minimal",
        ] {
            assert_eq!(stated(other), None, "{other}");
        }
    }

    #[test]
    fn a_header_that_may_have_meant_strict_is_refused() {
        for wrong in [
            "handling",
            "handling=",
            "handling=both",
            "handling=\"strict",
            "a b",
            "=a",
        ] {
            assert!(asked(&[wrong]).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_preferred_reads_back(name in "[a-z-]{1,9}", value in any::<String>()) {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let read = preferences(&format!("a, {name}=\"{quoted}\";b=c,d"));
            let names: Option<Vec<_>> = read.map(|all| all.into_iter().skip(1).take(1).collect());
            prop_assert_eq!(names, Some(vec![(name, value)]));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = preferences(&text);
        }
    }
}
