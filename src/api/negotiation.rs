//! Which form the answer has: FHIR's JSON, pretty or not
//! (<https://hl7.org/fhir/R4/http.html#mime-type>).

use actix_web::http::header::{ACCEPT, HeaderMap};

use crate::api::error::Refusal;
use crate::api::search::parameters::read;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On one line.
    Json,
    /// Indented, for people.
    PrettyJson,
}

/// The form asked for: `_format` before `Accept`; `_pretty` beside either.
///
/// # Errors
/// [`Refusal::NotAcceptable`] when only other forms are asked for.
pub fn form(headers: &HeaderMap, query: &str) -> Result<Form, Refusal> {
    let parameters = read(query);
    let last = |name: &str| {
        parameters
            .iter()
            .rev()
            .find(|parameter| parameter.written == name)
            .map(|p| &p.value)
    };
    let acceptable = match last("_format") {
        Some(format) => is_json(format),
        None => headers.get_all(ACCEPT).next().is_none() || accepts_json(headers),
    };
    match (acceptable, last("_pretty").map(String::as_str)) {
        (false, _) => Err(Refusal::NotAcceptable),
        (true, Some("true")) => Ok(Form::PrettyJson),
        (true, _) => Ok(Form::Json),
    }
}

fn accepts_json(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let wanted = matches!(media.as_str(), "*/*" | "application/*") || is_json(&media);
            wanted && parts.all(is_met)
        })
}

/// Whether a parameter of a media range can be met: any weight but nothing, and R4 only.
fn is_met(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => weight
            .trim()
            .parse::<f32>()
            .is_ok_and(|weight| weight > 0.0),
        Some((name, version)) if name.trim().eq_ignore_ascii_case("fhirversion") => {
            matches!(version.trim().trim_matches('"'), "4.0" | "4.0.1")
        }
        _ => true,
    }
}

fn is_json(media: &str) -> bool {
    // A plus sign of a query string reads as a space: `_format=application/fhir+json`.
    let media = media.split(';').next().unwrap_or_default().trim();
    matches!(
        media,
        "json"
            | "application/json"
            | "text/json"
            | "application/fhir+json"
            | "application/fhir json"
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue};
    use proptest::prelude::proptest;

    use super::{Form, form};

    fn asked(accept: Option<&str>, query: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        form(&headers, query).ok()
    }

    #[test]
    fn json_in_any_of_its_names_is_answered() {
        for accept in [
            "application/fhir+json",
            "application/json",
            "*/*",
            "application/fhir+json, */*; q=0.1",
            "text/html, application/json;q=0.2",
            "application/fhir+json; fhirVersion=4.0",
        ] {
            assert_eq!(asked(Some(accept), ""), Some(Form::Json), "{accept}");
        }
        assert_eq!(asked(None, ""), Some(Form::Json));
        assert_eq!(
            asked(Some("text/html"), "_format=json&_pretty=true"),
            Some(Form::PrettyJson)
        );
        assert_eq!(
            asked(None, "_format=application/fhir+json"),
            Some(Form::Json)
        );
    }

    #[test]
    fn other_forms_and_other_versions_are_not_acceptable() {
        for accept in [
            "text/html",
            "application/fhir+xml",
            "application/json;q=0",
            "application/fhir+json; fhirVersion=5.0",
        ] {
            assert_eq!(asked(Some(accept), ""), None, "{accept}");
        }
        assert_eq!(asked(Some("application/json"), "_format=xml"), None);
    }

    proptest! {
        #[test]
        fn no_header_or_query_makes_the_reader_panic(
            accept in "[ -~]{0,60}", query in "[ -~]{0,60}"
        ) {
            let _ = asked(Some(&accept), &query);
        }
    }
}
