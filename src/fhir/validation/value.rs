//! The simple types of R4, and whether a value is one of theirs
//! (<https://hl7.org/fhir/R4/datatypes.html#primitive>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::events::BytesStart;
use serde_json::Value;
use uuid::Uuid;

use crate::fhir::date_time::stretch;
use crate::fhir::reading::DEPTH_MAX;
use crate::fhir::xml::events::{Fault, Tree, tell};

/// A simple type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simple {
    /// `base64Binary`.
    Base64Binary,
    /// `boolean`.
    Boolean,
    /// `code`.
    Code,
    /// `date`.
    Date,
    /// `dateTime`.
    DateTime,
    /// `decimal`.
    Decimal,
    /// `id`.
    Id,
    /// `instant`.
    Instant,
    /// `integer`.
    Integer,
    /// `oid`.
    Oid,
    /// `positiveInt`.
    PositiveInt,
    /// `string`, and `markdown`, which is one.
    String,
    /// `time`.
    Time,
    /// `unsignedInt`.
    UnsignedInt,
    /// `uri`, and `url` and `canonical`, which are.
    Uri,
    /// `uuid`.
    Uuid,
    /// `xhtml`.
    Xhtml,
}

/// The namespace of a narrative.
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The longest id.
const ID_BYTES_MAX: usize = 64;

