//! Which form the answer has: FHIR's JSON or XML, pretty or not
//! (<https://hl7.org/fhir/R4/http.html#mime-type>, RFC 9110, 12.5.1).

use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::{HttpMessage as _, HttpRequest};

use crate::api::error::Refusal;
use crate::api::search::parameters::read;

/// The version of FHIR that is spoken here, in the two ways it is written.
pub const FHIR_VERSIONS: [&str; 2] = ["4.0", "4.0.1"];

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON on one line.
    Json,
    /// JSON indented, for people.
    PrettyJson,
    /// XML on one line.
    Xml,
    /// XML indented, for people.
    PrettyXml,
}

impl Form {
    /// The media type of an answer in this form.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::PrettyJson => "application/fhir+json; charset=utf-8",
            Self::Xml | Self::PrettyXml => "application/fhir+xml; charset=utf-8",
        }
    }
}

/// The form asked for, kept with the request: were it refused later, the outcome has that form too.
///
/// # Errors
/// [`Refusal::NotAcceptable`] when only other forms are asked for.
pub fn agreed(request: &HttpRequest, query: &str) -> Result<Form, Refusal> {
    let form = form(request.headers(), query)?;
    request.extensions_mut().insert(form);
    Ok(form)
}

/// The form of the outcome of a refusal: what was agreed on or could have been, else JSON.
#[must_use]
pub fn form_of_refusal(request: &HttpRequest) -> Form {
    let agreed = request.extensions().get::<Form>().copied();
    agreed
        .or_else(|| form(request.headers(), request.query_string()).ok())
        .unwrap_or(Form::Json)
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
            .map(|parameter| parameter.value.as_str())
    };
    let syntax = match last("_format") {
        Some(format) => preferred(&[format], false),
        None => accepted(headers),
    };
    match (syntax, last("_pretty") == Some("true")) {
        (None, _) => Err(Refusal::NotAcceptable),
        (Some(Syntax::Json), false) => Ok(Form::Json),
        (Some(Syntax::Json), true) => Ok(Form::PrettyJson),
        (Some(Syntax::Xml), false) => Ok(Form::Xml),
        (Some(Syntax::Xml), true) => Ok(Form::PrettyXml),
    }
}

/// What a resource is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

fn accepted(headers: &HeaderMap) -> Option<Syntax> {
    if !headers.contains_key(ACCEPT) {
        return Some(Syntax::Json);
    }
    let ranges: Vec<&str> = headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    preferred(&ranges, true)
}

/// The syntax with the highest weight, JSON where both have it. `_format` names a syntax outright:
/// no wildcard says which.
fn preferred(ranges: &[&str], wildcards: bool) -> Option<Syntax> {
    let ranges: Vec<Range> = ranges
        .iter()
        .filter_map(|text| Range::read(text))
        .filter(|range| wildcards || matches!(range.media, Media::Only(_)))
        .collect();
    let (json, xml) = (weight(&ranges, Syntax::Json), weight(&ranges, Syntax::Xml));
    match (json > 0.0, xml > 0.0) {
        (false, false) => None,
        (true, true) if xml > json => Some(Syntax::Xml),
        (true, _) => Some(Syntax::Json),
        (false, true) => Some(Syntax::Xml),
    }
}

/// The weight of a syntax: that of the ranges that name it most closely, the highest of several.
fn weight(ranges: &[Range], syntax: Syntax) -> f32 {
    let closest = ranges.iter().map(|range| range.media.closeness(syntax));
    let closest = closest.max().unwrap_or_default();
    ranges
        .iter()
        .filter(|range| closest > 0 && range.media.closeness(syntax) == closest)
        .map(|range| range.weight)
        .fold(0.0, f32::max)
}

/// One media range that can be met, and its weight.
struct Range {
    media: Media,
    weight: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    Any,
    AnyApplication,
    AnyText,
    Only(Syntax),
}

impl Media {
    fn read(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "*/*" => Self::Any,
            "application/*" => Self::AnyApplication,
            "text/*" => Self::AnyText,
            // A plus sign of a query string reads as a space.
            "json"
            | "application/json"
            | "text/json"
            | "application/fhir+json"
            | "application/fhir json" => Self::Only(Syntax::Json),
            "xml"
            | "application/xml"
            | "text/xml"
            | "application/fhir+xml"
            | "application/fhir xml" => Self::Only(Syntax::Xml),
            _ => return None,
        })
    }

    /// How closely it names a syntax; 0 where it does not.
    fn closeness(self, syntax: Syntax) -> u8 {
        match self {
            Self::Only(only) if only == syntax => 3,
            Self::Only(_) => 0,
            Self::AnyApplication | Self::AnyText => 2,
            Self::Any => 1,
        }
    }
}

impl Range {
    /// Reads a range; none where it cannot be met: another medium, another version of FHIR, or a
    /// weight that is none.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = Media::read(parts.next()?)?;
        let mut weight = 1.0;
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => {
                    let stated: f32 = value.parse().ok()?;
                    weight = (0.0..=1.0).contains(&stated).then_some(stated)?;
                }
                "fhirversion" if !FHIR_VERSIONS.contains(&value) => return None,
                _ => {}
            }
        }
        Some(Self { media, weight })
    }
}

#[cfg(test)]
mod tests;
