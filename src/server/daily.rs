//! What is looked for once a day: reports that have waited too long, and plans that ended.

use chrono::{DateTime, Utc};
use tracing::{error, info, warn};

use crate::api::service::Service;
use crate::domain::alert_report::OPEN_MAX;
use crate::intake::ends::tell_of_ends;
use crate::store::waiting_reports::{self, Waiting};

/// Owes authorities a notification of each plan that ended because the child is eighteen; whether
/// that is done for this day.
pub async fn tell_of_ended_plans(service: &Service, now: DateTime<Utc>) -> bool {
    match tell_of_ends(&service.upkeep, service.door.rules.windows, now).await {
        Ok(0) => true,
        Ok(plans) => {
            info!(plans, "Plans ended because the child is eighteen");
            true
        }
        Err(cause) => {
            error!(cause = %cause, "The plans that ended today could not be looked for");
            false
        }
    }
}

/// Tells the operator how many reports have waited too long: for an authority, or for the operator
/// because none is known to be concerned.
pub async fn tell_of_waiting_reports(service: &Service, now: DateTime<Utc>) {
    let before = now - OPEN_MAX;
    let waiting = service
        .upkeep
        .run(move |postgres| waiting_reports::waiting(postgres, before))
        .await;
    match waiting {
        Ok(Waiting { reports: 0, .. }) => {}
        Ok(Waiting { reports, .. }) => warn!(
            reports,
            "Reports of alerts have waited for more than 14 days"
        ),
        Err(cause) => error!(cause = %cause, "The waiting reports could not be counted"),
    }
}
