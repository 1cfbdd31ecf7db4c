//! The requests of a batch or transaction, read from JSON or XML
//! (<https://hl7.org/fhir/R4/http.html#transaction>).

mod xml;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::fhir::json::depth;
use crate::fhir::reading::{Unreadable, read_json, read_xml_within};

/// How deep a batch may nest. One that only reads needs four levels; the rest lets a resource ride
/// along and be refused by its own entry. The reader's stack is far from used up.
const DEPTH_MAX: usize = 24;

/// One request of a batch. It has no `Debug`: its URL may hold an NHS number.
#[derive(Clone, PartialEq, Eq)]
pub struct BatchEntry {
    /// The HTTP method, as written.
    pub method: String,
    /// The URL relative to the base URL, as written.
    pub url: String,
    /// The entry's own URL, where it has one.
    pub full_url: Option<String>,
    /// The versions the caller holds, as `If-None-Match` would say them.
    pub if_none_match: Option<String>,
    /// The moment after which a change would be news, as an instant.
    pub if_modified_since: Option<String>,
    /// The versions that a change is for, as `If-Match` would say them.
    pub if_match: Option<String>,
    /// The criteria of a conditional create, as `If-None-Exist` would say them.
    pub if_none_exist: Option<String>,
    /// The resource that is sent, not yet read.
    pub resource: Option<SentResource>,
}

/// A resource as it stands in a batch: read one by one, so that a long batch is never held whole
/// as a tree. It has no `Debug`: it may be about a child.
#[derive(Clone, PartialEq, Eq)]
pub enum SentResource {
    /// As JSON.
    Json(String),
    /// As an XML element, in the namespace of what holds it.
    Xml(String),
}

impl SentResource {
    /// Reads it.
    ///
    /// # Errors
    /// [`Unreadable`] when it is no resource.
    pub fn read(&self) -> Result<Value, Unreadable> {
        match self {
            Self::Json(text) => read_json(text.as_bytes()),
            Self::Xml(text) => read_xml_within(text),
        }
    }
}

impl From<Box<RawValue>> for SentResource {
    fn from(json: Box<RawValue>) -> Self {
        Self::Json(json.get().to_owned())
    }
}

/// An XML element, by the bytes it takes of the document.
#[derive(Deserialize)]
struct Element(usize, usize);

/// Whether requests stand or fall together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// `batch`: each for itself.
    Each,
    /// `transaction`: all or none.
    All,
}

/// A batch or transaction. It has no `Debug`: its URLs may hold NHS numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Requests {
    /// Whether they stand or fall together.
    pub together: Together,
    /// `Bundle.identifier`: its system and value, where they are there.
    pub identifier: Option<(String, String)>,
    /// `Bundle.timestamp`.
    pub timestamp: Option<String>,
    /// The requests, in their order.
    pub entries: Vec<BatchEntry>,
}

/// Why a body is not a batch. It never repeats the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BatchError {
    /// It nests too deep.
    #[error("the body is nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// It is not JSON.
    #[error("the body is not JSON: see line {line}, column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is not XML, or XML that FHIR does not allow: with a document type, above all.
    #[error("the body is not XML as FHIR has it, in UTF-8 and without a DTD: see line {line}")]
    NotXml {
        /// The line, from 1.
        line: usize,
    },
    /// It can be read, and is not an R4 Bundle.
    #[error("the body is not a FHIR R4 Bundle of resources FHIR R4 knows: see line {line}")]
    NotABundle {
        /// The line, from 1; 0 where it is not known.
        line: usize,
    },
    /// It is a Bundle of another type.
    #[error(
        "only a Bundle whose type is batch is taken here; of an authority's system, transaction too"
    )]
    NotABatch,
    /// An entry asks for nothing.
    #[error("Bundle.entry[{0}] has no request with a method and a url")]
    NoRequest(usize),
}

