//! Resources as JSON (<https://hl7.org/fhir/R4/json.html>).

use fhirbolt::FhirReleases;
use fhirbolt::element::Element;
use fhirbolt::serde::{SerializationConfig, SerializeResource};
use serde_json::Value;
use thiserror::Error;

use crate::fhir::xml::Layout;

/// A resource that cannot be written.
#[derive(Debug, Error)]
#[error("the resource cannot be written as JSON")]
pub struct JsonError(#[source] serde_json::Error);

/// A resource as JSON, on one line.
///
/// # Errors
/// [`JsonError`] when the resource holds a value FHIR has no JSON for.
pub fn to_json<R: SerializeResource>(resource: &R) -> Result<Vec<u8>, JsonError> {
    fhirbolt::json::to_vec(resource, None).map_err(JsonError)
}

/// A resource as a JSON value: written once as for machines and read anew, so that the program
/// holds one writer of every resource and not two. Its members stand in the order of R4.
///
/// # Errors
/// [`JsonError`] when the resource holds a value FHIR has no JSON for.
pub fn to_value<R: SerializeResource>(resource: &R) -> Result<Value, JsonError> {
    serde_json::from_slice(&to_json(resource)?).map_err(JsonError)
}

/// A JSON text as a value.
///
/// # Errors
/// [`JsonError`] when it is no JSON.
pub fn from_text(text: &str) -> Result<Value, JsonError> {
    serde_json::from_str(text).map_err(JsonError)
}

/// A JSON value as text.
///
/// # Errors
/// [`JsonError`] when it cannot be written.
pub fn to_text(json: &Value, layout: Layout) -> Result<Vec<u8>, JsonError> {
    let text = match layout {
        Layout::Plain => serde_json::to_vec(json),
        Layout::Pretty => serde_json::to_vec_pretty(json),
    };
    text.map_err(JsonError)
}

/// A resource that was written by hand, checked to hold only members R4 has, and with them in the
/// order of R4, which XML must keep to.
///
/// # Errors
/// [`JsonError`] when it is no resource of R4.
pub fn ordered(resource: &Value) -> Result<Value, JsonError> {
    let element: Element<{ FhirReleases::R4 }> =
        fhirbolt::json::from_json_value(resource.clone(), None).map_err(JsonError)?;
    let config = SerializationConfig { always_sort: true };
    fhirbolt::json::to_json_value(element, Some(config)).map_err(JsonError)
}

/// How deep the brackets outside strings nest, counted without reading the JSON.
#[must_use]
pub fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
