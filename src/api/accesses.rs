//! `GET [base]/$accesses?since=…`: who looked at the children of the local authority whose system
//! asks, in whichever care setting, newest first: as CSV (`docs/reconciling.md`), or as
//! `AuditEvent`s for whoever names one of FHIR's forms.

use actix_web::http::header::ACCEPT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, agreed};
use crate::api::reading_back::{Reader, Rest, csv, next_link, unknown};
use crate::api::search::SearchRefusal;
use crate::api::search::once::set;
use crate::api::search::parameters::{Parameter, read, write as write_parameters};
use crate::api::service::Service;
use crate::disclosure::read_back::child_accesses;
use crate::domain::child_access::ChildAccess;
use crate::domain::ods_code::OdsCode;
use crate::domain::reading::ReadBack;
use crate::fhir::Resource;
use crate::fhir::audit_event::told::told_audit_event;
use crate::fhir::bundle::{SearchMode, Searchset, uncounted};
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
    let form = form(&request)?;
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
    let Some(form) = form else {
        return Ok(csv(write(&told), next.as_deref()));
    };
    let asker = (&reader.caller.organisation, reader.parameters.as_slice());
    Answer::made(audit_events(&service, asker, &told, next)).response(form)
}

/// The form of FHIR that is asked for; none for CSV, which is told to whoever names no form.
fn form(request: &HttpRequest) -> Result<Option<Form>, Refusal> {
    let parameters = read(request.query_string());
    let asked = parameters.iter().rev().find(|one| one.written == "_format");
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let named = asked.map_or(accepted.unwrap_or("*/*"), |asked| &asked.value);
    let named = named.to_ascii_lowercase();
    let is_csv = named.contains("csv") || (named.contains("*/*") && !named.contains("fhir"));
    match is_csv {
        true => Ok(None),
        false => agreed(request, request.query_string()).map(Some),
    }
}

/// The accesses of a page as AuditEvents in the authority's view. How many there are in all nobody
/// has counted.
fn audit_events(
    service: &Service,
    (authority, parameters): (&OdsCode, &[Parameter]),
    told: &[ChildAccess],
    next: Option<String>,
) -> Resource {
    let event = |told| {
        let event = told_audit_event(told, authority, &service.base);
        (SearchMode::Match, Resource::AuditEvent(Box::new(event)))
    };
    let format = parameters.iter().filter(|one| one.written == "_format");
    let format: Vec<_> = format.cloned().collect();
    let with_format = |url: String| match format.is_empty() {
        true => url,
        false => format!("{url}&{}", write_parameters(&format)),
    };
    let asked = write_parameters(parameters);
    let page = Searchset {
        self_link: format!("{}/{PATH}?{asked}", service.base),
        next: next.map(with_format),
        total: 0,
        entries: told.iter().map(event).collect(),
    };
    Resource::Bundle(Box::new(uncounted(page.bundle(&service.base))))
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