impl Simple {
    /// The type of this name; a string where there is none.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "base64Binary" => Self::Base64Binary,
            "boolean" => Self::Boolean,
            "code" => Self::Code,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "decimal" => Self::Decimal,
            "id" => Self::Id,
            "instant" => Self::Instant,
            "integer" => Self::Integer,
            "oid" => Self::Oid,
            "positiveInt" => Self::PositiveInt,
            "time" => Self::Time,
            "unsignedInt" => Self::UnsignedInt,
            "uri" | "url" | "canonical" => Self::Uri,
            "uuid" => Self::Uuid,
            "xhtml" => Self::Xhtml,
            _ => Self::String,
        }
    }

    /// What a value of it is, for whoever sent another.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Base64Binary => "a base64Binary: base64 with its padding",
            Self::Boolean => "a boolean: true or false",
            Self::Code => "a code: words parted by single spaces",
            Self::Date => "a date that is in the calendar: YYYY, YYYY-MM or YYYY-MM-DD",
            Self::DateTime => "a date, or a moment of one with seconds and an offset",
            Self::Decimal => "a number",
            Self::Id => "an id: 1 to 64 letters, digits, hyphens and dots",
            Self::Instant => "an instant: a day with seconds and an offset",
            Self::Integer => "a whole number of 32 bits",
            Self::Oid => "an oid: urn:oid: and numbers parted by dots",
            Self::PositiveInt => "a whole number from 1 to 2147483647",
            Self::String => "a text that is not blank and has no control characters",
            Self::Time => "a time of the day: hh:mm:ss",
            Self::UnsignedInt => "a whole number from 0 to 2147483647",
            Self::Uri => "a URI, without white space",
            Self::Uuid => "a uuid: urn:uuid: and a UUID in lower case",
            Self::Xhtml => "a div of XHTML, well-formed, with no entities but XML's own",
        }
    }

    /// Whether a JSON value is one of this type's.
    #[must_use]
    pub fn admits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Boolean, Value::Bool(_)) | (Self::Decimal, Value::Number(_)) => true,
            (Self::Integer, value) => {
                whole(value).is_some_and(|whole| i32::try_from(whole).is_ok())
            }
            (Self::UnsignedInt, value) => is_from(0, value),
            (Self::PositiveInt, value) => is_from(1, value),
            (Self::Boolean | Self::Decimal, _) => false,
            (_, Value::String(text)) => self.admits_text(text),
            _ => false,
        }
    }

    fn admits_text(self, text: &str) -> bool {
        match self {
            Self::Base64Binary => is_base64(text),
            Self::Code => is_code(text),
            Self::Date => is_date(text),
            Self::DateTime => is_date(text) || is_instant(text),
            Self::Instant => is_instant(text),
            Self::Time => is_time(text) && stretch(&format!("2000-01-01T{text}Z")).is_some(),
            Self::Id => is_id(text),
            Self::Oid => is_oid(text),
            Self::Uri => !text.is_empty() && !text.contains(char::is_whitespace) && is_plain(text),
            Self::Uuid => is_uuid(text),
            Self::Xhtml => is_xhtml(text),
            _ => !text.trim().is_empty() && is_plain(text),
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_number()?.as_i64()
}

fn is_from(least: i64, value: &Value) -> bool {
    whole(value).is_some_and(|whole| whole >= least && i32::try_from(whole).is_ok())
}

fn is_plain(text: &str) -> bool {
    let is_allowed = |sign: char| !sign.is_control() || matches!(sign, '\t' | '\n' | '\r');
    text.chars().all(is_allowed)
}

fn is_base64(text: &str) -> bool {
    let bare: String = text.split_ascii_whitespace().collect();
    !bare.is_empty() && STANDARD.decode(bare).is_ok()
}

fn is_code(text: &str) -> bool {
    let words = text.split(' ');
    is_plain(text)
        && words
            .into_iter()
            .all(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

fn is_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn is_oid(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("urn:oid:") else {
        return false;
    };
    let is_number = |part: &str| {
        let has_zero_before = part.len() > 1 && part.starts_with('0');
        !part.is_empty() && !has_zero_before && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = numbers.split('.');
    let first = parts
        .next()
        .is_some_and(|first| matches!(first, "0" | "1" | "2"));
    let rest: Vec<&str> = parts.collect();
    first && !rest.is_empty() && rest.into_iter().all(is_number)
}

fn is_uuid(text: &str) -> bool {
    let uuid = text.strip_prefix("urn:uuid:");
    uuid.is_some_and(|uuid| Uuid::try_parse(uuid).is_ok_and(|read| read.to_string() == uuid))
}

fn is_date(text: &str) -> bool {
    let is_shaped = ["dddd", "dddd-dd", "dddd-dd-dd"]
        .iter()
        .any(|shape| is_like(text, shape));
    is_shaped && stretch(text).is_some()
}

fn is_instant(text: &str) -> bool {
    let Some((day, rest)) = text.split_once('T') else {
        return false;
    };
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let Some((time, offset)) = rest.split_at_checked(zone) else {
        return false;
    };
    let has_offset = offset == "Z" || is_like(offset, "+dd:dd") || is_like(offset, "-dd:dd");
    is_like(day, "dddd-dd-dd") && is_time(time) && has_offset && stretch(text).is_some()
}

fn is_time(text: &str) -> bool {
    let (seconds, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_part = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_like(seconds, "dd:dd:dd") && is_part
}

/// Whether a text has a digit wherever a shape has `d`, and else the shape's own signs.
fn is_like(text: &str, shape: &str) -> bool {
    let mut pairs = text.bytes().zip(shape.bytes());
    text.len() == shape.len()
        && pairs.all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            sign => byte == sign,
        })
}

fn is_xhtml(text: &str) -> bool {
    tell(text, DEPTH_MAX, &mut Narrative::default()).is_ok()
}

/// A narrative, read through for what it is made of.
#[derive(Default)]
struct Narrative {
    depth: usize,
}

impl Tree for Narrative {
    fn depth(&self) -> usize {
        self.depth
    }

    fn is_opaque(&self) -> bool {
        self.depth > 0
    }

    fn admits_entity(&self, name: &str) -> bool {
        name.starts_with('#') || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
    }

    fn start(&mut self, start: &BytesStart<'_>, _at: usize) -> Result<(), Fault> {
        let namespace = start.try_get_attribute("xmlns");
        let namespace = namespace.map_err(|_torn| Fault::NotXml)?;
        let is_xhtml = namespace.is_some_and(|attribute| attribute.value.as_ref() == XHTML);
        if self.depth == 0 && !(is_xhtml && start.name().as_ref() == "div") {
            return Err(Fault::NotXml);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn end(&mut self, _at: usize) -> Result<(), Fault> {
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }
}

#[cfg(test)]
#[path = "value_rules.rs"]
mod rules;
