//! Hides how much was answered from whoever sees the length of what passes under TLS: whether a
//! child has a plan would show in it.
//!
//! What nobody may keep is never compressed, because a compressed length tells of what is inside
//! however it is padded (<https://breachattack.com>); and a resource is filled up with blanks,
//! which neither JSON nor XML counts, to one of few lengths. In the clear there is nothing to hide.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::server::doorway::{Doorway, Line};

/// Lengths are multiples of this, in bytes: a child without plans and one with several are answered
/// alike.
const LENGTH: usize = 8 * 1024;

/// Hides the length of an answer. Wrap it inside of what compresses answers.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn hidden(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let doorway = request.app_data::<Data<Doorway>>();
    let is_seen = doorway.is_some_and(|doorway| doorway.line == Line::UnderTls);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if !is_seen || !says(response.headers(), &CACHE_CONTROL, "no-store") {
        return Ok(response);
    }
    let as_it_is = HeaderValue::from_static("identity");
    response.headers_mut().insert(CONTENT_ENCODING, as_it_is);
    let is_resource = says(response.headers(), &CONTENT_TYPE, "application/fhir+");
    Ok(response.map_body(|_head, body| match is_resource {
        true => filled_up(body),
        false => body,
    }))
}

fn says(headers: &HeaderMap, name: &HeaderName, words: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with(words))
}

fn filled_up(body: BoxBody) -> BoxBody {
    match body.try_into_bytes() {
        Ok(bytes) if !bytes.is_empty() => {
            let mut bytes = Vec::from(bytes);
            bytes.resize(bytes.len().next_multiple_of(LENGTH), b' ');
            BoxBody::new(bytes)
        }
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => body,
    }
}
