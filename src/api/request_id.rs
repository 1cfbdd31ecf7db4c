//! Gives every request an id: the caller's `X-Request-ID` where it is a UUID, else one of ours; and
//! mirrors it, `X-Correlation-ID` and `TraceID` in the response. Wrap it outside the tracing
//! middleware, so that the request's span has the id.
//!
//! A header that is there and is no UUID refuses nothing here: what refuses is in the handlers' one
//! table of errors, which asks [`RequestId::is_malformed`].
//!
//! <https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir> (headers)

use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::SharedClock;

/// The header that names a request.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header that names what a request is part of.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The same, as NHS England's draft of a CP-IS FHIR API names it.
pub const TRACE_ID: HeaderName = HeaderName::from_static("traceid");

/// The headers mirrored as they were sent.
const MIRRORED: [HeaderName; 2] = [X_CORRELATION_ID, TRACE_ID];
/// The longest value of theirs that is mirrored, in bytes.
const MIRRORED_BYTES_MAX: usize = 128;

/// The middleware that puts a [`RequestId`] into every request's extensions.
pub struct RequestIds {
    clock: SharedClock,
}

impl RequestIds {
    /// Gives ids by the time of `clock`.
    #[must_use]
    pub fn by(clock: SharedClock) -> Self {
        Self { clock }
    }
}

/// A request's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    id: Uuid,
    stated: Stated,
}

/// What the caller's header said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stated {
    Nothing,
    Id,
    Malformed,
}

impl RequestId {
    /// The id by which the request is traced and audited.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.id
    }

    /// Whether the caller sent an `X-Request-ID` that is no UUID, or several: a 400.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.stated == Stated::Malformed
    }

    fn of(headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        match stated(headers, &X_REQUEST_ID).map(|value| value.and_then(uuid)) {
            Some(Some(id)) => Self {
                id,
                stated: Stated::Id,
            },
            Some(None) => Self {
                id: new_id(now),
                stated: Stated::Malformed,
            },
            None => Self {
                id: new_id(now),
                stated: Stated::Nothing,
            },
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(formatter)
    }
}

/// The one value of a header: nothing where it is absent, and an inner nothing where it is there
/// more than once, so that which of them counts is never a question.
fn stated<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Option<&'a HeaderValue>> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    Some(if values.next().is_some() {
        None
    } else {
        Some(first)
    })
}

/// A UUID in its 36 characters. The other forms that `Uuid` reads are not the header's.
fn uuid(value: &HeaderValue) -> Option<Uuid> {
    let text = value.to_str().ok().filter(|text| text.len() == 36)?;
    Uuid::try_parse(text).ok()
}

fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = now.timestamp().unsigned_abs();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

/// The headers that the response will carry.
struct Mirrored {
    request_id: HeaderValue,
    as_sent: Vec<(HeaderName, HeaderValue)>,
}

impl Mirrored {
    /// The caller's id goes back in the caller's own letters.
    fn of(headers: &HeaderMap, id: RequestId) -> Option<Self> {
        let sent = headers
            .get(&X_REQUEST_ID)
            .filter(|_| id.stated == Stated::Id);
        let request_id = match sent {
            Some(value) => value.clone(),
            None => HeaderValue::from_str(&id.to_string()).ok()?,
        };
        let as_sent = MIRRORED.into_iter().filter_map(|name| {
            let value = stated(headers, &name).flatten();
            let value = value.filter(|value| is_mirrored(value))?.clone();
            Some((name, value))
        });
        Some(Self {
            request_id,
            as_sent: as_sent.collect(),
        })
    }

    fn put_into(self, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID, self.request_id);
        for (name, value) in self.as_sent {
            headers.insert(name, value);
        }
    }
}

fn is_mirrored(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MIRRORED_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// The id the request was given by the middleware in front of every route.
#[must_use]
pub fn request_id(request: &HttpRequest) -> Uuid {
    request
        .extensions()
        .get::<RequestId>()
        .map_or(Uuid::nil(), RequestId::uuid)
}

impl<S, B> Transform<S, ServiceRequest> for RequestIds
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = RequestIdsService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequestIdsService {
            service,
            clock: self.clock.clone(),
        }))
    }
}

/// The middleware around one worker's service.
pub struct RequestIdsService<S> {
    service: S,
    clock: SharedClock,
}

impl<S, B> Service<ServiceRequest> for RequestIdsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let id = RequestId::of(request.headers(), self.clock.now());
        let mirrored = Mirrored::of(request.headers(), id);
        request.extensions_mut().insert(id);
        let answer = self.service.call(request);
        Box::pin(async move { mirror(answer.await, mirrored) })
    }
}

/// An error that no handler made an answer of becomes one here, so that it carries its id too.
fn mirror<B>(
    answer: Result<ServiceResponse<B>, Error>,
    mirrored: Option<Mirrored>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(mirrored) = mirrored else {
        return answer;
    };
    match answer {
        Ok(mut response) => {
            mirrored.put_into(response.headers_mut());
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            mirrored.put_into(response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

#[cfg(test)]
mod tests;
