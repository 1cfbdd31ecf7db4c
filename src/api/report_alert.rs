//! `POST [base]/$report-alert`: a viewer reports that a child's plan is missing or wrong. The
//! authority concerned looks into it; the viewer is told nothing of any plan, whether there is one
//! or not.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chrono::TimeDelta;
use tracing::info;
use uuid::Uuid;

use crate::api::asking::Asking;
use crate::api::caller::log_refused;
use crate::api::error::Refusal;
use crate::api::once_asked::{OnceAsked, answer};
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::budgets::OverBudget;
use crate::domain::alert_report::{AlertFault, AlertReport, FreeWords};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::store::{alert_reports, identifiers, report_tallies};

/// What a report says.
const NAMES: [&str; 5] = ["nhs-number", "kind", "flag", "authority", "text"];

/// Puts a report on record.
///
/// # Errors
/// [`Refusal`] when the caller may not view plans, or has reported too much within the hour, the
/// report cannot be read, or nothing can be put on record.
pub async fn report_alert(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let asking = Asking::of(&request, &service).await?;
    let asked = OnceAsked::of(&request, payload, &NAMES).await?;
    let report = report(&service, &asking, &asked)?;
    let (id, request_id) = (identifiers::id_of(report.at), asking.request_id);
    let (at, budgets) = (report.at, service.reports);
    let spent = service
        .query
        .transaction(move |postgres| {
            let spent = report_tallies::spent(postgres, &report, budgets)?;
            if spent.is_none() {
                alert_reports::add(postgres, id, &report)?;
            }
            Ok(spent)
        })
        .await?;
    if let Some((holder, again_at)) = spent {
        let wait = again_at.signed_duration_since(at);
        let over = OverBudget::Reports(holder, wait.max(TimeDelta::seconds(1)));
        log_refused(&request, &service, asking.viewer, over.code()).await;
        return Err(over.into());
    }
    info!(report.id = %id, request.id = %request_id, "A viewer reported an alert");
    answer(asking.form, &[("report", "valueId", &id.to_string())])
}

fn report(service: &Service, asking: &Asking, asked: &OnceAsked) -> Result<AlertReport, Refusal> {
    Ok(AlertReport {
        at: service.clock.now(),
        request_id: asking.request_id,
        nhs_number: asked.mandatory("nhs-number", "is the child's NHS number, ten digits", {
            |text| NhsNumber::parse(text).ok()
        })?,
        fault: asked.mandatory("kind", "is missing or wrong", AlertFault::parse)?,
        plan: asked.optional("flag", "is the id of the Flag that is wrong", flag)?,
        authority: asked.optional("authority", "is a local authority's ODS code", |text| {
            OdsCode::parse(text).ok()
        })?,
        words: asked
            .optional("text", "is at most 500 characters long", FreeWords::parse)?
            .unwrap_or_default(),
        viewer: asking.viewer.clone(),
    })
}

/// The id of a Flag, or a reference to it.
fn flag(text: &str) -> Option<Uuid> {
    child_criterion::id(text.strip_prefix("Flag/").unwrap_or(text))
}
