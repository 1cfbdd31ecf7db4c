//! `GET /_ping` and `GET /_status`: alive, ready, or not; for load balancers and the operator at
//! night. Neither needs a token, and neither says more than whether the database answers and
//! whether answers are put on record. What is owed, waits or is unsealed rises when somebody looks
//! at a child: that is told to monitoring alone, by `metrics`.

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::{Value, json};

use crate::api::service::Service;
use crate::store::{Store, health};

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
    let checks = json!({
        "answers:writer": alive(answers),
        "query:status": [query_check],
        "intake:status": [intake_check],
    });
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
