//! Nothing about a child is told before it is on record what is told: the answer is finished to its
//! last byte, its digest put on record for each look it goes back to, and only then sent.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest, ResponseError as _};

use crate::api::envelope::in_its_form;
use crate::api::error::Refusal;
use crate::api::service::Service;
use crate::disclosure::NotDisclosed;
use crate::disclosure::answers::AnswerSlip;
use crate::store::StoreError;

/// Puts an answer on record before it is sent; where that is in doubt, it is a 503 and tells of
/// nothing. Wrap it outside of what changes an answer's bytes, and inside of what compresses them.
///
/// # Errors
/// What the service inside could make no answer of.
pub async fn on_record(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let slip = AnswerSlip::default();
    request.extensions_mut().insert(slip.clone());
    let response = next.call(request).await?.map_into_boxed_body();
    // Where the service failed, nothing of a child is told: the look stands as one that was never
    // answered, and the same request again is answered.
    if slip.is_empty() || response.status().is_server_error() {
        return Ok(response);
    }
    let (request, answer) = response.into_parts();
    let (head, body) = answer.into_parts();
    let service = request.app_data::<Data<Service>>().cloned();
    let put = match (service, body.try_into_bytes()) {
        (Some(service), Ok(body)) => {
            let answers = &service.door.answers;
            let put = answers.put_on_record(&slip, head.status().as_u16(), &body);
            put.await.map(|()| body)
        }
        // What is told in pieces has no body to make a digest of.
        _ => Err(StoreError::Unrecorded),
    };
    Ok(match put {
        Ok(body) => ServiceResponse::new(request, head.set_body(BoxBody::new(body))),
        Err(cause) => {
            let refusal = Refusal::from(NotDisclosed::from(cause));
            let told = ServiceResponse::new(request, refusal.error_response());
            in_its_form(told, &refusal)
        }
    })
}

/// The slip of a request's answer.
///
/// # Errors
/// [`Refusal::Unavailable`] where there is none: then nothing could be put on record.
pub fn slip(request: &HttpRequest) -> Result<AnswerSlip, Refusal> {
    let slip = request.extensions().get::<AnswerSlip>().cloned();
    slip.ok_or(Refusal::Unavailable(StoreError::Unrecorded))
}
