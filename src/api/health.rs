//! `GET /_ping` and `GET /_status`: alive, ready, or not; for load balancers and the operator at
//! night. Neither needs a token, and neither says more than whether the database answers, whether
//! answers are put on record, how much is owed to local authorities, how many reports of alerts
//! wait for them, and whether the access history is sealed in time.

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::{Map, Value, json};

use crate::api::service::Service;
use crate::domain::alert_report::OPEN_MAX;
use crate::notifier::alarm;
use crate::sealing::lag::{LAG_MAX, age};
use crate::store::{Store, backlog, health, sealed_checkpoints, waiting_reports};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The longest a side may take to answer: whoever asks after the service's health gives up before
/// an upload would, and a database that is frozen is no healthier than one that is gone.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Answers that the process is alive, whatever becomes of the database.
pub async fn ping() -> HttpResponse {
    answer(
        StatusCode::OK,
        &json!({ "status": "pass", "version": VERSION }),
    )
}

/// Answers whether the service can do its work: `pass` (ready), `warn` (it answers callers, but
/// takes no uploads in: degraded) or `fail` (it cannot answer callers).
pub async fn status(service: Data<Service>) -> HttpResponse {
    let (query, query_check) = check(&service.query).await;
    let (intake, intake_check) = check(&service.intake).await;
    let answers = service.door.answers.are_written();
    let (code, status) = judgement(query && answers, intake);
    let mut checks = owed(&service).await;
    checks.extend(reports(&service).await);
    checks.extend(unsealed(&service).await);
    checks.insert("answers:writer".to_owned(), alive(answers));
    checks.insert("query:status".to_owned(), json!([query_check]));
    checks.insert("intake:status".to_owned(), json!([intake_check]));
    answer(
        code,
        &json!({ "status": status, "version": VERSION, "checks": checks }),
    )
}

/// What the service is, where callers can be answered or not, and uploads taken in or not.
fn judgement(callers: bool, uploads: bool) -> (StatusCode, &'static str) {
    match (callers, uploads) {
        (true, true) => (StatusCode::OK, "pass"),
        (true, false) => (StatusCode::OK, "warn"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "fail"),
    }
}

/// Whether what puts answers on record is alive. Where it is not, nothing about a child is told any
/// more until the process is started again.
fn alive(is_alive: bool) -> Value {
    json!([{ "status": if is_alive { "pass" } else { "fail" } }])
}

/// How much is owed to local authorities, how old the oldest of it is, and how much was given up.
/// Nobody is kept from answering by it: the status stays what it is.
async fn owed(service: &Service) -> Map<String, Value> {
    let counted = service.notifier.store.run(backlog::backlog);
    let Ok(Ok(backlog)) = tokio::time::timeout(ANSWER_MAX, counted).await else {
        let failed = json!([{ "status": "fail" }]);
        return Map::from_iter([("notifications:owed".to_owned(), failed)]);
    };
    let age = alarm::age(&backlog, service.clock.now());
    let is_young = age <= service.notifier.rule.alarm_age;
    Map::from_iter([
        (
            "notifications:owed".to_owned(),
            judged(true, backlog.owed, "notifications"),
        ),
        (
            "notifications:oldest".to_owned(),
            judged(is_young, age.num_seconds(), "s"),
        ),
        (
            "notifications:given-up".to_owned(),
            judged(backlog.given_up == 0, backlog.given_up, "notifications"),
        ),
    ])
}

/// How many reports of alerts wait to be closed, and how old the oldest of them is.
async fn reports(service: &Service) -> Map<String, Value> {
    let now = service.clock.now();
    let counted = service
        .upkeep
        .run(move |postgres| waiting_reports::waiting(postgres, now));
    let Ok(Ok(waiting)) = tokio::time::timeout(ANSWER_MAX, counted).await else {
        let failed = json!([{ "status": "fail" }]);
        return Map::from_iter([("alert-reports:open".to_owned(), failed)]);
    };
    let age = waiting
        .oldest
        .map(|oldest| now.signed_duration_since(oldest));
    let age = age.unwrap_or_default();
    Map::from_iter([
        (
            "alert-reports:open".to_owned(),
            judged(true, waiting.reports, "reports"),
        ),
        (
            "alert-reports:oldest".to_owned(),
            judged(age <= OPEN_MAX, age.num_seconds(), "s"),
        ),
    ])
}

/// How much of the access history waits to be sealed, how old the oldest of it is, and how long ago
/// something was sealed last, where this process seals.
async fn unsealed(service: &Service) -> Map<String, Value> {
    if service.sealer.is_none() {
        return Map::new();
    }
    let counted = service.query.run(sealed_checkpoints::unsealed);
    let Ok(Ok(waiting)) = tokio::time::timeout(ANSWER_MAX, counted).await else {
        let failed = json!([{ "status": "fail" }]);
        return Map::from_iter([("audit:unsealed".to_owned(), failed)]);
    };
    let now = service.clock.now();
    let age = age(&waiting, now);
    let sealed = waiting.last_sealed.map(|at| now.signed_duration_since(at));
    let sealed = sealed.unwrap_or_default().num_seconds();
    Map::from_iter([
        (
            "audit:unsealed".to_owned(),
            judged(true, waiting.rows, "rows"),
        ),
        (
            "audit:oldest-unsealed".to_owned(),
            judged(age <= LAG_MAX, age.num_seconds(), "s"),
        ),
        ("audit:last-sealed".to_owned(), judged(true, sealed, "s")),
    ])
}

fn judged(good: bool, value: i64, unit: &str) -> Value {
    let status = if good { "pass" } else { "warn" };
    json!([{ "status": status, "observedValue": value, "observedUnit": unit }])
}

async fn check(store: &Store) -> (bool, Value) {
    let began_at = Instant::now();
    let answer = tokio::time::timeout(ANSWER_MAX, store.run(health::answers)).await;
    let answers = matches!(answer, Ok(Ok(())));
    let status = if answers { "pass" } else { "fail" };
    let milliseconds = u64::try_from(began_at.elapsed().as_millis()).unwrap_or(u64::MAX);
    (
        answers,
        json!({ "status": status, "observedValue": milliseconds, "observedUnit": "ms" }),
    )
}

fn answer(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body)
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;

    use super::{alive, judgement};

    #[test]
    fn where_callers_cannot_be_answered_it_fails_and_where_uploads_cannot_it_warns() {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(judgement(true, true), (StatusCode::OK, "pass"));
        assert_eq!(judgement(true, false), (StatusCode::OK, "warn"));
        assert_eq!(judgement(false, true), (unavailable, "fail"));
        assert_eq!(judgement(false, false), (unavailable, "fail"));
        let status = |is_alive| alive(is_alive).pointer("/0/status").cloned();
        assert_eq!(status(true), Some("pass".into()));
        assert_eq!(status(false), Some("fail".into()));
    }
}
