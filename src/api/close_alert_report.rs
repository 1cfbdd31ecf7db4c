//! `POST [base]/$close-alert-report`: a local authority's system says what came of a report that
//! concerns the authority. What is on record stands: a report is closed once.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use tracing::info;

use crate::api::asking::Stated;
use crate::api::caller::uploader;
use crate::api::error::Refusal;
use crate::api::once_asked::{OnceAsked, answer};
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::alert_report::{AlertOutcome, Closing, FreeWords};
use crate::store::alert_reports::{self, ClosedReport};

/// What a closing says.
const NAMES: [&str; 3] = ["report", "outcome", "text"];

/// Closes a report.
///
/// # Errors
/// [`Refusal`] when the report does not concern the caller's authority, was closed with another
/// outcome, or the closing cannot be read or put on record.
pub async fn close_alert_report(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let stated = Stated::of(&request)?;
    let caller = uploader(&request, &service).await?;
    let asked = OnceAsked::of(&request, payload, &NAMES).await?;
    let outcome = "is corrected, not-wrong or not-ours";
    let closing = Closing {
        at: service.clock.now(),
        outcome: asked.mandatory("outcome", outcome, AlertOutcome::parse)?,
        words: asked
            .optional("text", "is at most 500 characters long", FreeWords::parse)?
            .unwrap_or_default(),
    };
    let id = asked.mandatory("report", "is the id of a report", child_criterion::id)?;
    let report = ClosedReport {
        authority: caller.organisation,
        id,
        client_id: caller.client_id,
    };
    let said = closing.outcome;
    let recorded = service
        .intake
        .of(&report.authority)
        .transaction(move |postgres| alert_reports::close(postgres, &report, &closing))
        .await?;
    if recorded.ok_or(Refusal::NotFound)? != said {
        return Err(Refusal::Closed);
    }
    info!(report.id = %id, outcome = said.code(), "An authority closed a report");
    let told = [
        ("report", "valueId", id.to_string()),
        ("outcome", "valueCode", said.code().to_owned()),
    ];
    let told = told.each_ref();
    answer(
        stated.form,
        &told.map(|(name, member, value)| (*name, *member, value.as_str())),
    )
}