/// What of a batch is read. The members that R4 has and nobody here needs are named, so that one R4
/// does not have is refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Batch<Sent> {
    resource_type: String,
    r#type: String,
    #[serde(default = "Vec::new")]
    entry: Vec<Entry<Sent>>,
    id: Option<IgnoredAny>,
    meta: Option<IgnoredAny>,
    implicit_rules: Option<IgnoredAny>,
    language: Option<IgnoredAny>,
    identifier: Option<Value>,
    timestamp: Option<Value>,
    link: Option<IgnoredAny>,
    signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Entry<Sent> {
    #[serde(default, deserialize_with = "given")]
    full_url: Option<String>,
    request: Option<Request>,
    id: Option<IgnoredAny>,
    extension: Option<IgnoredAny>,
    modifier_extension: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    resource: Option<Sent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Request {
    #[serde(default, deserialize_with = "given")]
    method: Option<String>,
    #[serde(default, deserialize_with = "given")]
    url: Option<String>,
    id: Option<IgnoredAny>,
    extension: Option<IgnoredAny>,
    modifier_extension: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "given")]
    if_none_match: Option<String>,
    #[serde(default, deserialize_with = "given")]
    if_modified_since: Option<String>,
    #[serde(default, deserialize_with = "given")]
    if_match: Option<String>,
    #[serde(default, deserialize_with = "given")]
    if_none_exist: Option<String>,
}

/// A text that is there: in FHIR's JSON nothing is null (<https://hl7.org/fhir/R4/json.html#null>).
fn given<'de, D: Deserializer<'de>>(json: D) -> Result<Option<String>, D::Error> {
    String::deserialize(json).map(Some)
}

/// Reads a batch or transaction from JSON, strictly. Not through fhirbolt's own Bundle: that would
/// build a reader for every resource there is, to read a few strings an entry.
///
/// # Errors
/// [`BatchError`] says what is wrong, and where.
pub fn read_batch(body: &[u8]) -> Result<Requests, BatchError> {
    if depth(body) > DEPTH_MAX {
        return Err(BatchError::TooDeep);
    }
    let batch: Batch<Box<RawValue>> =
        serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    requests(batch, |json| Some(json.into()))
}

/// Reads a batch or transaction from XML, as strictly.
///
/// # Errors
/// [`BatchError`] says what is wrong, and where.
pub fn read_xml_batch(body: &[u8]) -> Result<Requests, BatchError> {
    let (text, bundle) = xml::bundle(body)?;
    let batch: Batch<Element> =
        serde_json::from_value(bundle).map_err(|error| unreadable(&error))?;
    requests(batch, |Element(from, to)| {
        let element = text.get(from..to)?;
        Some(SentResource::Xml(element.to_owned()))
    })
}

fn requests<Sent>(
    batch: Batch<Sent>,
    sent: impl Fn(Sent) -> Option<SentResource>,
) -> Result<Requests, BatchError> {
    let together = match (batch.resource_type.as_str(), batch.r#type.as_str()) {
        ("Bundle", "batch") => Together::Each,
        ("Bundle", "transaction") => Together::All,
        ("Bundle", _) => return Err(BatchError::NotABatch),
        _ => return Err(BatchError::NotABundle { line: 0 }),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let member = |of: &Value, name: &str| of.get(name).map(&text).unwrap_or_default();
    let identifier = batch.identifier.as_ref();
    let entries = batch.entry.into_iter().enumerate();
    Ok(Requests {
        together,
        identifier: identifier.map(|of| (member(of, "system"), member(of, "value"))),
        timestamp: batch.timestamp.as_ref().map(text),
        entries: entries
            .map(|(place, entry)| batch_entry(entry, &sent).ok_or(BatchError::NoRequest(place)))
            .collect::<Result<_, _>>()?,
    })
}

fn batch_entry<Sent>(
    entry: Entry<Sent>,
    sent: impl Fn(Sent) -> Option<SentResource>,
) -> Option<BatchEntry> {
    let request = entry.request?;
    Some(BatchEntry {
        method: request.method?,
        url: request.url?,
        full_url: entry.full_url,
        if_none_match: request.if_none_match,
        if_modified_since: request.if_modified_since,
        if_match: request.if_match,
        if_none_exist: request.if_none_exist,
        resource: entry.resource.and_then(sent),
    })
}

fn unreadable(error: &serde_json::Error) -> BatchError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => BatchError::NotABundle { line },
        Category::Io | Category::Syntax | Category::Eof => BatchError::NotJson { line, column },
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod xml_rules;
