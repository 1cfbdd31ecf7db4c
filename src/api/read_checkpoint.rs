//! `GET /audit/checkpoint`: the newest signed checkpoint of the access history, for anybody
//! (<https://c2sp.org/tlog-checkpoint>). It tells how many rows are sealed, and nothing of any.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::api::error::Refusal;
use crate::api::sealed::{plain, proved};
use crate::api::service::Service;
use crate::sealing::proving::newest;

/// Answers with the checkpoint.
///
/// # Errors
/// [`Refusal`] when this process does not seal, or nothing is signed yet.
pub async fn read_checkpoint(service: Data<Service>) -> Result<HttpResponse, Refusal> {
    let sealer = Arc::clone(service.sealer.as_ref().ok_or(Refusal::NoSuchPath)?);
    let newest = proved(&service.query, move |postgres| {
        newest(postgres, sealer.key.verifier())
    });
    let (_, note) = newest.await?.ok_or(Refusal::NotFound)?;
    Ok(plain(note))
}
