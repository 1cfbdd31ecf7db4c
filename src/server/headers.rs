//! The headers that every answer has, whatever it says: how browsers and caches must treat it
//! (<https://owasp.org/www-project-secure-headers/>).

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::server::doorway::{Doorway, Line};

/// An answer is data: nothing in it is run, shown in a frame, guessed at, or told to another site.
const ALWAYS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Two years, in which a browser speaks to the service under TLS alone.
const UNDER_TLS: &str = "max-age=63072000";

/// Puts the headers into every answer, and forbids to keep one that does not say that it may be.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn guarded<Body: MessageBody>(
    request: ServiceRequest,
    next: Next<Body>,
) -> Result<ServiceResponse<Body>, Error> {
    let doorway = request.app_data::<Data<Doorway>>();
    let line = doorway.map_or(Line::InTheClear, |doorway| doorway.line);
    let mut response = next.call(request).await?;
    put(response.headers_mut(), line);
    Ok(response)
}

fn put(headers: &mut HeaderMap, line: Line) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if line == Line::UnderTls {
        let value = HeaderValue::from_static(UNDER_TLS);
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
}
