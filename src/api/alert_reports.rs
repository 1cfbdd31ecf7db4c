//! `GET [base]/$alert-reports`: what viewers reported of the plans of the local authority whose
//! system asks, open and closed, the oldest first, as CSV (`docs/reconciling.md`).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::error::Refusal;
use crate::api::reading_back::{Reader, Rest, csv, next_link, unknown};
use crate::api::service::Service;
use crate::disclosure::read_back::concerning_reports;
use crate::domain::reading::ReadBack;
use crate::messages::alert_reports_csv::write;

/// The path under the base URL.
const PATH: &str = "$alert-reports";

/// The most reports in one file.
const REPORTS_MAX: usize = 5_000;

/// Tells an authority what viewers reported.
///
/// # Errors
/// [`Refusal`] when it may not be told, or nothing can be trusted.
pub async fn alert_reports(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(&request, &service, ReadBack::AlertReports).await?;
    let (after, most) = match reader.rest(&service, PATH)? {
        Some(rest) => (rest.after.1, rest.count),
        None => (Uuid::nil(), reader.count(REPORTS_MAX)?),
    };
    let read = concerning_reports(&service.intake, reader.reading, (after, most)).await?;
    let Some((told, are_more)) = read else {
        return Err(unknown(&request, &service, reader.caller).await);
    };
    let last = told.last().filter(|_| are_more);
    let next = last.and_then(|last| {
        let rest = Rest {
            path: PATH.to_owned(),
            authority: reader.caller.organisation.as_str().to_owned(),
            after: (String::new(), last.id),
            asked: Vec::new(),
            count: most,
            until: service.seal.until(service.clock.now()),
        };
        next_link(&service, &rest)
    });
    Ok(csv(write(&told), next.as_deref()))
}
