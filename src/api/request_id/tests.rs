//! Every answer carries the id that its request was traced by.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;

use actix_web::dev::ServiceResponse;
use actix_web::error::ErrorImATeapot;
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, read_body, try_call_service};
use actix_web::{App, HttpResponse, web};

use super::{
    DateTime, HeaderMap, HeaderName, HeaderValue, RequestId, RequestIds, ServiceRequest, TRACE_ID,
    Utc, Uuid, X_CORRELATION_ID, X_REQUEST_ID,
};
use crate::clock::Clock;

const ID: &str = "60E0B220-8136-4CA5-AE46-1D97EF59D068";

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }
}

async fn id_and_malformed(id: web::ReqData<RequestId>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{} {}", id.uuid(), id.is_malformed()))
}

/// What the handler saw, and the headers of its answer.
async fn asked(headers: &[(HeaderName, &[u8])]) -> (String, HeaderMap) {
    let mut request = TestRequest::get();
    for (name, value) in headers {
        request = request.append_header((name.clone(), HeaderValue::from_bytes(value).unwrap()));
    }
    let app = App::new().wrap(RequestIds::by(Arc::new(Stopped)));
    let app = init_service(app.route("/", web::get().to(id_and_malformed))).await;
    let response = call_service(&app, request.to_request()).await;
    let headers = response.headers().clone();
    (
        String::from_utf8(read_body(response).await.to_vec()).unwrap(),
        headers,
    )
}

#[actix_web::test]
async fn a_uuid_is_honoured_and_mirrored_as_it_was_written() {
    let (seen, headers) = asked(&[(X_REQUEST_ID, ID.as_bytes())]).await;
    assert_eq!(seen, format!("{} false", ID.to_lowercase()));
    assert_eq!(headers.get(&X_REQUEST_ID).unwrap(), ID);
}

#[actix_web::test]
async fn a_request_without_an_id_gets_one_of_the_clocks_time() {
    let (seen, headers) = asked(&[]).await;
    let id: Uuid = headers
        .get(&X_REQUEST_ID)
        .unwrap()
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(seen, format!("{id} false"));
    assert_eq!(id.get_timestamp().unwrap().to_unix().0, 1_795_000_000);
}

#[actix_web::test]
async fn what_is_no_uuid_is_flagged_and_not_mirrored() {
    for malformed in [
        "1",
        "",
        "9990000018",
        "60e0b22081364ca5ae461d97ef59d068",
        "{60e0b220-8136-4ca5-ae46-1d97ef59d068}",
        "urn:uuid:60e0b220-8136-4ca5-ae46-1d97ef59d068",
        "60e0b220-8136-4ca5-ae46-1d97ef59d06g",
        "60e0b220-8136-4ca5-ae46-1d97ef59d068, 60e0b220-8136-4ca5-ae46-1d97ef59d068",
        "\u{e9}",
    ] {
        let (seen, headers) = asked(&[(X_REQUEST_ID, malformed.as_bytes())]).await;
        let given = headers.get(&X_REQUEST_ID).unwrap().to_str().unwrap();
        assert_eq!(seen, format!("{given} true"), "{malformed}");
        assert_ne!(given, malformed);
    }
}

#[actix_web::test]
async fn two_ids_are_none() {
    let (seen, _) = asked(&[(X_REQUEST_ID, ID.as_bytes()), (X_REQUEST_ID, ID.as_bytes())]).await;
    assert!(seen.ends_with(" true"), "{seen}");
}

#[actix_web::test]
async fn a_correlation_id_and_a_trace_id_are_mirrored_where_they_are_short_and_visible() {
    let longest = "~".repeat(128);
    for name in [X_CORRELATION_ID, TRACE_ID] {
        for sent in ["a", "11C46F5F-CDEF-4865-94B2-0EE0EDCC26DA", &longest] {
            let (_, headers) = asked(&[(name.clone(), sent.as_bytes())]).await;
            assert_eq!(headers.get(&name).unwrap(), sent);
        }
        for sent in ["", "a b", "a\tb", "\u{e9}", &"a".repeat(129)] {
            let (_, headers) = asked(&[(name.clone(), sent.as_bytes())]).await;
            assert_eq!(headers.get(&name), None, "{sent}");
        }
        let (_, headers) = asked(&[(name.clone(), b"a"), (name.clone(), b"b")]).await;
        assert_eq!(headers.get(&name), None);
    }
}

#[actix_web::test]
async fn an_error_that_no_handler_answered_carries_its_id_too() {
    let refusing = |_: ServiceRequest, _: Next<_>| async {
        Err::<ServiceResponse, _>(ErrorImATeapot("refused"))
    };
    let app = App::new()
        .wrap(from_fn(refusing))
        .wrap(RequestIds::by(Arc::new(Stopped)));
    let request = TestRequest::get()
        .append_header((X_REQUEST_ID, ID))
        .to_request();
    let error = try_call_service(&init_service(app).await, request)
        .await
        .unwrap_err();
    let response = error.error_response();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers().get(&X_REQUEST_ID).unwrap(), ID);
}
