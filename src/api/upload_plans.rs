//! `POST [base]/$upload-plans`: a local authority's file of plans, as CSV; answered with its
//! acknowledgement, as CSV (REPC_MT000002GB01, REPC_MT000003GB01).

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use openssl::sha::sha256;
use tracing::info;

use crate::api::asking::check_request_id;
use crate::api::body::{self, media_type};
use crate::api::caller::{log_refused, uploader};
use crate::api::error::Refusal;
use crate::api::service::Service;
use crate::intake::{Delivery, IntakeRefusal, take_in};
use crate::messages::acknowledgement_csv;
use crate::messages::upload_csv::{self, ReadingRules};

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
    if media_type(&request) != "text/csv" {
        return Err(Refusal::MediaType("text/csv, in UTF-8"));
    }
    let file = body::read(payload, service.upload_bytes_max).await?;
    let now = service.clock.now();
    let rules = ReadingRules {
        windows: service.disclosure.windows,
        now,
        records_max: service.upload_records_max,
    };
    let digest = sha256(&file);
    // A full file takes long enough to read that others' requests must not wait behind it.
    let read = tokio::task::spawn_blocking(move || upload_csv::read(&file, &rules))
        .await
        .map_err(|_cut_short| Refusal::TornBody)?;
    let delivery = Delivery {
        upload: read?,
        digest,
        authority: caller.organisation.clone(),
        client_id: caller.client_id.clone(),
        at: now,
    };
    let taken_in = take_in(&service.intake, delivery).await;
    if let Some(reason) = taken_in.as_ref().err().and_then(IntakeRefusal::code) {
        log_refused(&request, &service, caller, reason).await;
    }
    let acknowledgement = taken_in?;
    info!(
        upload.id = %acknowledgement.upload_id,
        code = acknowledgement.code.code(),
        records = acknowledgement.records.len(),
        refused = acknowledgement.refused(),
        "Acknowledged an upload"
    );
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(acknowledgement_csv::write(&acknowledgement)))
}
