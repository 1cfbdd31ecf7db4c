//! What every request passes first: its connection must still be trusted, and its answer must be
//! made in time.

use std::rc::Rc;
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

/// Refuses a caller whose certificate has lost its trust since the connection was made, and an
/// answer that takes too long. Wrap it inside of all else.
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
    match timeout(ANSWERED_WITHIN, next.call(request)).await {
        Ok(answered) => Ok(answered?.map_into_boxed_body()),
        Err(_elapsed) => Err(Refusal::from(TransportRefusal::Deadline).into()),
    }
}
