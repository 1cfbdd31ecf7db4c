//! `GET [base]/$acknowledgement`: what an earlier file of the authority's was answered, that of a
//! number or the last one (REPC_MT000003GB01). As CSV, in whichever form the file came: the other
//! form repeats what was sent, which is not kept.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::check_request_id;
use crate::api::caller::uploader;
use crate::api::error::Refusal;
use crate::api::file_answer::file_answer;
use crate::api::number_asked::{NotOneNumber, number_asked};
use crate::api::service::Service;
use crate::messages::acknowledgement_csv;
use crate::messages::csv_cells::MEDIA_TYPE;
use crate::store::uploads;

/// The parameter that names the file; the last one where it is absent.
pub const FILE_SEQUENCE: &str = "file_sequence";

/// Answers with an acknowledgement, as it was first given.
///
/// # Errors
/// [`Refusal`] when the caller is no authority's system, or no such file was taken in.
pub async fn read_acknowledgement(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    let caller = uploader(&request, &service).await?;
    let sequence = number_asked(request.query_string(), FILE_SEQUENCE)
        .map_err(|NotOneNumber| Refusal::FileSequence)?;
    let found = service
        .intake
        .of(&caller.organisation)
        .transaction(move |postgres| {
            uploads::acknowledgement(postgres, &caller.organisation, sequence)
        })
        .await?;
    let acknowledgement = found.ok_or(Refusal::NotFound)?;
    let mut response = file_answer(StatusCode::OK, MEDIA_TYPE);
    Ok(response.body(acknowledgement_csv::write(&acknowledgement)))
}
