//! `GET [base]/$accesses?since=…`: who looked at the children of the local authority whose system
//! asks, in whichever care setting, newest first, as CSV (`docs/reconciling.md`).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use crate::api::error::Refusal;
use crate::api::reading_back::{Reader, Rest, csv, next_link, unknown};
use crate::api::search::SearchRefusal;
use crate::api::search::once::set;
use crate::api::service::Service;
use crate::disclosure::read_back::child_accesses;
use crate::domain::reading::ReadBack;
use crate::messages::child_accesses_csv::write;
use crate::store::child_accesses::AccessRange;

/// The parameters that say of which time.
pub const PERIOD: [&str; 2] = ["since", "until"];

/// The path under the base URL.
const PATH: &str = "$accesses";

/// The most accesses in one file.
const ACCESSES_MAX: usize = 10_000;

/// The longest time that one reading looks back over: a month, so that few partitions of the access
/// history are looked through.
const PERIOD_MAX: TimeDelta = TimeDelta::days(31);

/// Tells an authority who looked at its children.
///
/// # Errors
/// [`Refusal`] when it may not be told, no time is named, or nothing can be trusted.
pub async fn accesses(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(&request, &service, ReadBack::Accesses).await?;
    let range = match reader.rest(&service, PATH)? {
        Some(rest) => going_on(&rest).ok_or(Refusal::Page)?,
        None => first(&reader)?,
    };
    let most = range.most;
    let (since, until) = (range.since, range.until);
    let windows = service.door.rules.windows;
    let read = child_accesses(&service.query, reader.reading, range, windows).await?;
    let Some((told, are_more)) = read else {
        return Err(unknown(&request, &service, reader.caller).await);
    };
    let last = told.last().filter(|_| are_more);
    let next = last.and_then(|last| {
        let rest = Rest {
            path: PATH.to_owned(),
            authority: reader.caller.organisation.as_str().to_owned(),
            after: (written(last.access.at), last.access.id),
            asked: vec![written(since), written(until)],
            count: most,
            until: service.seal.until(service.clock.now()),
        };
        next_link(&service, &rest)
    });
    Ok(csv(write(&told), next.as_deref()))
}

/// The first page: its time must be named.
fn first(reader: &Reader) -> Result<AccessRange, Refusal> {
    let now = reader.reading.at;
    let since = moment(reader, "since")?.ok_or(Refusal::Period)?;
    // The present moment's own accesses too.
    let until = moment(reader, "until")?.unwrap_or(now + TimeDelta::milliseconds(1));
    let period = until.signed_duration_since(since);
    if period < TimeDelta::zero() || period > PERIOD_MAX {
        return Err(Refusal::Period);
    }
    Ok(AccessRange {
        since,
        until,
        before: (until, Uuid::nil()),
        most: reader.count(ACCESSES_MAX)?,
    })
}

/// What is left of the same time.
fn going_on(rest: &Rest) -> Option<AccessRange> {
    let [since, until] = rest.asked.as_slice() else {
        return None;
    };
    Some(AccessRange {
        since: since.parse().ok()?,
        until: until.parse().ok()?,
        before: (rest.after.0.parse().ok()?, rest.after.1),
        most: rest.count,
    })
}

fn moment(reader: &Reader, name: &str) -> Result<Option<DateTime<Utc>>, SearchRefusal> {
    let mut moment = None;
    for parameter in reader.parameters.iter().filter(|one| one.written == name) {
        // A plus sign of a query string reads as a space.
        let value = DateTime::parse_from_rfc3339(&parameter.value.replace(' ', "+")).ok();
        let value = value.map(|moment| moment.to_utc());
        let expected = "a moment is written with its offset, as in 2026-11-20T00:00:00Z";
        set(&mut moment, value, parameter, expected)?;
    }
    Ok(moment)
}

/// To the microsecond, as the database has it.
fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}
