//! `GET /audit/consistency/[smaller]/[size]`: the proof that the tree of one size grew out of that
//! of another, for anybody: a hash in base64 on each line
//! (<https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2>).

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::sealed::{plain, proved};
use crate::api::service::Service;
use crate::sealing::checkpoint::number;
use crate::sealing::proof::hash_lines;
use crate::sealing::proving::growth;

/// Answers with the proof.
///
/// # Errors
/// [`Refusal`] when this process does not seal, or no tree of the larger size is signed.
pub async fn read_consistency(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let sealer = Arc::clone(service.sealer.as_ref().ok_or(Refusal::NoSuchPath)?);
    let size = |name: &str| request.match_info().get(name).and_then(number);
    let (Some(smaller), Some(size)) = (size("smaller"), size("size")) else {
        return Err(Refusal::NotFound);
    };
    let growth = proved(&service.query, move |postgres| {
        growth(postgres, sealer.key.verifier(), (smaller, size))
    });
    let proof = growth.await?.ok_or(Refusal::NotFound)?;
    Ok(plain(hash_lines(&proof)))
}
