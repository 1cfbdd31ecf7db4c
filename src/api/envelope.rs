//! What every request passes on its way in, and what every answer has on its way out, whatever the
//! interaction: encodings, the form of a refusal, and what a cache must know.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    AcceptEncoding, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, Encoding, Header as _,
    HeaderValue, TRANSFER_ENCODING, VARY,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest, ResponseError as _};

use crate::api::error::{Refusal, TransportRefusal};
use crate::api::negotiation::{Form, form_of_refusal};
use crate::api::service::Service;

/// Refuses what could only be misread or could not be answered as asked, and says of every answer
/// which headers it depends on. Wrap it outside of what compresses answers.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn encodings(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let varies = varies(&request);
    let mut response = match refusal(&request) {
        Some(refusal) => {
            let response = request.into_response(refusal.error_response());
            let response = in_its_form(response, &refusal);
            match has_body(response.request()) {
                true => closing(response),
                false => response,
            }
        }
        None => next.call(request).await?.map_into_boxed_body(),
    };
    // What answers a browser's question beforehand says itself what it depends on.
    let is_preflight = response.request().method() == Method::OPTIONS;
    if !is_preflight || !response.headers().contains_key(VARY) {
        response.headers_mut().insert(VARY, varies);
    }
    // What is not to be compressed is marked so on its way here; without the mark it says the same.
    if is_marked_as_it_is(&response) {
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    Ok(response)
}

fn is_marked_as_it_is(response: &ServiceResponse<BoxBody>) -> bool {
    let encoding = response.headers().get(CONTENT_ENCODING);
    encoding.is_some_and(|encoding| encoding == "identity")
}

/// Tells a refusal in the form that was agreed on. Wrap it inside of what compresses answers.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn outcomes(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let form = form_of_refusal(response.request());
    let error = response.response().error();
    let refusal = error.and_then(|error| error.as_error::<Refusal>());
    let closes = refusal.is_some_and(leaves_a_body) && has_body(response.request());
    let response = match refusal {
        // It was written as JSON when nobody could know better.
        Some(refusal) if form != Form::Json => {
            let outcome = refusal.outcome(form);
            with_outcome(response, outcome, form)
        }
        _ => response,
    };
    Ok(if closes { closing(response) } else { response })
}

/// Whether a refusal is told before the body has been read to its end.
fn leaves_a_body(refusal: &Refusal) -> bool {
    match refusal.status() {
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => true,
        _ => matches!(
            refusal,
            Refusal::Transport(TransportRefusal::Busy)
                | Refusal::TornBody
                | Refusal::NoSuchPath
                | Refusal::Method(_)
        ),
    }
}

/// Whether a request brings a body.
fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let length = headers.get(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// What is still to come of a body that nobody reads is not waited for: the connection ends with
/// the answer (<https://www.rfc-editor.org/rfc/rfc9112#section-9.6>).
fn closing(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let head = response.response_mut().head_mut();
    head.set_connection_type(ConnectionType::Close);
    response
}

/// An answer that refuses, in the form that was asked for.
#[must_use]
pub fn in_its_form(
    response: ServiceResponse<BoxBody>,
    refusal: &Refusal,
) -> ServiceResponse<BoxBody> {
    let form = form_of_refusal(response.request());
    with_outcome(response, refusal.outcome(form), form)
}

fn with_outcome(
    response: ServiceResponse<BoxBody>,
    outcome: Vec<u8>,
    form: Form,
) -> ServiceResponse<BoxBody> {
    response.map_body(|head, _json| {
        let content_type = HeaderValue::from_static(form.content_type());
        head.headers_mut().insert(CONTENT_TYPE, content_type);
        BoxBody::new(outcome)
    })
}

/// A body in an encoding would be read as what it is not; an answer in none of the encodings that
/// are taken could not be sent.
fn refusal(request: &ServiceRequest) -> Option<Refusal> {
    if is_head_long(request) {
        return Some(TransportRefusal::LongHead.into());
    }
    let is_plain = request
        .headers()
        .get_all(CONTENT_ENCODING)
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !is_plain {
        return Some(Refusal::ContentEncoding);
    }
    let encodings = [Encoding::identity(), Encoding::gzip(), Encoding::deflate()];
    let taken = AcceptEncoding::parse(request)
        .ok()
        .map(|taken| taken.negotiate(encodings.iter()));
    matches!(taken, Some(None)).then_some(Refusal::NotAcceptable)
}

/// The longest head read, in bytes: four times a token of the largest size.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most headers read: more than browsers and gateways send together.
const HEADERS_MAX: usize = 64;

fn is_head_long(request: &ServiceRequest) -> bool {
    let lines = request.headers().iter();
    let (count, bytes) = lines.fold((0_usize, 0_usize), |(count, bytes), (name, value)| {
        let line = name.as_str().len().saturating_add(value.len());
        (count.saturating_add(1), bytes.saturating_add(line))
    });
    let uri = request.uri().path_and_query();
    let bytes = bytes.saturating_add(uri.map_or(0, |uri| uri.as_str().len()));
    count > HEADERS_MAX || bytes > HEAD_BYTES_MAX
}

/// The headers that an answer depends on.
fn varies(request: &ServiceRequest) -> HeaderValue {
    let service = request.app_data::<Data<Service>>();
    let shares = service.is_some_and(|service| !service.browser_origins.as_slice().is_empty());
    HeaderValue::from_static(if shares {
        "Accept, Accept-Encoding, Origin"
    } else {
        "Accept, Accept-Encoding"
    })
}
