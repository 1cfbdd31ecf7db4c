//! Sharing answers with pages of other origins, in browsers
//! (<https://hl7.org/fhir/R4/http.html#security>,
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! It opens no door: a page still needs its own bearer token, and the browser sends no cookie.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LOCATION, CONTENT_TYPE, ETAG, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};

use crate::api::request_id::{TRACE_ID, X_CORRELATION_ID, X_REQUEST_ID};

/// How long a browser may remember what it may ask, in seconds.
const REMEMBERED_SECONDS: usize = 600;

/// The headers that a page may send.
const SENT: [HeaderName; 10] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_TYPE,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    TRACE_ID,
    X_CORRELATION_ID,
    X_REQUEST_ID,
    HeaderName::from_static("isunscheduledaccessevent"),
    HeaderName::from_static("prefer"),
];

/// The headers that a page may see, beyond those it always may.
const SEEN: [HeaderName; 8] = [
    CONTENT_LOCATION,
    ETAG,
    LAST_MODIFIED,
    LOCATION,
    TRACE_ID,
    X_CORRELATION_ID,
    X_REQUEST_ID,
    HeaderName::from_static("preference-applied"),
];

/// What is shared with pages of these origins, and of no other.
pub fn sharing(origins: &[String]) -> Cors {
    let sharing = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST])
        .allowed_headers(SENT)
        .expose_headers(SEEN)
        .max_age(REMEMBERED_SECONDS);
    origins
        .iter()
        .fold(sharing, |sharing, origin| sharing.allowed_origin(origin))
}
