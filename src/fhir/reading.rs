//! A resource that was sent, as the JSON it is or would be (<https://hl7.org/fhir/R4/json.html>,
//! <https://hl7.org/fhir/R4/xml.html>): read whole, once, within bounds, and kept nowhere.

mod members;
mod xml;

use serde_json::Value;
use thiserror::Error;

use crate::fhir::json::depth;

/// How deep a resource may nest: far deeper than any that is answered here, and far less than the
/// stack of whoever walks through it.
pub const DEPTH_MAX: usize = 32;

/// Why a body is no resource. It never repeats the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It nests too deep.
    #[error("the body is nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// It is not JSON.
    #[error("the body is not JSON that names each member once: see line {line}, column {column}")]
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
    /// It can be read, and is no resource.
    #[error("the body is no FHIR resource: see line {line}")]
    NotAResource {
        /// The line, from 1.
        line: usize,
    },
    /// It is empty.
    #[error("the body is empty: send the resource, or a Parameters that holds it as resource")]
    Nothing,
    /// It is a resource, and not one that holds parameters where these are wanted.
    #[error("the body holds the operation's parameters, as a Parameters resource")]
    NotParameters,
    /// A parameter that cannot be read.
    #[error("Parameters.parameter[{0}] has no name, or other than one value or resource")]
    Parameter(usize),
}

/// Reads a resource from JSON.
///
/// # Errors
/// [`Unreadable`] says what is wrong, and where.
pub fn read_json(body: &[u8]) -> Result<Value, Unreadable> {
    if depth(body) > DEPTH_MAX {
        return Err(Unreadable::TooDeep);
    }
    members::are_named_once(body).map_err(|error| unreadable(&error))?;
    let resource: Value = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if kind(&resource).is_empty() {
        return Err(Unreadable::NotAResource { line: 1 });
    }
    Ok(resource)
}

/// Reads a resource from XML.
///
/// # Errors
/// [`Unreadable`] says what is wrong, and where.
pub fn read_xml(body: &[u8]) -> Result<Value, Unreadable> {
    xml::resource(body)
}

/// Reads a resource that is an element of an XML document, in the namespace of the document.
///
/// # Errors
/// [`Unreadable`] says what is wrong, and where in the element.
pub fn read_xml_within(element: &str) -> Result<Value, Unreadable> {
    xml::within(element)
}

/// What kind of resource it says it is; empty where it says nothing.
#[must_use]
pub fn kind(resource: &Value) -> &str {
    resource
        .get("resourceType")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn unreadable(error: &serde_json::Error) -> Unreadable {
    Unreadable::NotJson {
        line: error.line(),
        column: error.column(),
    }
}

#[cfg(test)]
mod tests;
