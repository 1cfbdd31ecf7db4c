//! What is looked after beside the requests, for as long as the process serves.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tracing::error;

use crate::api::register;
use crate::api::service::Service;
use crate::budgets::review::review;
use crate::budgets::sharing::share_for_ever;
use crate::domain::calendar::{day_of, days_before};
use crate::domain::look_budget::Slot;
use crate::intake::following::follow_numbers;
use crate::sealing::lag::seal_for_ever;
use crate::server::daily::{tell_of_ended_plans, tell_of_waiting_reports};
use crate::server::doorway::Doorway;
use crate::server::turned_away::tell_for_ever;
use crate::store::{backlog, look_tallies, partitions, request_looks, used_assertions};

/// Begins all of it, on the present thread.
pub(super) fn begin(service: &Data<Service>, doorway: &Arc<Doorway>) {
    actix_web::rt::spawn(look_after(service.clone()));
    actix_web::rt::spawn(follow(service.clone()));
    actix_web::rt::spawn(share_budgets(service.clone()));
    actix_web::rt::spawn(follow_key_sets(service.clone()));
    actix_web::rt::spawn(watch_inbox(service.clone()));
    if let Some(sealer) = service.sealer.clone() {
        actix_web::rt::spawn(seal_for_ever(sealer, service.clock.clone()));
    }
    actix_web::rt::spawn(watch_tls(Arc::clone(doorway)));
    actix_web::rt::spawn(tell_for_ever(Arc::clone(doorway), service.clone()));
}

/// Tells the other processes what is looked at in this one, for ever.
pub async fn share_budgets(service: Data<Service>) {
    let clock = service.clock.clone();
    share_for_ever(&service.door.budgets, &service.query, || clock.now()).await;
}

/// Asks for the public keys that are had from URLs, for ever.
async fn follow_key_sets(service: Data<Service>) {
    loop {
        service.key_sets.refresh(service.clock.now()).await;
        tokio::time::sleep(register::REFRESH).await;
    }
}

/// Looks into our MESH inbox for ever, where there is one.
async fn watch_inbox(service: Data<Service>) {
    if let Some(inbox) = &service.inbox {
        inbox.watch(&service).await;
    }
}

/// Looks for new files of TLS for ever, where TLS ends here.
async fn watch_tls(doorway: Arc<Doorway>) {
    if let Some(tls) = &doorway.tls {
        tls.watch().await;
    }
}

/// Keeps the register fresh and the months of the access history planned, looks at what is owed,
/// and once a day tells of reports that wait and of plans that ended, for ever.
pub async fn look_after(service: Data<Service>) {
    let mut reviewed = None;
    let mut reports_counted_at = DateTime::<Utc>::MIN_UTC;
    let mut ends_told_on = None;
    loop {
        let now = service.clock.now();
        if let Err(cause) = service.register.refresh(&service.query, now).await {
            error!(cause = %cause, "The register could not be read");
        }
        let planned = service
            .query
            .run(move |postgres| partitions::plan_months(postgres, now))
            .await;
        if let Err(cause) = planned {
            error!(cause = %cause, "The months of the access history could not be planned");
        }
        forget(&service, now).await;
        if let Err(cause) = service.security_log.add_counted(now).await {
            error!(cause = %cause, "Refusals that were counted could not be put on record");
        }
        match service.notifier.store.run(backlog::backlog).await {
            Ok(owed) => service
                .alarm
                .look(&owed, now, service.notifier.rule.alarm_age),
            Err(cause) => error!(cause = %cause, "What is owed could not be counted"),
        }
        reviewed = review_yesterday(&service, now, reviewed).await;
        if now.signed_duration_since(reports_counted_at) >= REPORTS_COUNTED_AGAIN {
            reports_counted_at = now;
            tell_of_waiting_reports(&service, now).await;
        }
        let today = day_of(now);
        if ends_told_on != Some(today) && tell_of_ended_plans(&service, now).await {
            ends_told_on = Some(today);
        }
        tokio::time::sleep(register::REFRESH).await;
    }
}

/// Reviews the looks of the day before, once; the last day that is reviewed.
async fn review_yesterday(
    service: &Service,
    now: DateTime<Utc>,
    reviewed: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let yesterday = days_before(day_of(now), 1);
    if reviewed == Some(yesterday) {
        return reviewed;
    }
    match review(&service.query, yesterday).await {
        Ok(_) => Some(yesterday),
        Err(cause) => {
            error!(cause = %cause, "The looks of the day before could not be reviewed");
            reviewed
        }
    }
}

/// Removes what has served its time: tallies of looks, requests that nobody sends again, and
/// assertions that have expired.
async fn forget(service: &Service, now: DateTime<Utc>) {
    let counted = Slot::of(now).first_counted();
    let forgotten = service
        .query
        .run(move |postgres| {
            look_tallies::forget(postgres, counted)?;
            request_looks::forget(postgres, now)?;
            used_assertions::forget_expired(postgres, now)
        })
        .await;
    if let Err(cause) = forgotten {
        error!(cause = %cause, "What has served its time could not be removed");
    }
}

/// How often the waiting reports are counted.
const REPORTS_COUNTED_AGAIN: TimeDelta = TimeDelta::days(1);

/// How long to wait after some children were traced: with fifty at once every child of the country
/// is traced within a week, and uploads keep most of what the demographics service allows.
const FOLLOWING_PAUSE: Duration = Duration::from_secs(30);

/// Follows the numbers of the children held, for ever, where there is a service to ask.
pub async fn follow(service: Data<Service>) {
    while service.matching.demographics.traces() {
        let now = service.clock.now();
        let followed = follow_numbers(&service.upkeep, &service.matching, now).await;
        if let Err(cause) = followed {
            error!(cause = %cause, "The NHS numbers of children held could not be traced");
        }
        tokio::time::sleep(FOLLOWING_PAUSE).await;
    }
}
