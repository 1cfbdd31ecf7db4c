//! The requests of a batch, read from JSON or XML
//! (<https://hl7.org/fhir/R4/http.html#transaction>).

mod xml;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use thiserror::Error;

use crate::fhir::json::depth;

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
    #[error("only a Bundle whose type is batch is taken here")]
    NotABatch,
    /// An entry asks for nothing.
    #[error("Bundle.entry[{0}] has no request with a method and a url")]
    NoRequest(usize),
}

/// What of a batch is read. The members that R4 has and a read needs not are named, so that one R4
/// does not have is refused; a resource that rides along is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Batch {
    resource_type: String,
    r#type: String,
    #[serde(default)]
    entry: Vec<Entry>,
    id: Option<IgnoredAny>,
    meta: Option<IgnoredAny>,
    implicit_rules: Option<IgnoredAny>,
    language: Option<IgnoredAny>,
    identifier: Option<IgnoredAny>,
    timestamp: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "named so that other members are refused")]
struct Entry {
    #[serde(default, deserialize_with = "given")]
    full_url: Option<String>,
    request: Option<Request>,
    id: Option<IgnoredAny>,
    extension: Option<IgnoredAny>,
    modifier_extension: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    resource: Option<IgnoredAny>,
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
    if_match: Option<IgnoredAny>,
    if_none_exist: Option<IgnoredAny>,
}

/// A text that is there: in FHIR's JSON nothing is null (<https://hl7.org/fhir/R4/json.html#null>).
fn given<'de, D: Deserializer<'de>>(json: D) -> Result<Option<String>, D::Error> {
    String::deserialize(json).map(Some)
}

/// Reads the requests of a batch from JSON, strictly. Not through fhirbolt's own Bundle: that would
/// build a reader for every resource there is, to read two strings an entry.
///
/// # Errors
/// [`BatchError`] says what is wrong, and where.
pub fn read_batch(body: &[u8]) -> Result<Vec<BatchEntry>, BatchError> {
    if depth(body) > DEPTH_MAX {
        return Err(BatchError::TooDeep);
    }
    requests(serde_json::from_slice(body).map_err(|error| unreadable(&error))?)
}

/// Reads the requests of a batch from XML, as strictly.
///
/// # Errors
/// [`BatchError`] says what is wrong, and where.
pub fn read_xml_batch(body: &[u8]) -> Result<Vec<BatchEntry>, BatchError> {
    let bundle = xml::bundle(body)?;
    requests(serde_json::from_value(bundle).map_err(|error| unreadable(&error))?)
}

fn requests(batch: Batch) -> Result<Vec<BatchEntry>, BatchError> {
    match (batch.resource_type.as_str(), batch.r#type.as_str()) {
        ("Bundle", "batch") => {}
        ("Bundle", _) => return Err(BatchError::NotABatch),
        _ => return Err(BatchError::NotABundle { line: 0 }),
    }
    let entries = batch.entry.into_iter().enumerate();
    entries
        .map(|(place, entry)| batch_entry(entry).ok_or(BatchError::NoRequest(place)))
        .collect()
}

fn batch_entry(entry: Entry) -> Option<BatchEntry> {
    let request = entry.request?;
    Some(BatchEntry {
        method: request.method?,
        url: request.url?,
        full_url: entry.full_url,
        if_none_match: request.if_none_match,
        if_modified_since: request.if_modified_since,
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
