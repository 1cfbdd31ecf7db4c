//! What every request passes first: its connection must still be trusted, and its answer must be
//! made in time.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Version;
use actix_web::http::header::CONNECTION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError as _};
use tokio::time::timeout;

use crate::api::error::{Refusal, TransportRefusal};
use crate::api::service::Service;
use crate::metrics::requests::RouteNumber;
use crate::server::course::Course;
use crate::server::doorway::Doorway;
use crate::server::peer::Peer;

/// The longest that an answer may take to be made, whatever it waits for: longer than the largest
/// file takes to arrive, to be matched and to be taken in.
const ANSWERED_WITHIN: Duration = Duration::from_secs(300);

/// How long the last answer of a connection is given to be sent before the connection ends where
/// the caller, against its own word, asked for more.
const LAST_SENT_WITHIN: Duration = Duration::from_secs(1);

/// Tells the connection that an answer is being made, and counts what came of it. What comes behind
/// a request that the caller called the connection's last is not looked at
/// (<https://www.rfc-editor.org/rfc/rfc9112#section-9.6>), which the HTTP library does not see to;
/// a request can be smuggled there. Wrap it outside of all else.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn in_course(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let course = request.conn_data::<Rc<Course>>().cloned();
    let _answering = course.as_ref().map(Course::begin);
    let service = request.app_data::<Data<Service>>().cloned();
    let underway = service
        .as_ref()
        .map(|service| service.metrics.requests.begin());
    let method = request.method().clone();
    let answered = in_turn(request, next, course).await;
    if let Some(underway) = underway {
        let (route, status) = match &answered {
            Ok(response) => {
                let route = response.request().app_data::<RouteNumber>();
                (route.copied(), response.status())
            }
            Err(error) => (None, error.as_response_error().status_code()),
        };
        underway.end(route, method.as_str(), status.as_u16());
    }
    answered
}

async fn in_turn(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    course: Option<Rc<Course>>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(course) = course {
        if course.has_last() {
            tokio::time::sleep(LAST_SENT_WITHIN).await;
            course.put_over();
            let refusal = Refusal::from(TransportRefusal::NotHttp);
            return Ok(request.into_response(refusal.error_response()));
        }
        if is_last(&request) {
            course.put_last();
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_last(request: &ServiceRequest) -> bool {
    let says = |word: &str| {
        let said = request.headers().get_all(CONNECTION);
        said.filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case(word))
    };
    says("close") || (request.version() < Version::HTTP_11 && !says("keep-alive"))
}

/// Refuses a caller whose certificate has lost its trust since the connection was made, an answer
/// that takes too long, and one that breaks. Wrap it inside of all else.
///
/// # Errors
/// What the service inside could make no answer of, and these refusals.
pub async fn trusted_in_time(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let doorway = request.app_data::<Data<Doorway>>();
    let tls = doorway.and_then(|doorway| doorway.tls.as_ref());
    let peer = request.conn_data::<Rc<Peer>>();
    if let (Some(tls), Some(peer)) = (tls, peer)
        && !peer.is_trusted(&tls.now())
    {
        let refusal = Refusal::from(TransportRefusal::Certificate);
        return Ok(request.into_response(refusal.error_response()));
    }
    match timeout(ANSWERED_WITHIN, unbroken(next.call(request))).await {
        Ok(Some(answered)) => Ok(answered?.map_into_boxed_body()),
        Ok(None) => Err(Refusal::from(TransportRefusal::Broken).into()),
        Err(_elapsed) => Err(Refusal::from(TransportRefusal::Deadline).into()),
    }
}

/// What comes of it; nothing where it panics, of which there is a line in the log by then.
async fn unbroken<T>(making: impl Future<Output = T>) -> Option<T> {
    let mut making = pin!(making);
    poll_fn(|context| {
        // What it leaves half done is its own: it is dropped, and never polled again.
        let polled = catch_unwind(AssertUnwindSafe(|| making.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::rt::System;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, HttpResponse, web};

    use super::trusted_in_time;

    async fn broken() -> HttpResponse {
        tokio::task::yield_now().await;
        let number: u8 = "none".parse().unwrap();
        HttpResponse::Ok().body(number.to_string())
    }

    #[test]
    fn an_answer_that_breaks_is_told_as_such_and_the_next_is_made() {
        System::new().block_on(async {
            let app = App::new()
                .wrap(from_fn(trusted_in_time))
                .route("/broken", web::get().to(broken))
                .route("/whole", web::get().to(HttpResponse::Ok));
            let app = init_service(app).await;
            let ask = |path| TestRequest::get().uri(path).to_request();
            for _ in 0..2 {
                let told = try_call_service(&app, ask("/broken")).await.unwrap_err();
                let status = told.as_response_error().status_code();
                assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
                assert!(told.to_string().contains("nothing is known of the child"));
                let whole = try_call_service(&app, ask("/whole")).await.unwrap();
                assert_eq!(whole.status(), StatusCode::OK);
            }
        });
    }
}
