//! `OPTIONS` of any path: the methods it takes, for anybody; nothing else is told
//! (RFC 9110, 9.3.7).

use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, CACHE_CONTROL};

/// Answers with the methods of a path.
#[must_use]
pub fn options(allowed: &'static str) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ALLOW, allowed))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
