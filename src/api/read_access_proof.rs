//! `GET /audit/accesses/[id]/proof`: the proof that one access is sealed
//! (<https://c2sp.org/tlog-proof>), for whoever may read it as an `AuditEvent`. To ask is a look at
//! the child, by the same door.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::asking::{Stated, check_request_id};
use crate::api::caller::admitted;
use crate::api::error::Refusal;
use crate::api::negotiation::Form;
use crate::api::reading::found;
use crate::api::sealed::{plain, proved};
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::access::{Interaction, Subject};
use crate::fhir::resource_kind::ResourceKind;
use crate::sealing::proving::{Keys, prove};

/// Answers with the proof.
///
/// # Errors
/// [`Refusal`] when the caller may not read the access, or it is not sealed yet.
pub async fn read_access_proof(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    check_request_id(&request)?;
    let admitted = admitted(&request, &service).await?;
    let stated = Stated {
        form: Form::Json,
        handling: None,
    };
    let asking = stated.asking(&request, &service, admitted).await?;
    let sealer = Arc::clone(service.sealer.as_ref().ok_or(Refusal::NoSuchPath)?);
    let id = request.match_info().get("id").unwrap_or_default();
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    let look = asking.look(
        service.clock.now(),
        Subject::Access(id),
        Interaction::Read,
        format!("{}/{id}", ResourceKind::AuditEvent.name()),
    );
    found(ResourceKind::AuditEvent, &service, look, id).await?;
    let proof = proved(&service.query, move |postgres| {
        let keys = Keys {
            row: &sealer.row_key,
            log: sealer.key.verifier(),
        };
        prove(postgres, keys, ("access", id), &[])
    });
    let proof = proof.await?.ok_or(Refusal::NotFound)?;
    Ok(plain(proof.written()))
}
