//! `GET [base]/$held-plans`: the plans that are held for the local authority whose system asks, as
//! CSV (`docs/reconciling.md`).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::error::Refusal;
use crate::api::reading_back::{Reader, Rest, csv, next_link, unknown};
use crate::api::service::Service;
use crate::disclosure::read_back::{HeldRange, held_plans as read_held_plans};
use crate::domain::reading::ReadBack;
use crate::messages::held_plans_csv::HeldPlansCsv;
use crate::store::held_plans::HeldPlace;

/// The path under the base URL.
const PATH: &str = "$held-plans";

/// The most plans in one file: more than most authorities hold in all, and some 20 megabytes.
pub const HELD_PLANS_MAX: usize = 100_000;

/// Tells an authority which of its plans are held.
///
/// # Errors
/// [`Refusal`] when it may not be told, or nothing can be trusted.
pub async fn held_plans(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(&request, &service, ReadBack::HeldPlans).await?;
    let (after, count) = match reader.rest(&service, PATH)? {
        Some(rest) => (
            HeldPlace {
                local_id: rest.after.0,
                id: rest.after.1,
            },
            rest.count,
        ),
        None => (HeldPlace::first(), reader.count(HELD_PLANS_MAX)?),
    };
    let (windows, now) = (service.door.rules.windows, reader.reading.at);
    let read = read_held_plans(
        &service.intake,
        reader.reading,
        HeldRange { after, most: count },
        (
            HeldPlansCsv::default,
            move |file: &mut HeldPlansCsv, held| {
                file.push(&held, windows, now);
            },
        ),
    )
    .await?;
    let Some(read) = read else {
        return Err(unknown(&request, &service, reader.caller).await);
    };
    let next = read.last.and_then(|last| {
        let rest = Rest {
            path: PATH.to_owned(),
            authority: reader.caller.organisation.as_str().to_owned(),
            after: (last.local_id, last.id),
            asked: Vec::new(),
            count,
            until: service.seal.until(now),
        };
        next_link(&service, &rest)
    });
    Ok(csv(read.told.bytes(), next.as_deref()))
}
