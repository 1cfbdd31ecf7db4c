//! `POST [base]/$compare-plans`: how a file of a local authority's differs from the plans that are
//! held for it, as CSV (`docs/reconciling.md`). It changes nothing; its number does not matter.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::body::media_type;
use crate::api::error::Refusal;
use crate::api::file_turn;
use crate::api::reading_back::{Reader, csv, refused, unknown};
use crate::api::service::Service;
use crate::disclosure::read_back::{HeldRange, held_plans};
use crate::domain::comparison::{Standing, compare};
use crate::domain::reading::ReadBack;
use crate::intake::IntakeRefusal;
use crate::messages::comparison_csv::write;
use crate::reception::UploadForm;
use crate::store::held_plans::HeldPlace;

/// What a file may be sent as.
const MEDIA_TYPES: &str = "a file as $upload-plans takes it";

/// The most held plans that a file is compared with, some 100 megabytes of them: several times what
/// the largest authority tells in all its years.
const HELD_PLANS_MAX: usize = 400_000;

/// Compares a file.
///
/// # Errors
/// [`Refusal`] when the authority may not be told, its file cannot be read, or nothing can be
/// trusted.
pub async fn compare_plans(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let Reader {
        caller, reading, ..
    } = Reader::of(&request, &service, ReadBack::Comparison).await?;
    let form =
        UploadForm::of_media_type(&media_type(&request)).ok_or(Refusal::MediaType(MEDIA_TYPES))?;
    let (bytes, _turn) = file_turn::read(&request, payload, &service).await?;
    let now = reading.at;
    let rules = service.reading_rules(now);
    // A full file takes long enough to read that others' requests must not wait behind it.
    let upload = tokio::task::spawn_blocking(move || form.read(&bytes, &rules));
    let upload = upload.await.map_err(|_cut_short| Refusal::TornBody)??;
    if upload.authority.code != caller.organisation {
        return Err(refused(&request, &service, caller, IntakeRefusal::AnotherAuthority).await);
    }
    let range = HeldRange {
        after: HeldPlace::first(),
        most: HELD_PLANS_MAX,
    };
    let keep = move |kept: &mut Vec<Standing>, held| kept.push(Standing::of(&held, now));
    let read = held_plans(&service.intake, reading, range, (Vec::new, keep)).await?;
    let Some(held) = read else {
        return Err(unknown(&request, &service, caller).await);
    };
    if held.last.is_some() {
        return Err(Refusal::TooManyHeld(HELD_PLANS_MAX));
    }
    let compared = tokio::task::spawn_blocking(move || write(&compare(held.told, upload.records)));
    let file = compared.await.map_err(|_cut_short| Refusal::TornBody)?;
    Ok(csv(file, None))
}
