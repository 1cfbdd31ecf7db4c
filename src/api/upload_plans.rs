//! `POST [base]/$upload-plans`: a local authority's file of plans, as CSV or HL7 v3; answered
//! with its acknowledgement in the same form (REPC_MT000002GB01, REPC_MT000003GB01).

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use tracing::info;

use crate::api::asking::check_request_id;
use crate::api::body::media_type;
use crate::api::caller::{log_refused, uploader};
use crate::api::error::Refusal;
use crate::api::file_answer::file_answer;
use crate::api::file_turn;
use crate::api::number_asked::{NotOneNumber, number_asked};
use crate::api::service::Service;
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::Acknowledgement;
use crate::reception::{Answered, ReceivedBytes, ReceptionRefusal, UploadForm, receive};

/// The parameter that confirms a held file.
pub const CONFIRM_ENDING: &str = "confirm-ending";

/// What a file may be sent as.
const MEDIA_TYPES: &str = "text/csv, or HL7 v3 as application/xml, in UTF-8";

/// Takes a file in and acknowledges it.
///
/// # Errors
/// [`Refusal`] when the file as a whole is not taken in; then nothing has changed.
pub async fn upload_plans(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    let caller = uploader(&request, &service).await?;
    let form =
        UploadForm::of_media_type(&media_type(&request)).ok_or(Refusal::MediaType(MEDIA_TYPES))?;
    let guard = ShrinkGuard {
        rule: service.shrinkage,
        confirmed: confirmed_ending(request.query_string())?,
    };
    let (bytes, _turn) = file_turn::read(&request, payload, &service).await?;
    let received = ReceivedBytes {
        form,
        bytes,
        authority: caller.organisation.clone(),
        client_id: caller.client_id.clone(),
        at: service.clock.now(),
        guard,
    };
    let rules = service.reading_rules(received.at);
    let door = (&service.intake, &service.matching);
    let Answered { outcome, written } = receive(door, received, rules).await;
    let uploads = &service.metrics.uploads;
    uploads.answered(form.wire_form(), &outcome);
    if let Err(ReceptionRefusal::Intake(refusal)) = &outcome
        && let Some(reason) = refusal.code()
    {
        log_refused(&request, &service, caller, reason).await;
    }
    let (status, retry_after) = match outcome {
        Ok(acknowledgement) => {
            log_acknowledged(&acknowledgement);
            (StatusCode::OK, None)
        }
        Err(refusal) if written.is_some() => {
            let refusal = Refusal::from(refusal);
            refusal.log_cause();
            (refusal.status(), refusal.retry_after())
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let mut response = file_answer(status, form.acknowledgement_media_type());
    if let Some(seconds) = retry_after {
        response.insert_header((RETRY_AFTER, seconds));
    }
    Ok(response.body(written.unwrap_or_default()))
}

fn log_acknowledged(acknowledgement: &Acknowledgement) {
    info!(
        upload.id = %acknowledgement.upload_id,
        code = acknowledgement.code.code(),
        records = acknowledgement.records.len(),
        refused = acknowledgement.refused(),
        "Acknowledged an upload"
    );
}

/// How many plans the file is meant to end, where its sender says so.
///
/// # Errors
/// [`Refusal::Confirmation`] when what is said is no number, or is said twice.
pub fn confirmed_ending(query: &str) -> Result<Option<usize>, Refusal> {
    number_asked(query, CONFIRM_ENDING).map_err(|NotOneNumber| Refusal::Confirmation)
}
